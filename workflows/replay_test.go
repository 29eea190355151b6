package workflows_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/tracing"
	"rightsdesk/workflows"
)

// Tickets live for years, across releases. What a release recorded has to replay
// in every later one; `make record-histories` records.

const recordedIn = "testdata/histories"

func history(t *testing.T, file string) *historypb.History {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	h, err := client.HistoryFromJSON(f, client.HistoryJSONOptions{})
	require.NoError(t, err)
	require.NotEmpty(t, h.Events)
	return h
}

func TestEveryRecordedHistoryReplays(t *testing.T) {
	files, err := filepath.Glob(recordedIn + "/*/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files, "no history is recorded: make record-histories")
	replayer := worker.NewWorkflowReplayer()
	workflows.Register(replayer)
	recorded := map[string]bool{}
	for _, file := range files {
		name, err := filepath.Rel(recordedIn, file)
		require.NoError(t, err)
		t.Run(name, func(t *testing.T) {
			h := history(t, file)
			recorded[h.Events[0].GetWorkflowExecutionStartedEventAttributes().GetWorkflowType().GetName()] = true
			assert.NoError(t, replayer.ReplayWorkflowHistory(nil, h))
		})
	}
	for _, name := range []string{contract.WorkflowAccountCancellation, contract.WorkflowInfoCorrection,
		contract.WorkflowComplaint, contract.WorkflowRetention, contract.WorkflowCalendarRollout} {
		assert.True(t, recorded[name], "no history of %s is recorded: make record-histories", name)
	}
}

// spans keeps the spans that were made.
type spans struct {
	sdktrace.SpanProcessor
	made int
}

func (s *spans) OnStart(context.Context, sdktrace.ReadWriteSpan) { s.made++ }
func (s *spans) OnEnd(sdktrace.ReadOnlySpan)                     {}

// Tickets that began while traces were off go on with them on, and a replay makes
// no span: what happened before was not done again.
func TestEveryRecordedHistoryReplaysWithTracesOn(t *testing.T) {
	kept := &spans{}
	traces, err := tracing.With(kept, tracing.Config{Share: 1}).Interceptors()
	require.NoError(t, err)
	require.NotEmpty(t, traces)
	var both []interceptor.WorkerInterceptor
	for _, i := range traces {
		both = append(both, i.(interceptor.WorkerInterceptor))
	}
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{Interceptors: both})
	require.NoError(t, err)
	workflows.Register(replayer)
	files, err := filepath.Glob(recordedIn + "/*/*.json")
	require.NoError(t, err)
	for _, file := range files {
		assert.NoError(t, replayer.ReplayWorkflowHistory(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), history(t, file)), file)
	}
	assert.Zero(t, kept.made)
}

// hasty is a Retention that does not wait.
func hasty(ctx workflow.Context, keep contract.RetentionStart) error {
	keep.Until = workflow.Now(ctx)
	return workflows.Retention(ctx, keep)
}

func TestAChangedWorkflowIsRefusedByItsHistory(t *testing.T) {
	for _, row := range []struct {
		name, file, workflow string
		changed              any
	}{
		{"a step too many", "complaint-answered", contract.WorkflowComplaint, workflows.InfoCorrection},
		{"a step too few", "account_cancellation-erased", contract.WorkflowAccountCancellation, workflows.Complaint},
		{"nothing carried out", "info_correction-real_name", contract.WorkflowInfoCorrection, workflows.Complaint},
		{"no wait", "retention-account", contract.WorkflowRetention, hasty},
	} {
		t.Run(row.name, func(t *testing.T) {
			replayer := worker.NewWorkflowReplayer()
			replayer.RegisterWorkflowWithOptions(row.changed, workflow.RegisterOptions{Name: row.workflow})
			quiet := log.NewStructuredLogger(slog.New(slog.DiscardHandler))
			err := replayer.ReplayWorkflowHistory(quiet, history(t, filepath.Join(recordedIn, "0.1", row.file+".json")))
			assert.ErrorContains(t, err, "TMPRL1100", "nondeterminism")
		})
	}
}
