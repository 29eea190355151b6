package e2e

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asked is what a part of the desk answers on the port of its metrics.
func (w *world) asked(metrics, path string) (int, string) {
	w.t.Helper()
	resp, err := http.Get(strings.TrimSuffix(metrics, "/metrics") + path)
	require.NoError(w.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	return resp.StatusCode, string(text)
}

// measured is every sample of a part, by its name and labels.
func (w *world) measured(metrics string) map[string]string {
	w.t.Helper()
	status, text := w.asked(metrics, "/metrics")
	require.Equal(w.t, http.StatusOK, status)
	out := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		if i := strings.LastIndex(line, " "); i > 0 && !strings.HasPrefix(line, "#") {
			out[line[:i]] = line[i+1:]
		}
	}
	return out
}

var documentedMetric = regexp.MustCompile("(?m)^\\| `(\\w+)` \\|")

// families are the metrics of samples, histograms as one.
func families(samples map[string]string) map[string]bool {
	out := map[string]bool{}
	for sample := range samples {
		name, _, _ := strings.Cut(sample, "{")
		for _, part := range []string{"_bucket", "_sum", "_count"} {
			if histogram, is := strings.CutSuffix(name, part); is && samples[sample] != "" && strings.HasSuffix(histogram, "_seconds") {
				name = histogram
			}
		}
		out[name] = true
	}
	return out
}

// The whole of a ticket's life shows in the metrics, all that shows is documented,
// and no metric knows a ticket's number.
func TestTheDeskTellsOfItselfInMetricsThatAreDocumented(t *testing.T) {
	o := openOffice(t)
	o.OneWorker()
	number := o.account("account_cancellation", "zhang.wei@example.com")
	o.confirms(number)
	o.answers(agent, number, granted)

	text, err := os.ReadFile("../../docs/metrics.md")
	require.NoError(t, err)
	documented := map[string]bool{}
	for _, m := range documentedMetric.FindAllStringSubmatch(string(text), -1) {
		documented[m[1]] = true
	}
	api, worker := o.measured(o.Metrics), o.measured(o.WorkerMetrics)
	both := families(api)
	for name := range families(worker) {
		both[name] = true
	}
	for name := range both {
		if !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			assert.True(t, documented[name], "%s is not in docs/metrics.md", name)
		}
	}
	for _, name := range []string{"temporal_worker_task_slots_available", "temporal_worker_task_slots_used", "temporal_sticky_cache_size",
		"temporal_num_pollers", "temporal_request", "temporal_request_latency_seconds", "temporal_activity_execution_latency_seconds"} {
		assert.True(t, families(worker)[name], "%s is missing", name)
	}
	for _, samples := range []map[string]string{api, worker} {
		for sample := range samples {
			assert.NotContains(t, sample, string(number))
		}
	}
	for sample, want := range map[string]string{
		`rightsdesk_activity_attempts_total{activity="LookUpAccount",outcome="ok"}`: "1",
		`rightsdesk_account_acts_total{act="erase",outcome="done"}`:                 "1",
		`rightsdesk_mails_total{letter="answer",outcome="accepted"}`:                "1",
		`rightsdesk_mail_delay_seconds_count{letter="receipt"}`:                     "1",
		`rightsdesk_temporal_up`:                                         "1",
		`rightsdesk_database_up`:                                         "1",
		`rightsdesk_database_takes_writes`:                               "1",
		`rightsdesk_stuck_tickets`:                                       "0",
		`rightsdesk_tickets{kind="account_cancellation",stage="triage"}`: "0",
	} {
		assert.Equal(t, want, worker[sample], sample)
	}
	local := false
	for sample := range worker {
		local = local || strings.HasPrefix(sample, `rightsdesk_activity_attempts_total{activity="Record",outcome="ok"}`)
	}
	assert.True(t, local, "local activities are counted under their names")
}

// Readiness is the truth also when Temporal goes away later and comes back.
func TestReadinessFollowsTemporal(t *testing.T) {
	w := begin(t, "")
	ready := func(part string) func() bool {
		return func() bool {
			status, _ := w.asked(part, "/readyz")
			return status == http.StatusOK
		}
	}
	require.Eventually(t, ready(w.WorkerMetrics), time.Minute, 50*time.Millisecond)
	require.Eventually(t, ready(w.Metrics), time.Minute, 50*time.Millisecond)
	w.StopTemporal()
	require.Eventually(t, func() bool { return !ready(w.WorkerMetrics)() }, 2*time.Minute, 100*time.Millisecond)
	status, said := w.asked(w.WorkerMetrics, "/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Contains(t, said, "Temporal")
	assert.Equal(t, "0", w.measured(w.WorkerMetrics)["rightsdesk_temporal_up"])
	assert.True(t, ready(w.Metrics)(), "the form takes tickets in without Temporal")
	for _, part := range []string{w.Metrics, w.WorkerMetrics} {
		status, _ := w.asked(part, "/healthz")
		assert.Equal(t, http.StatusOK, status, "a new start would not bring Temporal back")
	}
	require.NoError(t, w.StartTemporal(t.Context()))
	require.Eventually(t, ready(w.WorkerMetrics), 2*time.Minute, 100*time.Millisecond)
	assert.Equal(t, "1", w.measured(w.WorkerMetrics)["rightsdesk_temporal_up"])
}
