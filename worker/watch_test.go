package worker

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"rightsdesk/contract"
	"rightsdesk/metrics"
	"rightsdesk/store"
)

// engine is Temporal as far as the watch asks it.
type engine struct {
	client.Client
	away     atomic.Bool
	reports  []string // ids of workflows that can't go on
	old      bool     // knows no TemporalReportedProblems
	pending  map[string][]*workflowpb.PendingActivityInfo
	ended    map[string]bool
	describe int
}

func (e *engine) DescribeTaskQueue(context.Context, string, enums.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error) {
	if e.away.Load() {
		return nil, serviceerror.NewUnavailable("connection refused")
	}
	return &workflowservice.DescribeTaskQueueResponse{}, nil
}

func (e *engine) ListWorkflow(context.Context, *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	if e.old {
		return nil, serviceerror.NewInvalidArgument("invalid query: unknown search attribute")
	}
	out := &workflowservice.ListWorkflowExecutionsResponse{}
	for _, id := range e.reports {
		out.Executions = append(out.Executions, &workflowpb.WorkflowExecutionInfo{Execution: &commonpb.WorkflowExecution{WorkflowId: id}})
	}
	return out, nil
}

func (e *engine) DescribeWorkflowExecution(_ context.Context, id, _ string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	e.describe++
	if e.pending[id] == nil && !e.ended[id] && len(e.reports) == 0 {
		return nil, serviceerror.NewNotFound("no such workflow")
	}
	info := &workflowpb.WorkflowExecutionInfo{Status: enums.WORKFLOW_EXECUTION_STATUS_RUNNING}
	if e.ended[id] {
		info.Status = enums.WORKFLOW_EXECUTION_STATUS_TERMINATED
	}
	for _, r := range e.reports {
		if r == id {
			info.SearchAttributes = &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{problems: {}}}
		}
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: info, PendingActivities: e.pending[id]}, nil
}

func pendingActivity(name, id string) *workflowpb.PendingActivityInfo {
	return &workflowpb.PendingActivityInfo{ActivityId: id, ActivityType: &commonpb.ActivityType{Name: name}, Attempt: 9}
}

// A worker that listened and whose Temporal went away afterwards says so.
func TestAWorkerNoLongerListensOnceTemporalWentAway(t *testing.T) {
	e := &engine{}
	c := config(t, e)
	registry := prometheus.NewRegistry()
	var err error
	c.Metrics, err = metrics.New(registry, metrics.Build{})
	require.NoError(t, err)
	turns := atomic.Int64{}
	c.Watch = func() { turns.Add(1) }
	w := New(c)
	w.askEvery = time.Millisecond
	require.EqualError(t, w.Ready(t.Context()), "it has not reached Temporal yet")
	w.listening.Store(true) // as when the SDK's worker has begun
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); w.watch(ctx) }()
	becomes := func(listening bool) {
		t.Helper()
		require.Eventually(t, func() bool { return w.Listening() == listening }, 20*time.Second, time.Millisecond)
		up := 0.0
		if listening {
			up = 1
		}
		require.Eventually(t, func() bool { return gaugeOf(t, registry, "rightsdesk_temporal_up") == up }, 20*time.Second, time.Millisecond)
	}
	becomes(true)
	e.away.Store(true)
	becomes(false)
	assert.EqualError(t, w.Ready(t.Context()), "Temporal does not answer")
	e.away.Store(false)
	becomes(true)
	assert.NoError(t, w.Ready(t.Context()))
	cancel()
	<-ended
	assert.NotZero(t, turns.Load())
}

func gaugeOf(t *testing.T, from prometheus.Gatherer, name string) float64 {
	t.Helper()
	families, err := from.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("no %s", name)
	return 0
}

func TestTheListOfStuckTicketsIsHeldAgainstTemporal(t *testing.T) {
	e := &engine{pending: map[string][]*workflowpb.PendingActivityInfo{}, ended: map[string]bool{}}
	c := config(t, e)
	at := time.Now()
	c.Now = func() time.Time { return at }
	w := New(c)
	ctx := t.Context()
	note := func(step string, workflow func(string) string) string {
		n := filed(t, c.Store)
		id := workflow(string(n))
		require.NoError(t, c.Store.NoteTrouble(ctx, store.Trouble{TroubleKey: store.TroubleKey{Workflow: id, Activity: contract.ActivitySendMail, Step: step},
			Number: n, Attempts: 5, Code: contract.TroubleMail, Since: at, LastAt: at}))
		return id
	}
	itself := func(id string) string { return id }
	still := note("7", itself)
	e.pending[still] = []*workflowpb.PendingActivityInfo{pendingActivity(contract.ActivitySendMail, "7")}
	givenUp := note("7", itself)
	e.pending[givenUp] = []*workflowpb.PendingActivityInfo{pendingActivity(contract.ActivitySendMail, "8")}
	ended := note("7", itself)
	e.ended[ended] = true
	note("7", itself) // Temporal has forgotten its workflow
	local := note(store.LocalStep, itself)
	e.pending[local] = []*workflowpb.PendingActivityInfo{}
	stuck := func() (out []string) {
		at = at.Add(checkEvery)
		w.checkTroubles(ctx)
		page, err := c.Store.Queue(ctx, store.Filter{Stuck: true}, at)
		require.NoError(t, err)
		for _, n := range page.Tickets {
			out = append(out, string(n.Number))
		}
		return out
	}
	assert.ElementsMatch(t, []string{still, local}, stuck())
	at = at.Add(localLasts)
	assert.ElementsMatch(t, []string{still}, stuck(), "a local activity was given up long ago")
	asked := e.describe
	w.checkTroubles(ctx)
	assert.Equal(t, asked, e.describe, "not again at once")
}

func TestWorkflowsThatCantGoOnAreStuckForAsLongAsTemporalSaysSo(t *testing.T) {
	e := &engine{ended: map[string]bool{}}
	c := config(t, e)
	at := time.Now()
	c.Now = func() time.Time { return at }
	w := New(c)
	n := filed(t, c.Store)
	e.reports = []string{string(n), "calendar-rollout-cn-1"}
	for range 2 {
		at = at.Add(checkEvery)
		w.checkTroubles(t.Context())
		found, err := c.Store.Troubles(t.Context(), n)
		require.NoError(t, err)
		require.Len(t, found, 1)
		assert.Equal(t, contract.TaskItself, found[0].Activity)
		assert.Equal(t, contract.TroubleWorkflow, found[0].Code)
	}
	e.reports, e.ended[string(n)] = nil, true
	at = at.Add(checkEvery)
	w.checkTroubles(t.Context())
	left, err := c.Store.StuckTickets(t.Context())
	require.NoError(t, err)
	assert.Zero(t, left)

	e.old = true
	assert.NoError(t, w.reported(t.Context()), "a server that knows nothing of it reports nothing")
}
