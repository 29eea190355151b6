package docker_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// documented are the metrics that docs/metrics.md describes: the first column of
// its tables, in backticks. The seam: once that page is there for good, the list
// below and its use go.
func documented(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	text, err := os.ReadFile("../docs/metrics.md")
	if os.IsNotExist(err) {
		for _, name := range strings.Fields(agreed) {
			known[name] = true
		}
		return known
	}
	require.NoError(t, err)
	for _, line := range strings.Split(string(text), "\n") {
		column, in := strings.CutPrefix(line, "|")
		if !in {
			continue
		}
		column, _, _ = strings.Cut(column, "|")
		for _, m := range regexp.MustCompile("`([a-z_]+)[`{]").FindAllStringSubmatch(column, -1) {
			known[m[1]] = true
		}
	}
	require.Greater(t, len(known), 20, "docs/metrics.md has no table of metrics")
	return known
}

// agreed are the names that were agreed on before there was a page of them.
const agreed = `
	rightsdesk_tickets rightsdesk_tickets_due rightsdesk_tickets_overdue rightsdesk_tickets_unassigned
	rightsdesk_deliveries_pending rightsdesk_delivery_oldest_seconds
	rightsdesk_mails_pending rightsdesk_mail_oldest_pending_seconds rightsdesk_mail_delay_seconds rightsdesk_mails_total
	rightsdesk_audit_unchained_entries rightsdesk_database_up rightsdesk_database_takes_writes rightsdesk_database_connections rightsdesk_database_wait_seconds_total
	rightsdesk_verifications_total rightsdesk_updates_seconds rightsdesk_account_acts_total rightsdesk_activity_attempts_total
	rightsdesk_tickets_filed_total rightsdesk_http_request_seconds rightsdesk_build_info
	rightsdesk_temporal_up rightsdesk_stuck_tickets
	temporal_worker_task_slots_available temporal_worker_task_slots_used temporal_sticky_cache_size temporal_num_pollers
	temporal_workflow_task_execution_failed
`

// ofPrometheus are the names that Prometheus and its Go library bring.
var ofPrometheus = map[string]bool{"up": true, "ALERTS": true, "process_cpu_seconds_total": true, "process_resident_memory_bytes": true}

var (
	quoted    = regexp.MustCompile(`"[^"]*"`)
	bracketed = regexp.MustCompile(`\{[^}]*\}|\[[^\]]*\]`)
	grouped   = regexp.MustCompile(`\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)`)
	name      = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*\s*\(?`)
	part      = regexp.MustCompile(`_(bucket|count|sum)$`)
)

// asked are the metrics that an expression asks for, histograms by their own name.
func asked(expr string) []string {
	expr = quoted.ReplaceAllString(expr, `""`)
	expr = bracketed.ReplaceAllString(expr, "")
	expr = grouped.ReplaceAllString(expr, "")
	var found []string
	for _, n := range name.FindAllString(expr, -1) {
		switch n = strings.TrimSpace(n); {
		case strings.HasSuffix(n, "("), n == "and", n == "or", n == "unless", n == "bool", n == "offset":
		default:
			found = append(found, part.ReplaceAllString(n, ""))
		}
	}
	return found
}

func TestAskedFindsTheMetricsOfAnExpression(t *testing.T) {
	for expr, want := range map[string][]string{
		`max by (desk, kind) (rightsdesk_tickets_overdue) > 0`: {"rightsdesk_tickets_overdue"},
		`histogram_quantile(0.95, sum by (le) (rate(a_seconds_bucket{outcome=~"x|y(z)"}[10m]))) > 2 and on (desk) b_total unless c`: {
			"a_seconds", "b_total", "c"},
		`label_replace(absent(up{job="x"}), "missing", "api", "", "")`: {"up"},
		`4 * 3600 < sum(x) / sum(y)`:                                   {"x", "y"},
	} {
		assert.Equal(t, want, asked(expr), expr)
	}
}

func TestAlertsAndPanelsAskForMetricsThatAreDocumented(t *testing.T) {
	known := documented(t)
	check := func(where, expr string) {
		t.Helper()
		found := asked(expr)
		assert.NotEmpty(t, found, where)
		for _, metric := range found {
			assert.True(t, known[metric] || ofPrometheus[metric], "%s asks for %s, which is no metric of the desk", where, metric)
		}
	}
	for _, a := range alerts(t) {
		check(a.Alert, a.Expr)
	}
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			check(p.Title, target.Expr)
		}
	}
	var variables struct {
		Templating struct {
			List []struct{ Definition string }
		}
	}
	readJSON(t, "grafana/rightsdesk.json", &variables)
	for _, v := range variables.Templating.List {
		if inner, is := strings.CutPrefix(v.Definition, "label_values("); is {
			metric, _, _ := strings.Cut(inner, ",")
			check(v.Definition, metric)
		}
	}
}
