package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// ladder says who is told at each rung, and whose acknowledgement quiets it.
// Every rung is recorded in the ledger exactly once, quiet or not.
var ladder = map[ticket.Rung]struct {
	assignee bool
	roles    []ticket.Role
	quietBy  ticket.Role
}{
	ticket.RungUnassigned: {roles: []ticket.Role{ticket.Lead}, quietBy: ticket.Lead},
	ticket.RungHalf:       {assignee: true, quietBy: ticket.Lead},
	ticket.RungAtRisk:     {assignee: true, roles: []ticket.Role{ticket.Lead}, quietBy: ticket.Lead},
	ticket.RungLastDay:    {roles: []ticket.Role{ticket.Manager}, quietBy: ticket.Manager},
	ticket.RungOverdue:    {roles: []ticket.Role{ticket.Manager, ticket.PrivacyOfficer}, quietBy: ticket.Manager},
}

// fire is what happens when a rung's time has come. It looks again: in the
// meantime the clock may have stopped, paused or moved.
func (t *handling) fire(ctx workflow.Context, name ticket.Rung) error {
	i := rungOf(t.s.Clock.Rungs, name)
	if i < 0 || !t.s.Clock.Running() {
		return errUnchanged
	}
	rung := &t.s.Clock.Rungs[i]
	if rung.Fired || t.now().Before(rung.At) {
		return errUnchanged
	}
	switch name {
	case ticket.RungBreach:
		t.breach()
		return nil
	case ticket.RungUnassigned:
		if t.s.Assignee != ticket.Nobody {
			return errUnchanged // someone took it in this very instant
		}
	case ticket.RungAtRisk:
		t.s.Clock.SLA = t.standing()
	}
	rung.Fired = true
	t.s.Clock.Escalation++
	t.enter(contract.LedgerEntry{Event: ticket.ClockRung, Rung: name, Actor: contract.BySystem})
	t.event(contract.BySystem, ticket.Nobody, contract.ActEscalated, contract.Code(name), 0)
	t.climb(name)
	if name == ticket.RungOverdue {
		return t.overdueAgain(ctx, rung)
	}
	return nil
}

// climb tells whom the rung is for, unless they have acknowledged.
func (t *handling) climb(name ticket.Rung) {
	step := ladder[name]
	if quiets(t.s.Clock.AckedBy, step.quietBy) {
		return
	}
	n := contract.StaffNotice{Rung: name, Roles: step.roles}
	if step.assignee {
		if t.s.Assignee == ticket.Nobody {
			n.Roles = []ticket.Role{ticket.Lead} // nobody has it: the team lead stands in
		} else {
			n.Agents = []ticket.AgentID{t.s.Assignee}
		}
	}
	t.tell(n)
}

// overdueAgain arms the next working day's notice.
func (t *handling) overdueAgain(ctx workflow.Context, rung *contract.Rung) error {
	t.s.Clock.OverdueDays++
	at, err := t.nextMorning(ctx, t.now())
	if err != nil {
		return err
	}
	rung.At, rung.Fired = at, false
	return nil
}

// breach records, at its very instant, that the deadline passed unanswered.
func (t *handling) breach() {
	c := &t.s.Clock
	c.BreachedAt, c.SLA = c.BreachAt(), ticket.Breached
	if i := rungOf(c.Rungs, ticket.RungBreach); i >= 0 {
		c.Rungs[i].Fired = true
	}
	c.Escalation++
	c.AckedBy = "" // who took note before it did not take note of this
	t.enter(contract.LedgerEntry{Event: ticket.ClockBreached, Rung: ticket.RungBreach, Actor: contract.BySystem})
	t.event(contract.BySystem, ticket.Nobody, contract.ActEscalated, contract.Code(ticket.RungBreach), 0)
}

// quiets reports whether an acknowledgement by one role quiets a rung that needs
// another.
func quiets(acked, needed ticket.Role) bool {
	return acked != "" && slices.Index(ticket.Roles(), acked) >= slices.Index(ticket.Roles(), needed)
}

// rearmUnassigned gives a ticket that nobody has any more one working day until
// the team lead hears of it.
func (t *handling) rearmUnassigned(ctx workflow.Context) error {
	i := rungOf(t.s.Clock.Rungs, ticket.RungUnassigned)
	if i < 0 || t.s.Clock.Rungs[i].Fired {
		return nil
	}
	at := t.now()
	for range 2 { // a morning is passed, and the one after it is when a working day has gone
		var err error
		if at, err = t.nextMorning(ctx, at); err != nil {
			return err
		}
	}
	t.s.Clock.Rungs[i].At = at
	t.clockRev++
	return nil
}

// escalate is an agent's own call for help.
func (t *handling) mayEscalate(in contract.StaffWords) *ticket.Error { return t.notHolder(in.By) }

func (t *handling) escalate(_ workflow.Context, in contract.StaffWords, _ *contract.Done) error {
	t.renewLease()
	t.s.Clock.Escalation++
	t.event(contract.ByStaff, in.By.ID, contract.ActEscalated, contract.Code(ticket.Lead), in.Message)
	t.tell(contract.StaffNotice{Act: contract.ActEscalated, Roles: []ticket.Role{ticket.Lead, ticket.Manager}})
	return nil
}

// acknowledge: someone above has taken note, and the ladder's notices up to
// their level fall silent.
func (t *handling) mayAcknowledge(in contract.StaffAct) *ticket.Error {
	if e := t.notOpen(); e != nil {
		return e
	}
	switch {
	case !in.By.Role.May(ticket.MayAcknowledge):
		return ticket.Refuse("role_may_not", "role", string(in.By.Role))
	case t.s.Clock.Escalation == 0:
		return ticket.Refuse("nothing_to_acknowledge")
	case quiets(t.s.Clock.AckedBy, in.By.Role):
		return ticket.Refuse("already_acknowledged")
	}
	return nil
}

func (t *handling) acknowledge(_ workflow.Context, in contract.StaffAct, _ *contract.Done) error {
	t.s.Clock.AckedBy = in.By.Role
	t.event(contract.ByStaff, in.By.ID, contract.ActAcknowledged, contract.Code(in.By.Role), 0)
	t.enter(contract.LedgerEntry{Event: ticket.ClockAcknowledged, Actor: contract.ByStaff, Agent: in.By.ID})
	return nil
}

func rungSummary(r ticket.Rung) string {
	switch r {
	case ticket.RungHalf:
		return "reply clock: half of the time"
	case ticket.RungAtRisk:
		return "reply clock: 80 % of the time"
	case ticket.RungLastDay:
		return "reply clock: last working day"
	case ticket.RungBreach:
		return "reply clock: deadline"
	case ticket.RungOverdue:
		return "reply clock: overdue, next working day"
	case ticket.RungUnassigned:
		return "reply clock: unassigned for a working day"
	}
	panic("workflows: unknown rung " + string(r))
}
