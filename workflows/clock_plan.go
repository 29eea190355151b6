package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// The plan of the reply clock: asked for at the start, and anew whenever a pause,
// an extension, another calendar or an answer that came back has changed it.

// term is what the clock that runs now was promised: the ticket's, or the
// appeal's.
func (t *handling) term() ticket.Term {
	if t.s.Reopened {
		return t.start.Terms.Appeal.Deadline
	}
	return t.start.Terms.Deadline
}

// planClock asks for the plan of the clock as it stands, with or without the
// extension.
func (t *handling) planClock(ctx workflow.Context, term ticket.Term, extended bool) (plan contract.ClockPlan, err error) {
	in := contract.PlanClock{
		Number: t.start.Number, Policy: t.start.Policy, From: t.s.Clock.From, Term: term,
		Roll: t.start.Terms.Roll, // the unassigned rung is always asked for: the ticket may be given back
	}
	if extended {
		in.Extend = t.start.Terms.Extension
	}
	for _, p := range t.s.Clock.Pauses {
		if p.To.IsZero() {
			p.To = t.now()
		}
		in.Pauses = append(in.Pauses, p)
	}
	return plan, local(ctx, contract.ActivityPlanClock, "plan the reply clock", in, &plan)
}

// adopt takes a plan over and enters why; an entry without an event is left out.
// Rungs that fired stay fired, whether the plan has them or not, and no breach
// stands under a deadline that has moved beyond the present.
func (t *handling) adopt(ctx workflow.Context, plan contract.ClockPlan, why contract.LedgerEntry) error {
	c := &t.s.Clock
	rungs, err := t.carryOver(ctx, plan.Rungs)
	if err != nil {
		return err
	}
	c.Rungs = rungs
	c.Due, c.Provisional, c.Calendar = plan.Due, plan.Provisional, plan.Calendar
	lifted := false
	if !c.BreachedAt.IsZero() {
		c.BreachedAt = c.BreachAt()
		if lifted = t.now().Before(c.BreachAt()); lifted {
			t.liftBreach()
		}
	}
	c.SLA = t.standing()
	if why.Event != "" {
		t.enter(why)
	}
	if lifted {
		t.enter(contract.LedgerEntry{Event: ticket.ClockBreachLifted, Actor: contract.BySystem})
	}
	t.clockRev++
	return t.delayMissed(ctx)
}

// carryOver is a new plan's rungs with what the old ones have been through. The
// unassigned rung, and the overdue one once it repeats, are armed one morning
// after another: the plan knows their first instant only, and the calendar may
// have made a holiday of the next.
func (t *handling) carryOver(ctx workflow.Context, plan []contract.Rung) ([]contract.Rung, error) {
	rungs := slices.Clone(plan)
	for _, was := range t.s.Clock.Rungs {
		i := rungOf(rungs, was.Name)
		if i < 0 {
			if was.Fired {
				rungs = append(rungs, was)
			}
			continue
		}
		rungs[i].Fired = was.Fired
		armed := was.Name == ticket.RungUnassigned || was.Name == ticket.RungOverdue && t.s.Clock.OverdueDays > 0
		if armed && was.At.After(rungs[i].At) {
			at, err := t.nextMorning(ctx, was.At.Add(-time.Second))
			if err != nil {
				return nil, err
			}
			rungs[i].At = at
		}
	}
	return rungs, nil
}

func rungOf(rungs []contract.Rung, name ticket.Rung) int {
	return slices.IndexFunc(rungs, func(r contract.Rung) bool { return r.Name == name })
}

// liftBreach takes a breach back: the deadline has moved beyond the present, or the
// answer turns out to have been in time.
func (t *handling) liftBreach() {
	c := &t.s.Clock
	c.BreachedAt, c.OverdueDays = time.Time{}, 0
	if i := rungOf(c.Rungs, ticket.RungBreach); i >= 0 {
		c.Rungs[i].Fired = false
	}
}

// delayMissed moves rungs whose time has passed, while the clock stood still or
// before it was known, to the next morning of a working day: reminders never
// leave at another hour.
func (t *handling) delayMissed(ctx workflow.Context) error {
	for i, r := range t.s.Clock.Rungs {
		if r.Fired || r.Name == ticket.RungBreach || !r.At.Before(t.now()) {
			continue
		}
		at, err := t.nextMorning(ctx, t.now())
		if err != nil {
			return err
		}
		t.s.Clock.Rungs[i].At = at
	}
	return nil
}

func (t *handling) nextMorning(ctx workflow.Context, after time.Time) (time.Time, error) {
	var m contract.Morning
	err := local(ctx, contract.ActivityNextMorning, "next morning of a working day", contract.NextMorning{Policy: t.start.Policy, After: after}, &m)
	return m.At, err
}

// replan computes the deadline anew under a newly loaded calendar.
func (t *handling) mayReplan(contract.Replan) *ticket.Error { return nil }

func (t *handling) replan(ctx workflow.Context, in contract.Replan, done *contract.Done) error {
	c := &t.s.Clock
	if !c.StoppedAt.IsZero() || in.Calendar <= c.Calendar {
		return errUnchanged
	}
	plan, err := t.planClock(ctx, t.term(), c.Extended)
	if err != nil {
		return err
	}
	moved := contract.LedgerEntry{Actor: contract.BySystem}
	if done.Moved = !plan.Due.Equal(c.Due); done.Moved || plan.Provisional != c.Provisional {
		moved.Event = ticket.ClockMoved
	}
	return t.adopt(ctx, plan, moved)
}
