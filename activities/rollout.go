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
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// Updater is the part of the Temporal client that sends an update.
type Updater interface {
	UpdateWorkflow(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error)
}

// Pace is how fast a rollout goes: how many tickets are under way at once, and how
// many are begun in a second. Where the engine is slower than that, Abreast is what
// leaves room for people at work.
type Pace struct {
	Abreast   int
	PerSecond int
}

// UsualPace takes 50 000 tickets in four minutes where the engine can.
func UsualPace() Pace { return Pace{Abreast: 8, PerSecond: 200} }

// Rollout carries a newly loaded calendar to the open tickets.
type Rollout struct {
	temporal Updater
	now      func() time.Time
	abreast  int
	pace     *rate.Limiter
	patience time.Duration // for one try at one ticket
}

// triesAtTicket is how often a ticket that does not answer is asked before it
// counts as failed.
const triesAtTicket = 2

// NewRollout takes the Temporal client, the clock and the pace, which holds for all
// rollouts of a process together.
func NewRollout(u Updater, now func() time.Time, p Pace) *Rollout {
	return &Rollout{temporal: u, now: now, abreast: p.Abreast, pace: rate.NewLimiter(rate.Limit(p.PerSecond), p.Abreast),
		patience: 20 * time.Second}
}

// ReplanTickets asks each ticket to compute its deadline anew, several abreast. The
// update's id is made of the calendar's version, so that Temporal carries it out
// once however often it is sent, and answers as it did first. A ticket that ended
// meanwhile is skipped; one that does not answer counts as failed and does not hold
// the others up. An attempt that was cut off goes on where its last heartbeat stood:
// behind the tickets before which none is unanswered. What was answered out of turn
// is asked again.
func (r *Rollout) ReplanTickets(ctx context.Context, in contract.ReplanTickets) (contract.Replanned, error) {
	count := resumed(ctx, len(in.Numbers))
	group, under := errgroup.WithContext(ctx)
	group.SetLimit(r.abreast + 1)
	group.Go(func() error { return stopping(under, activity.GetWorkerStopChannel(ctx), count.ended) })
	for i := count.begun; i < len(in.Numbers); i++ {
		if r.pace.Wait(under) != nil {
			break
		}
		group.Go(func() error { return r.visit(under, i, in, count) })
	}
	err := group.Wait()
	switch {
	case ctx.Err() != nil:
		return contract.Replanned{}, ctx.Err()
	case err != nil:
		return contract.Replanned{}, err
	}
	return count.done.Replanned, nil
}

// stopping ends an attempt whose worker is told to stop: the tickets under way can't
// answer once nobody works on them, and would count as failed. Another worker goes
// on with them.
func stopping(ctx context.Context, stop <-chan struct{}, ended <-chan struct{}) error {
	select {
	case <-stop:
		return temporal.NewApplicationError("replanning: the worker stops", errPlan)
	case <-ended:
	case <-ctx.Done():
	}
	return nil
}

// visit asks one ticket and counts its answer.
func (r *Rollout) visit(ctx context.Context, i int, in contract.ReplanTickets, count *tally) error {
	moved, err := r.persist(ctx, in.Numbers[i], in.Calendar)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case away(err):
		return temporal.NewApplicationError("replanning: Temporal is away", errPlan)
	case err != nil:
		activity.GetLogger(ctx).Warn("a ticket's deadline was not computed anew", "ticket", in.Numbers[i])
		count.answered(i, contract.Replanned{Failed: 1})
	case moved:
		count.answered(i, contract.Replanned{Moved: 1})
	default:
		count.answered(i, contract.Replanned{})
	}
	return nil
}

// persist asks a ticket again that does not answer.
func (r *Rollout) persist(ctx context.Context, number ticket.Number, v contract.CalendarVersion) (moved bool, err error) {
	for range triesAtTicket {
		if moved, err = r.replan(ctx, number, v); err == nil || away(err) || ctx.Err() != nil {
			break
		}
	}
	return moved, err
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
