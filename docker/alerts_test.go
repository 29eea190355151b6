// Package docker_test checks what is shipped for operators: that alerts, dashboard,
// runbook and settings speak of what there is.
package docker_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// alert is an alerting rule of prometheus/rules.yml.
type alert struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func alerts(t *testing.T) []alert {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string  `yaml:"name"`
			Rules []alert `yaml:"rules"`
		} `yaml:"groups"`
	}
	readYAML(t, "prometheus/rules.yml", &file)
	var all []alert
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	require.NotEmpty(t, all)
	return all
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	require.NoError(t, yaml.Unmarshal([]byte(read(t, file)), into), file)
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

// promtool runs Prometheus' own checker.
func promtool(t *testing.T, args ...string) (string, error) {
	t.Helper()
	program, err := exec.LookPath("promtool")
	require.NoError(t, err, "promtool is missing: ./install-test-servers at the root installs it")
	out, err := exec.Command(program, args...).CombinedOutput()
	return string(out), err
}

func TestPrometheusTakesItsSettingsAndRules(t *testing.T) {
	out, err := promtool(t, "check", "config", "prometheus/prometheus.yml")
	require.NoError(t, err, out)
	out, err = promtool(t, "check", "rules", "--lint=all", "--lint-fatal", "prometheus/rules.yml")
	require.NoError(t, err, out)
}

func TestAlertsFireWhenTheyShouldAndElseNot(t *testing.T) {
	out, err := promtool(t, "test", "rules", "prometheus/rules.test.yml")
	require.NoError(t, err, out)
}

// Each alert is seen to fire in some test, with all that it says.
func TestEveryAlertIsSeenToFire(t *testing.T) {
	var file struct {
		Tests []struct {
			Cases []struct {
				Alert string `yaml:"alertname"`
				Want  []any  `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		} `yaml:"tests"`
	}
	readYAML(t, "prometheus/rules.test.yml", &file)
	fires := map[string]bool{}
	for _, test := range file.Tests {
		for _, c := range test.Cases {
			fires[c.Alert] = fires[c.Alert] || len(c.Want) > 0
		}
	}
	for _, a := range alerts(t) {
		assert.True(t, fires[a.Alert], "%s", a.Alert)
	}
}

func TestEveryAlertSaysWhatItMeansAndWhoLooks(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range alerts(t) {
		assert.False(t, seen[a.Alert], "there are two of %s", a.Alert)
		seen[a.Alert] = true
		assert.Regexp(t, `^Desk[A-Z][A-Za-z]+$`, a.Alert)
		assert.Contains(t, []string{"critical", "warning"}, a.Labels["severity"], a.Alert)
		assert.Contains(t, []string{"operations", "privacy"}, a.Labels["team"], a.Alert)
		assert.NotEmpty(t, a.For, a.Alert)
		assert.NotEmpty(t, a.Annotations["summary"], a.Alert)
		assert.Regexp(t, `\.$`, a.Annotations["description"], a.Alert)
		assert.Equal(t, "docs/runbook.md#"+strings.ToLower(a.Alert), a.Annotations["runbook_url"], a.Alert)
		assert.Contains(t, a.Expr, "desk", "%s does not say of which desk", a.Alert)
	}
}

// told are the labels that may be shown: words of the vocabulary, and machines.
// Ticket numbers and anything of a person are no labels at all.
var told = []string{"act", "activity", "channel", "failure_reason", "instance", "job", "kind", "letter", "method", "missing", "op", "outcome",
	"poller_type", "route", "stage", "state", "status", "within", "worker_type", "workflow_type"}

func TestAlertsAndPanelsShowNothingPersonal(t *testing.T) {
	label := regexp.MustCompile(`\$labels\.([a-z_]+)|\{\{\s*([a-z_]+)\s*\}\}`)
	for _, file := range []string{"prometheus/rules.yml", "grafana/rightsdesk.json"} {
		found := label.FindAllStringSubmatch(read(t, file), -1)
		assert.NotEmpty(t, found, file)
		for _, m := range found {
			assert.Contains(t, told, m[1]+m[2], file)
		}
	}
}

func TestPrometheusScrapesTheJobsThatTheAlertsAskFor(t *testing.T) {
	var settings struct {
		Scrape []struct {
			Job string `yaml:"job_name"`
			DNS []struct {
				Names []string `yaml:"names"`
				Port  int      `yaml:"port"`
			} `yaml:"dns_sd_configs"`
		} `yaml:"scrape_configs"`
	}
	readYAML(t, "prometheus/prometheus.yml", &settings)
	var compose struct {
		Services map[string]any `yaml:"services"`
	}
	readYAML(t, "compose.yaml", &compose)
	assert.True(t, strings.Contains(read(t, "settings.env"), "RIGHTSDESK_METRICS_LISTEN=0.0.0.0:9090\n"))
	var jobs []string
	for _, s := range settings.Scrape {
		jobs = append(jobs, s.Job)
		for _, dns := range s.DNS {
			for _, name := range dns.Names {
				assert.Contains(t, compose.Services, name)
				assert.Equal(t, "rightsdesk-"+name, s.Job)
			}
			assert.Equal(t, 9090, dns.Port)
		}
	}
	for _, m := range regexp.MustCompile(`job="([^"]+)"`).FindAllStringSubmatch(read(t, "prometheus/rules.yml"), -1) {
		assert.True(t, slices.Contains(jobs, m[1]), "nothing scrapes the job %s", m[1])
	}
}
