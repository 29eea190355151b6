package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// How the workflows reach the world: steps on our own database, and steps at other
// systems.

// local runs a short step on our own database as a local activity, which spares
// the history. A local activity that waits for a database to come back would fill
// it instead, so after a while the step becomes an ordinary activity and is tried
// for as long as it takes: nothing a ticket does may be dropped.
func local(ctx workflow.Context, activity, summary string, in, out any) error {
	quick := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout:    10 * time.Second,
		ScheduleToCloseTimeout: 20 * time.Second,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 2},
		Summary:                summary,
	})
	err := workflow.ExecuteLocalActivity(quick, activity, in).Get(quick, out)
	if err == nil || temporal.IsCanceledError(err) {
		return err
	}
	steady := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
		Summary:             "waiting for the database: " + summary,
	})
	return workflow.ExecuteActivity(steady, activity, in).Get(steady, out)
}

// remote runs a step at another system, patiently.
func remote(ctx workflow.Context, activity, summary string, patience time.Duration, in, out any) error {
	return begin(ctx, activity, summary, patience, in).Get(ctx, out)
}

func begin(ctx workflow.Context, activity, summary string, patience time.Duration, in any) workflow.Future {
	return workflow.ExecuteActivity(patient(ctx, summary, patience), activity, in)
}

// patient is how steps at other systems are carried out.
func patient(ctx workflow.Context, summary string, patience time.Duration) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    2 * time.Minute,
		ScheduleToCloseTimeout: patience,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 2 * time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Minute,
		},
		Summary: summary,
	})
}
