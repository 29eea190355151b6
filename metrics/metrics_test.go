package metrics

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func openStore(t *testing.T) *store.Store {
	t.Helper()
	vault, err := seal.Open(seal.NewMasterKey())
	require.NoError(t, err)
	s, err := store.Open("sqlite:"+filepath.Join(t.TempDir(), "desk.db"), vault)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	require.NoError(t, s.Migrate(t.Context()))
	return s
}

// everything is a registry to which all was told at least once.
func everything(t *testing.T) *prometheus.Registry {
	t.Helper()
	registry := prometheus.NewRegistry()
	m, err := New(registry, Build{Version: "1", Workflows: "0.2"})
	require.NoError(t, err)
	s := openStore(t)
	require.NoError(t, registry.Register(NewDatabase(DatabaseConfig{Store: s, Planner: deadline.NewPlanner(s, s), Writes: s.TakesWrites})))
	m.Filed(ticket.Complaint, ticket.ChannelWeb)
	m.Verification(ticket.MethodMailCode, Passed)
	m.Updated(contract.UpdateClaim, TellAccepted, time.Second)
	m.Mailed(contract.LetterReceipt, MailAccepted)
	m.MailDelayed(contract.LetterReceipt, time.Second)
	m.AccountAct(contract.StepErase, AccountDone)
	m.Attempted(contract.ActivityRecord, true)
	m.Requested("GET", "/", 200, time.Second)
	m.TemporalAnswers(true)
	return registry
}

// described reads the table rows of docs/metrics.md whose metric begins with a
// prefix: name to type and labels.
func described(t *testing.T, prefix string) map[string][2]string {
	t.Helper()
	text, err := os.ReadFile("../docs/metrics.md")
	require.NoError(t, err)
	out := map[string][2]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `("+prefix+"\\w+)` \\| (\\w+) \\|([^|]*)\\|").FindAllStringSubmatch(string(text), -1) {
		labels := regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(m[3], -1)
		var names []string
		for _, l := range labels {
			names = append(names, l[1])
		}
		slices.Sort(names)
		_, twice := out[m[1]]
		assert.False(t, twice, "%s stands twice", m[1])
		out[m[1]] = [2]string{m[2], strings.Join(names, ",")}
	}
	require.NotEmpty(t, out)
	return out
}

func exposed(t *testing.T, from prometheus.Gatherer, prefix string) map[string][2]string {
	t.Helper()
	families, err := from.Gather()
	require.NoError(t, err)
	out := map[string][2]string{}
	for _, f := range families {
		if strings.HasPrefix(f.GetName(), prefix) {
			out[f.GetName()] = [2]string{strings.ToLower(f.GetType().String()), strings.Join(labelsOf(f), ",")}
		}
	}
	return out
}

func labelsOf(f *dto.MetricFamily) (names []string) {
	for _, l := range f.GetMetric()[0].GetLabel() {
		names = append(names, l.GetName())
	}
	slices.Sort(names)
	return names
}

func TestTheDocumentationListsEveryMetricAndNoOther(t *testing.T) {
	assert.Equal(t, described(t, "rightsdesk_"), exposed(t, everything(t), "rightsdesk_"))
}

func TestNamesAreAsPrometheusWantsThem(t *testing.T) {
	problems, err := testutil.GatherAndLint(everything(t))
	require.NoError(t, err)
	assert.Empty(t, problems)
}

// Whatever counts may import metrics, so metrics imports none of the doors.
func TestMetricsImportNeitherDoorNorWorker(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "rightsdesk/metrics").Output()
	require.NoError(t, err)
	for _, p := range strings.Fields(string(out)) {
		assert.NotContains(t, []string{"rightsdesk/api", "rightsdesk/worker", "rightsdesk/desk", "rightsdesk/activities", "rightsdesk/command"}, p)
	}
}

func TestWhoCountsNothingIsTold(t *testing.T) {
	var m *Metrics
	m.Filed(ticket.Complaint, ticket.ChannelWeb)
	m.Verification(ticket.MethodMailCode, Passed)
	m.Updated("x", TellAway, time.Second)
	m.Mailed("x", MailDeferred)
	m.MailDelayed("x", time.Second)
	m.AccountAct("x", AccountFailed)
	m.Attempted("x", false)
	m.Requested("GET", "/", 200, time.Second)
	m.TemporalAnswers(true)
}

func TestTwoProcessesInOneHaveTheirOwnRegistries(t *testing.T) {
	for range 2 {
		registry := prometheus.NewRegistry()
		_, err := New(registry, Build{})
		require.NoError(t, err)
		_, err = New(registry, Build{})
		require.Error(t, err, "twice into one is a mistake")
	}
}

// The SDK's own list of names stands in its sources.
func TestEveryMeasureOfTemporalsSDKIsListedAndNoOther(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "go.temporal.io/sdk").Output()
	require.NoError(t, err)
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "internal", "common", "metrics", "constants.go"))
	require.NoError(t, err)
	values := map[string]string{"TemporalMetricsPrefix": "temporal_"}
	var there []string
	for _, m := range regexp.MustCompile(`(?m)^\s+(\w+)\s+= (\w+) \+ "(\w+)"`).FindAllStringSubmatch(string(source), -1) {
		name := values[m[2]] + m[3]
		values[m[1]] = name
		names := []string{name}
		if strings.Contains(name, "_request") { // each try is measured too
			names = append(names, name+"_attempt")
		}
		for _, n := range names {
			if strings.Contains(n, "_latency") {
				n += "_seconds"
			}
			there = append(there, n)
		}
	}
	require.NotEmpty(t, there)
	var listed []string
	for name := range described(t, "temporal_") {
		listed = append(listed, name)
	}
	assert.ElementsMatch(t, there, listed)
}

// Temporal's SDK hands its measures to a handler; under these names they are
// documented, and dashboards are written.
func TestTemporalsMeasuresKeepTheirNames(t *testing.T) {
	registry := prometheus.NewRegistry()
	h, err := Temporal(registry, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	h = h.WithTags(map[string]string{"namespace": "rightsdesk", "worker_type": "WorkflowWorker"})
	h.Gauge("temporal_worker_task_slots_available").Update(64)
	h.Counter("temporal_workflow_task_execution_failed").Inc(2)
	h.Timer("temporal_workflow_task_execution_latency").Record(20 * time.Millisecond)
	labels := "namespace,worker_type"
	assert.Equal(t, map[string][2]string{
		"temporal_worker_task_slots_available":             {"gauge", labels},
		"temporal_workflow_task_execution_failed":          {"counter", labels},
		"temporal_workflow_task_execution_latency_seconds": {"histogram", labels},
	}, exposed(t, registry, ""))
	w := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	text, err := io.ReadAll(w.Body)
	require.NoError(t, err)
	assert.Contains(t, string(text), `temporal_workflow_task_execution_latency_seconds_bucket{namespace="rightsdesk",worker_type="WorkflowWorker",le="0.025"} 1`)
	assert.NotContains(t, string(text), "otel_scope")
}
