package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// The reply clock (clause 十: 15 working days). The deadline and the instants of
// its ladder are planned in one place outside (contract.ActivityPlanClock) from
// the time of receipt, the policy and the calendar; here the clock is only kept:
// one coroutine waits for the next rung, and each change of the clock is a line
// in its ledger.

// startClock plans a clock from an instant: the receipt, or an appeal.
func (t *handling) startClock(ctx workflow.Context, from time.Time, term ticket.Term, why ticket.ClockEvent) error {
	t.s.Clock = contract.Clock{From: from, SLA: ticket.OnTrack}
	plan, err := t.planClock(ctx, term, false)
	if err != nil {
		return err
	}
	return t.adopt(ctx, plan, contract.LedgerEntry{Event: why, Actor: contract.BySystem})
}

// standing is the state of a running clock by the wall.
func (t *handling) standing() ticket.SLAState {
	c := t.s.Clock
	if !c.BreachedAt.IsZero() {
		return ticket.Breached
	}
	for _, r := range c.Rungs {
		if r.Name == ticket.RungAtRisk && !t.now().Before(r.At) {
			return ticket.AtRisk
		}
	}
	return ticket.OnTrack
}

// enter adds a line to the clock's ledger.
func (t *handling) enter(e contract.LedgerEntry) {
	c := t.s.Clock
	e.At, e.Due, e.Provisional, e.Calendar = t.now(), c.Due, c.Provisional, c.Calendar
	e.Running = c.Running()
	t.ledger = append(t.ledger, e)
	t.clockRev++
}

// runClock waits for one rung after another for as long as the ticket lives. A
// clock that stands still has no timer.
func (t *handling) runClock(ctx workflow.Context) {
	for {
		seen := t.clockRev
		changed := func() bool { return t.clockRev != seen }
		rung, ok := t.nextRung()
		if !ok {
			if err := workflow.Await(ctx, changed); err != nil {
				return
			}
			continue
		}
		timeUp, err := waitUntil(ctx, rung.At, rungSummary(rung.Name), changed)
		if err != nil {
			return
		}
		if !timeUp {
			continue
		}
		if err := t.change(ctx, func(ctx workflow.Context) error { return t.fire(ctx, rung.Name) }); err != nil {
			panic(fmt.Sprintf("workflows: the clock of ticket %s can't go on: %v", t.start.Number, err))
		}
	}
}

// nextRung is the earliest that has yet to fire, while the clock runs. While
// someone has the ticket, the rung for unassigned ones waits.
func (t *handling) nextRung() (contract.Rung, bool) {
	if !t.s.Clock.Running() {
		return contract.Rung{}, false
	}
	var next contract.Rung
	for _, r := range t.s.Clock.Rungs {
		if r.Fired || r.Name == ticket.RungUnassigned && t.s.Assignee != ticket.Nobody {
			continue
		}
		if next.Name == "" || r.At.Before(next.At) {
			next = r
		}
	}
	return next, next.Name != ""
}

// pauseClock stops the clock while the desk waits for the person, where the
// policy says so. The Chinese one does not. A deadline that has come in the same
// instant has come first.
func (t *handling) pauseClock(by contract.Actor, agent ticket.AgentID) {
	c := &t.s.Clock
	if t.start.Terms.Clock != ticket.ClockPauses || !t.s.Clock.Running() {
		return
	}
	if !t.now().Before(c.BreachAt()) && c.BreachedAt.IsZero() {
		t.breach()
	}
	c.Pauses = append(c.Pauses, contract.Pause{From: t.now()})
	t.enter(contract.LedgerEntry{Event: ticket.ClockPaused, Actor: by, Agent: agent})
}

// resumeClock goes on with the time that was left.
func (t *handling) resumeClock(ctx workflow.Context, actor contract.Actor) error {
	if !t.s.Clock.StoppedAt.IsZero() || !t.s.Clock.Paused() {
		return nil
	}
	t.s.Clock.Pauses[len(t.s.Clock.Pauses)-1].To = t.now()
	plan, err := t.planClock(ctx, t.term(), t.s.Clock.Extended)
	if err != nil {
		return err
	}
	return t.adopt(ctx, plan, contract.LedgerEntry{Event: ticket.ClockResumed, Actor: actor})
}

// stopClock ends the clock at the instant the answer was delivered. An answer and
// the deadline may come in the same instant: what decides is when the answer was
// accepted for delivery, not which of the two this workflow heard of first. A
// clock that stands still while the person is waited for has passed nothing.
// excused: the ticket ended without an answer.
func (t *handling) stopClock(at time.Time, excused bool) {
	c := &t.s.Clock
	if !c.StoppedAt.IsZero() {
		return
	}
	late := !at.Before(c.BreachAt())
	switch {
	case t.s.Clock.Paused():
		c.Pauses[len(c.Pauses)-1].To = t.now()
	case late && c.BreachedAt.IsZero():
		t.breach()
	case !late && !c.BreachedAt.IsZero():
		t.liftBreach()
		t.enter(contract.LedgerEntry{Event: ticket.ClockBreachLifted, Actor: contract.BySystem})
	}
	c.StoppedAt = at
	switch {
	case !c.BreachedAt.IsZero():
		c.SLA = ticket.Late
	case excused:
		c.SLA = ticket.StoppedSLA
	default:
		c.SLA = ticket.InTime
	}
	t.enter(contract.LedgerEntry{Event: ticket.ClockStopped, Actor: contract.BySystem})
}

// reopenClock is for an answer that came back: the clock is where it would be had
// it never stopped, under the calendar of today.
func (t *handling) reopenClock(ctx workflow.Context) error {
	c := &t.s.Clock
	c.StoppedAt = time.Time{}
	plan, err := t.planClock(ctx, t.term(), c.Extended)
	if err != nil {
		return err
	}
	if err := t.adopt(ctx, plan, contract.LedgerEntry{Event: ticket.ClockReopened, Actor: contract.BySystem}); err != nil {
		return err
	}
	if !t.now().Before(c.BreachAt()) && c.BreachedAt.IsZero() {
		t.breach()
	}
	return nil
}
