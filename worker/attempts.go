package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/metrics"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// manyAttempts is how often an activity has failed when its ticket counts as stuck.
const manyAttempts = 5

// noteTimeout bounds the noting of a trouble: it must not hold the activity up.
const noteTimeout = 5 * time.Second

// attempts looks on at every attempt of every activity: it counts them, and notes
// which tickets are stuck. An activity that fails again and again is tried on and
// on by Temporal, and holds up no other ticket; here it comes to the eyes of those
// who can mend it.
type attempts struct {
	interceptor.WorkerInterceptorBase
	store   *store.Store
	metrics *metrics.Metrics
	log     *slog.Logger
	now     func() time.Time
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (a *attempts) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &attempt{ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next}, all: a}
}

type attempt struct {
	interceptor.ActivityInboundInterceptorBase
	all *attempts
}

// ExecuteActivity implements interceptor.ActivityInboundInterceptor.
func (a *attempt) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	panicked := true
	defer func() { // the panic goes on to the SDK, which makes a failure of it
		if panicked {
			a.all.failed(ctx, contract.TroublePanic)
		}
	}()
	result, err := a.Next.ExecuteActivity(ctx, in)
	panicked = false
	switch {
	case err == nil:
		a.all.succeeded(ctx)
	case errors.Is(ctx.Err(), context.Canceled), temporal.IsCanceledError(err), errors.Is(err, context.Canceled):
		// it was called off: by its workflow, or since the worker stops
	case waits(err):
		a.all.metrics.Attempted(activity.GetInfo(ctx).ActivityType.Name, false)
	default:
		a.all.failed(ctx, reason(err))
	}
	return result, err
}

// waits reports a letter that waits for its turn.
func waits(err error) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.Type() == contract.WaitsItsTurn
}

// reason is the type of an error of the activities: a word of ours, never a text.
func reason(err error) contract.TroubleCode {
	var app *temporal.ApplicationError
	switch {
	case errors.As(err, &app):
		return contract.TroubleOf(app.Type())
	case errors.Is(err, context.DeadlineExceeded):
		return contract.TroubleTimeout
	}
	return contract.TroubleUnknown
}

func (a *attempts) succeeded(ctx context.Context) {
	info := activity.GetInfo(ctx)
	a.metrics.Attempted(info.ActivityType.Name, true)
	key, _, ok := troubleKey(info)
	if !ok {
		return
	}
	if info.Attempt >= manyAttempts {
		a.over(ctx, key)
	}
	if !info.IsLocalActivity && contract.Local(info.ActivityType.Name) { // it was given up as a local one before
		key.Step = store.LocalStep
		a.over(ctx, key)
	}
}

func (a *attempts) over(ctx context.Context, key store.TroubleKey) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	if err := a.store.TroubleOver(ctx, key, a.now()); err != nil {
		a.log.Warn("taking a trouble back", "ticket", key.Workflow, "activity", key.Activity, "error", err)
	}
}

func (a *attempts) failed(ctx context.Context, code contract.TroubleCode) {
	info := activity.GetInfo(ctx)
	a.metrics.Attempted(info.ActivityType.Name, false)
	key, number, ok := troubleKey(info)
	if !ok || info.Attempt < manyAttempts {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	err := a.store.NoteTrouble(ctx, store.Trouble{TroubleKey: key, Number: number, Attempts: int(info.Attempt), Code: code,
		Since: info.ScheduledTime, LastAt: a.now()})
	if err != nil {
		a.log.Warn("noting that a ticket is stuck", "ticket", number, "activity", key.Activity, "error", err)
	}
}

// troubleKey names the activity among the troubles; false: it is of no ticket.
func troubleKey(info activity.Info) (store.TroubleKey, ticket.Number, bool) {
	number, ok := contract.NumberOf(info.WorkflowExecution.ID)
	step := info.ActivityID
	if info.IsLocalActivity {
		step = store.LocalStep
	}
	return store.TroubleKey{Workflow: info.WorkflowExecution.ID, Activity: info.ActivityType.Name, Step: step}, number, ok
}
