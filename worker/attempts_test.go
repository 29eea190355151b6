package worker

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/metrics"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// tried is one activity that behaves as it is told, under the eyes of attempts.
type tried struct {
	t        *testing.T
	store    *store.Store
	registry *prometheus.Registry
	number   ticket.Number
	local    bool
	name     string
	attempts int
	noted    [][]store.Trouble // what was on record when each attempt began
}

func newTried(t *testing.T, name string) *tried {
	c := config(t, nil)
	return &tried{t: t, store: c.Store, registry: prometheus.NewRegistry(), number: filed(t, c.Store), name: name}
}

func filed(t *testing.T, s *store.Store) ticket.Number {
	t.Helper()
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)
	now := time.Now()
	made, _, err := s.File(t.Context(), store.Filing{Number: ticket.NewNumber(now), Kind: ticket.Complaint, Channel: ticket.ChannelWeb,
		Relation: ticket.Self, Locale: ticket.Chinese, ReceivedAt: now, FiledAt: now, Policy: policy.Ref(), PolicyText: text, ReplyDue: now})
	require.NoError(t, err)
	return made.Number
}

// run runs the activity in a workflow of the ticket; do is told the attempt.
func (a *tried) run(workflowID string, most int32, do func(attempt int32) error) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	counted, err := metrics.New(a.registry, metrics.Build{})
	require.NoError(a.t, err)
	env.SetWorkerOptions(sdk.Options{Interceptors: []interceptor.WorkerInterceptor{
		&attempts{store: a.store, metrics: counted, log: slog.New(slog.DiscardHandler), now: time.Now}}})
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: workflowID, TaskQueue: "q"})
	env.RegisterActivityWithOptions(func(ctx context.Context) error {
		found, err := a.store.Troubles(ctx, a.number)
		require.NoError(a.t, err)
		a.noted = append(a.noted, found)
		a.attempts++
		return do(activity.GetInfo(ctx).Attempt)
	}, activity.RegisterOptions{Name: a.name})
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		retry := &temporal.RetryPolicy{InitialInterval: time.Millisecond, BackoffCoefficient: 1, MaximumAttempts: most}
		if a.local {
			ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute, RetryPolicy: retry})
			return workflow.ExecuteLocalActivity(ctx, a.name).Get(ctx, nil)
		}
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, RetryPolicy: retry})
		return workflow.ExecuteActivity(ctx, a.name).Get(ctx, nil)
	})
	require.True(a.t, env.IsWorkflowCompleted())
}

func (a *tried) left() []store.Trouble {
	a.t.Helper()
	found, err := a.store.Troubles(a.t.Context(), a.number)
	require.NoError(a.t, err)
	return found
}

func away() error {
	return temporal.NewApplicationError("the mail server is away", string(contract.TroubleMail))
}

func TestATicketWhoseActivityFailsFiveTimesIsStuckUntilItSucceeds(t *testing.T) {
	a := newTried(t, contract.ActivitySendMail)
	a.run(string(a.number), 0, func(attempt int32) error {
		if attempt < 8 {
			return away()
		}
		return nil
	})
	require.Len(t, a.noted, 8)
	for i, noted := range a.noted {
		if i < 5 { // the fifth attempt has not failed yet
			assert.Empty(t, noted, "before attempt %d", i+1)
			continue
		}
		require.Len(t, noted, 1, "before attempt %d", i+1)
		assert.Equal(t, i, noted[0].Attempts)
		assert.Equal(t, contract.TroubleMail, noted[0].Code)
		assert.Equal(t, contract.ActivitySendMail, noted[0].Activity)
	}
	assert.Empty(t, a.left(), "it succeeded")
	assert.Equal(t, 7.0, attemptsOf(t, a.registry, contract.ActivitySendMail, "failed"))
	assert.Equal(t, 1.0, attemptsOf(t, a.registry, contract.ActivitySendMail, "ok"))
}

func attemptsOf(t *testing.T, from prometheus.Gatherer, activity, outcome string) float64 {
	t.Helper()
	families, err := from.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() != "rightsdesk_activity_attempts_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if labels["activity"] == activity && labels["outcome"] == outcome {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

func TestAnActivityGivenUpLeavesItsTroubleToTheWatch(t *testing.T) {
	a := newTried(t, contract.ActivitySendMail)
	a.run(string(a.number), 6, func(int32) error { return errors.New("MARKED words of another system") })
	left := a.left()
	require.Len(t, left, 1)
	assert.Equal(t, contract.TroubleUnknown, left[0].Code, "never the error's text")
	assert.Equal(t, 6, left[0].Attempts)
}

func TestAPanicIsATroubleToo(t *testing.T) {
	a := newTried(t, contract.ActivityActOnAccount)
	a.run(contract.RetentionID(a.number), 5, func(int32) error { panic("at the account system") })
	left := a.left()
	require.Len(t, left, 1)
	assert.Equal(t, contract.TroublePanic, left[0].Code)
	assert.Equal(t, contract.RetentionID(a.number), left[0].Workflow)
}

func TestALetterThatWaitsItsTurnIsNoTrouble(t *testing.T) {
	a := newTried(t, contract.ActivitySendMail)
	a.run(string(a.number), 7, func(int32) error { return temporal.NewApplicationError("many letters", contract.WaitsItsTurn) })
	assert.Empty(t, a.left())
	assert.Equal(t, 7, a.attempts)
}

func TestALocalActivityIsWatchedToo(t *testing.T) {
	a := newTried(t, contract.ActivityRecord)
	a.local = true
	refused := temporal.NewApplicationError("the database refused it", string(contract.TroubleDatabase))
	a.run(string(a.number), 6, func(int32) error { return refused })
	left := a.left()
	require.Len(t, left, 1)
	assert.Equal(t, store.LocalStep, left[0].Step)

	a.local, a.registry = false, prometheus.NewRegistry() // as an ordinary activity it goes through at once
	a.run(string(a.number), 0, func(int32) error { return nil })
	assert.Empty(t, a.left())
}

func TestWorkOfNoTicketIsCountedAndNotNoted(t *testing.T) {
	a := newTried(t, contract.ActivityReplanTickets)
	a.run("calendar-rollout-cn-1", 6, func(int32) error { return away() })
	n, err := a.store.StuckTickets(t.Context())
	require.NoError(t, err)
	assert.Zero(t, n)
	problems, err := testutil.GatherAndLint(a.registry)
	require.NoError(t, err)
	assert.Empty(t, problems, "names as Prometheus wants them")
	assert.Equal(t, 6.0, attemptsOf(t, a.registry, contract.ActivityReplanTickets, "failed"))
}
