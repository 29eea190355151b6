package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// Updater is the part of the Temporal client that sends an update.
type Updater interface {
	UpdateWorkflow(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error)
}

// Rollout carries a newly loaded calendar to the open tickets.
type Rollout struct {
	temporal Updater
	now      func() time.Time
	pace     time.Duration // between two tickets
	patience time.Duration // for one ticket
}

// NewRollout takes the Temporal client and the clock. It visits at most 50
// tickets a second, so that people at work notice nothing.
func NewRollout(u Updater, now func() time.Time) *Rollout {
	return &Rollout{temporal: u, now: now, pace: 20 * time.Millisecond, patience: 20 * time.Second}
}

// progress is what a heartbeat keeps: the next attempt goes on behind it.
type progress struct {
	Visited int `json:"visited"`
	contract.Replanned
}

// ReplanTickets asks each ticket to compute its deadline anew. The update's id is
// made of the calendar's version, so that Temporal carries it out once however
// often it is sent, and answers as it did first. A ticket that ended meanwhile is
// skipped; one that does not answer counts as failed and does not hold the others
// up. An attempt that was cut off goes on where its last heartbeat stood.
func (r *Rollout) ReplanTickets(ctx context.Context, in contract.ReplanTickets) (contract.Replanned, error) {
	var done progress
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &done); err != nil || done.Visited > len(in.Numbers) {
			done = progress{}
		}
	}
	for _, number := range in.Numbers[done.Visited:] {
		moved, err := r.replan(ctx, number, in.Calendar)
		switch {
		case ctx.Err() != nil:
			return contract.Replanned{}, ctx.Err()
		case away(err):
			return contract.Replanned{}, temporal.NewApplicationError("replanning: Temporal is away", errPlan)
		case err != nil:
			done.Failed++
			activity.GetLogger(ctx).Warn("a ticket's deadline was not computed anew", "ticket", number)
		case moved:
			done.Moved++
		}
		done.Visited++
		activity.RecordHeartbeat(ctx, done)
		select {
		case <-ctx.Done():
			return contract.Replanned{}, ctx.Err()
		case <-time.After(r.pace):
		}
	}
	return done.Replanned, nil
}

// replan reports whether the deadline moved. A ticket that takes no updates any
// more, or refuses this one because it is answered, has no deadline to move.
func (r *Rollout) replan(ctx context.Context, number ticket.Number, v contract.CalendarVersion) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	handle, err := r.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID:   string(number),
		UpdateID:     fmt.Sprintf("replan-%d", v),
		UpdateName:   contract.UpdateReplan,
		Args:         []any{contract.Replan{Calendar: v, At: r.now()}},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	var result contract.Done
	if err == nil {
		err = handle.Get(ctx, &result)
	}
	var ended *serviceerror.NotFound
	var app *temporal.ApplicationError
	switch {
	case errors.As(err, &ended):
		return false, nil
	case errors.As(err, &app) && (app.Type() == contract.RefusedType || app.Type() == "AcceptedUpdateCompletedWorkflow"):
		return false, nil
	}
	return result.Moved, err
}

// away reports that Temporal itself can't be reached, as opposed to one ticket.
func away(err error) bool {
	var unavailable *serviceerror.Unavailable
	return errors.As(err, &unavailable)
}
