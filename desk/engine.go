package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/metrics"
	"rightsdesk/store"
	"rightsdesk/ticket"
	"rightsdesk/tracing"
)

// ErrEngineAway says that Temporal, or the worker behind it, did not answer.
// Nothing is decided: the act may be tried again.
var ErrEngineAway = errors.New("the workflow engine is away")

// IsUnavailable reports that the desk can't act now for want of the workflow
// engine or the database.
func IsUnavailable(err error) bool {
	return errors.Is(err, ErrEngineAway) || store.IsUnavailable(err)
}

// carryTimeout bounds one attempt to tell Temporal something.
const carryTimeout = 10 * time.Second

// engine is the desk's side of Temporal.
type engine struct {
	client  client.Client
	store   *store.Store
	planner *deadline.Planner
	now     func() time.Time
	log     *slog.Logger
	metrics *metrics.Metrics
}

func newEngine(c Config) *engine {
	return &engine{client: c.Temporal, store: c.Store, planner: c.Planner, now: c.Now, log: c.Log, metrics: c.Metrics}
}

// carry takes one delivery to Temporal and marks its row. It returns nil when
// Temporal has it, a *ticket.Error when the workflow refused it (both are the
// end of it), ErrEngineAway when it is to be tried again, and any other error
// when it can't be understood or answered.
func (e *engine) carry(ctx context.Context, d store.Delivery) (contract.Done, error) {
	return e.carryOf(ctx, d, nil)
}

// carryOf is carry for whoever has just read the ticket that a start is of; nil: it is
// read.
func (e *engine) carryOf(ctx context.Context, d store.Delivery, t *store.Ticket) (contract.Done, error) {
	var done contract.Done
	var err error
	ctx = tracing.Resume(ctx, d.Trace)
	switch d.Op {
	case store.OpStart:
		err = e.start(ctx, d, t)
	case store.OpRestart:
		err = e.restart(ctx, d)
	case store.OpUpdate:
		if !json.Valid(d.Payload) {
			return done, fmt.Errorf("delivery %d: its payload is no JSON", d.ID)
		}
		done, err = e.tell(ctx, d.Number, d.Name, fmt.Sprintf("delivery-%d", d.ID), json.RawMessage(d.Payload))
	default:
		err = fmt.Errorf("delivery %d: unknown operation", d.ID)
	}
	rejected := ""
	if refusal, ok := ticket.AsError(err); ok {
		rejected = refusal.Code
	} else if err != nil {
		return done, err
	}
	if marking := e.store.DeliveryDone(context.WithoutCancel(ctx), d, store.Outcome{Rejected: rejected, Rev: done.Rev}); marking != nil {
		// It will be taken again, and Temporal will know it by its id.
		e.log.Warn("marking a delivery as done", "ticket", d.Number, "delivery", d.ID, "error", marking)
	}
	return done, err
}

// update sends an update, waits until the workflow has carried it out, and notes that it
// is done. The same id twice is one act.
func (e *engine) update(ctx context.Context, number ticket.Number, name, id string, args any) (contract.Done, error) {
	done, err := e.tell(ctx, number, name, id, args)
	if err == nil {
		e.told(ctx, number, done.Rev)
	}
	return done, err
}

// tell is update, and leaves the note to whoever asks.
func (e *engine) tell(ctx context.Context, number ticket.Number, name, id string, args any) (done contract.Done, err error) {
	err = e.measured(name, func() error {
		handle, err := e.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			UpdateID:     id,
			WorkflowID:   string(number),
			UpdateName:   name,
			Args:         []any{args},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err == nil {
			err = handle.Get(ctx, &done)
		}
		switch {
		case err == nil:
			return nil
		case isGone(err):
			return e.gone(ctx, number)
		}
		return understood(name, err)
	})
	return done, err
}

// told notes that an act is done before anybody is told so. Without the note a Settler
// asks about the act later.
func (e *engine) told(ctx context.Context, number ticket.Number, rev int64) {
	if err := e.store.Told(context.WithoutCancel(ctx), number, rev); err != nil {
		e.log.Warn("noting that an act is done", "ticket", number, "error", err)
	}
}

// gone tells a ticket that has ended from one that has not begun, or whose workflow
// was lost: what is done with those waits.
func (e *engine) gone(ctx context.Context, number ticket.Number) error {
	t, err := e.store.Ticket(ctx, number)
	if err != nil {
		return err
	}
	if t.Starting {
		return fmt.Errorf("%w: the ticket's workflow has not been started yet", ErrEngineAway)
	}
	if t.Stage.Open() {
		return fmt.Errorf("%w: the ticket's workflow is missing; run rightsdesk doctor", ErrEngineAway)
	}
	return ticket.Refuse(CodeTicketClosed)
}

// isGone reports that no workflow of the ticket takes updates.
func isGone(err error) bool {
	var notFound *serviceerror.NotFound
	if errors.As(err, &notFound) {
		return true
	}
	// The workflow ended between taking the update and answering it.
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.Type() == "AcceptedUpdateCompletedWorkflow"
}

// understood turns an error of Temporal's into one of ours. Words of the SDK
// are not passed on to people.
func understood(what string, err error) error {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		var refusal ticket.Error
		if app.Type() == contract.RefusedType && app.Details(&refusal) == nil && refusal.Code != "" {
			return &refusal
		}
		return fmt.Errorf("%s: the workflow failed on it (%s): %w", what, app.Type(), err)
	}
	var service serviceerror.ServiceError
	var waited *client.WorkflowUpdateServiceTimeoutOrCanceledError
	if errors.As(err, &service) || errors.As(err, &waited) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: %s: %w", ErrEngineAway, what, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
