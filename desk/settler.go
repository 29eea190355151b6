package desk

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/serviceerror"

	"rightsdesk/contract"
	"rightsdesk/store"
)

// Settler sees to acts of staff that were recorded and that nobody was told the end of. An
// act is recorded a moment before Temporal has it for good: if the worker and Temporal are
// killed in that moment, and whoever asked for the act as well, its workflow never hears
// of it. (Acts of persons are kept as deliveries, and asked for again.) What stands in the database has been seen, so it holds: the workflow begins anew
// from the row, as after a restore, and carries the act out.
//
// Any number of settlers may run, in any process: of two, one restarts the workflow.
type Settler struct {
	doctor *Doctor
	grace  time.Duration // who asked for the act is told by then, if anybody
	every  time.Duration
	most   int // at once
}

// NewSettler makes a Settler. It needs Store, Temporal and Planner of the Config.
func NewSettler(c Config) *Settler {
	return &Settler{doctor: NewDoctor(c, DoctorOptions{Rate: 20, Abreast: 4}), grace: 30 * time.Second, every: 15 * time.Second, most: 1000}
}

// Run settles until ctx ends.
func (s *Settler) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.doctor.engine.log.Warn("acts wait to be settled", "error", err)
		}
		pause(ctx, s.every)
	}
}

// Sweep settles once what is unsettled by now. An error says that Temporal or the
// database is away: a ticket that can't be settled keeps no other from it.
func (s *Settler) Sweep(ctx context.Context) error {
	acts, err := s.doctor.engine.store.Unsettled(ctx, s.doctor.engine.now().Add(-s.grace), s.most)
	if err != nil {
		return err
	}
	return s.doctor.abreast(ctx, len(acts), func(ctx context.Context, i int) error {
		err := s.settle(ctx, acts[i])
		if err == nil || unreachable(err) || store.IsUnavailable(err) || ctx.Err() != nil {
			return err
		}
		s.doctor.engine.log.Warn("an act waits to be settled", "ticket", acts[i].Number, "rev", acts[i].Rev, "error", err)
		return nil
	})
}

// settle asks one workflow whether it knows of the act. One that does not answer is asked
// again at the next sweep.
func (s *Settler) settle(ctx context.Context, act store.Unsettled) error {
	if err := s.doctor.limit.Wait(ctx); err != nil {
		return err
	}
	e := s.doctor.engine
	standing, err := s.doctor.state(ctx, act.Number)
	var gone *serviceerror.NotFound
	switch {
	case errors.As(err, &gone):
		return e.store.Settled(ctx, act) // a workflow that is missing is the doctor's
	case err != nil:
		return understood("asking a workflow whether it knows of an act", err)
	case standing.Recorded >= act.Rev:
		return e.store.Told(ctx, act.Number, standing.Recorded)
	case standing.State.Rev >= act.Rev:
		return nil // it is recording it
	case standing.State.Rev < act.Told:
		e.log.Warn("a workflow is behind what people were told; run rightsdesk doctor", "ticket", act.Number)
		return e.store.Settled(ctx, act)
	}
	return s.carryOut(ctx, act)
}

// carryOut restarts a workflow that does not know of the act at a second look either: at
// the first it may have been about to.
func (s *Settler) carryOut(ctx context.Context, act store.Unsettled) error {
	pause(ctx, s.doctor.options.Pause)
	d := s.doctor
	now, err := d.closeSight(ctx, act.Number, false)
	if err != nil || !now.cutOff() {
		return err
	}
	err = d.restart(ctx, now, store.Repair{Number: act.Number, Seen: now.row.Rev, Drift: contract.DriftWorkflowBehind, At: d.engine.now()})
	if errors.Is(err, store.ErrChanged) {
		return nil
	}
	if err == nil {
		d.engine.log.Warn("an act was cut off; its ticket's workflow begins anew and carries it out", "ticket", act.Number, "rev", act.Rev)
	}
	return err
}
