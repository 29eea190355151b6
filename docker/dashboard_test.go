package docker_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// panel is a panel of the dashboard, by what is checked of it. That Grafana takes
// the whole is checked by docker/check, by Grafana's own types.
type panel struct {
	ID          int
	Type        string
	Title       string
	Description string
	GridPos     struct{ X, Y, W, H int }
	Datasource  struct{ Type, UID string }
	Targets     []struct {
		RefID        string
		Expr         string
		LegendFormat string
		Instant      bool
		Datasource   struct{ UID string }
	}
	FieldConfig struct {
		Defaults struct{ Unit string }
	}
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(read(t, file)), into), file)
}

func everyPanel(t *testing.T) []panel {
	t.Helper()
	var d struct{ Panels []panel }
	readJSON(t, "grafana/rightsdesk.json", &d)
	return d.Panels
}

// panels are those that show something.
func panels(t *testing.T) []panel {
	t.Helper()
	var shown []panel
	for _, p := range everyPanel(t) {
		if p.Type != "row" {
			shown = append(shown, p)
		}
	}
	require.NotEmpty(t, shown)
	return shown
}

func TestEveryPanelSaysWhatItShowsAndInWhichUnit(t *testing.T) {
	titles := map[string]bool{}
	for _, p := range panels(t) {
		assert.NotEmpty(t, p.Title)
		assert.False(t, titles[p.Title], "two panels are called %q", p.Title)
		titles[p.Title] = true
		assert.Regexp(t, `\.$`, p.Description, p.Title)
		assert.NotEmpty(t, p.FieldConfig.Defaults.Unit, p.Title)
		assert.Equal(t, "${datasource}", p.Datasource.UID, p.Title)
		assert.NotEmpty(t, p.Targets, p.Title)
		for _, target := range p.Targets {
			assert.Equal(t, "${datasource}", target.Datasource.UID, p.Title)
			assert.Contains(t, target.Expr, `desk=~"$desk`, "%s mixes the desks", p.Title)
			if p.Type == "timeseries" {
				assert.NotEmpty(t, target.LegendFormat, p.Title)
			}
		}
	}
}

func TestTheRowsAreThePromisePeopleMailWorkflowsAndMachines(t *testing.T) {
	var rows []string
	for _, p := range everyPanel(t) {
		if p.Type == "row" {
			rows = append(rows, p.Title)
		}
	}
	assert.Equal(t, []string{"The promise", "People", "Mail", "Workflows", "Machines"}, rows)
}

func TestPanelsLieBesideEachOtherAndNotUponEachOther(t *testing.T) {
	ids, taken := map[int]bool{}, map[string]string{}
	for _, p := range everyPanel(t) {
		assert.False(t, ids[p.ID], "two panels have the id %d", p.ID)
		ids[p.ID] = true
		g := p.GridPos
		assert.True(t, g.X >= 0 && g.W > 0 && g.H > 0 && g.X+g.W <= 24, "%s is off the grid", p.Title)
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				cell := fmt.Sprint(x, ",", y)
				assert.Empty(t, taken[cell], "%s lies upon %s", p.Title, taken[cell])
				taken[cell] = p.Title
			}
		}
	}
}

// Every expression is one that Prometheus can read: they are put into a file of
// rules, with Grafana's own variables filled in.
func TestPrometheusReadsEveryExpressionOfTheDashboard(t *testing.T) {
	filled := strings.NewReplacer("$__rate_interval", "1m", "$__range", "1h")
	type rule struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	var rules []rule
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			rules = append(rules, rule{fmt.Sprintf("panel:%d_%s", p.ID, target.RefID), filled.Replace(target.Expr)})
		}
	}
	check := func(rules []rule) (string, error) {
		text, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "panels", "rules": rules}}})
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), "rules.yml")
		require.NoError(t, os.WriteFile(file, text, 0o600))
		return promtool(t, "check", "rules", file)
	}
	out, err := check(rules)
	require.NoError(t, err, out)
	out, err = check(append(rules, rule{"wrong", rules[0].Expr + ")"}))
	require.Error(t, err, out)
}

// Each panel that names a section of the runbook names one that is there.
func TestPanelsNameAlertsThatAre(t *testing.T) {
	known := map[string]bool{}
	for _, a := range alerts(t) {
		known[a.Alert] = true
	}
	named := 0
	for _, p := range panels(t) {
		_, after, found := strings.Cut(p.Description, "Runbook: ")
		if !found {
			continue
		}
		for _, alert := range strings.Split(strings.TrimSuffix(after, "."), ", ") {
			named++
			assert.True(t, known[alert], "%s names %s", p.Title, alert)
		}
	}
	assert.Greater(t, named, 10)
}
