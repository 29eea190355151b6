package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// A claim is a lease: it has a number which every act under it carries, and it
// ends when its holder is away. An act under a lost claim is refused in words,
// and the draft stays with the agent.

func (t *handling) mayClaim(in contract.StaffAct) *ticket.Error {
	if e := t.notOpen(); e != nil {
		return e
	}
	if h := t.s.Lease.Holder; h != ticket.Nobody && h != in.By.ID {
		return ticket.Refuse("claimed_by_other", "agent", string(h), "at", fact(t.s.Lease.Until))
	}
	return t.barred(in.By.ID, in.By.Role)
}

// barred refuses an appeal to those who handled the ticket, and to those who
// may not decide appeals.
func (t *handling) barred(id ticket.AgentID, role ticket.Role) *ticket.Error {
	if !t.s.Reopened {
		return nil
	}
	if slices.Contains(t.s.Handlers, id) {
		return ticket.Refuse("handled_before", "agent", string(id))
	}
	if !role.May(ticket.MayHandleAppeal) {
		return ticket.Refuse("appeal_needs_officer")
	}
	return nil
}

func (t *handling) claim(_ workflow.Context, in contract.StaffAct, done *contract.Done) error {
	if t.s.Lease.Holder == in.By.ID { // pressed twice, or a second window
		t.renewLease()
		done.Lease = t.s.Lease.Number
		return nil
	}
	t.s.Lease = contract.Lease{Number: t.s.Lease.Number + 1, Holder: in.By.ID}
	t.renewLease()
	t.event(contract.ByStaff, in.By.ID, contract.ActClaimed, "", 0)
	t.give(in.By.ID)
	done.Lease = t.s.Lease.Number
	return nil
}

// give makes someone the owner of the ticket.
func (t *handling) give(to ticket.AgentID) {
	t.s.Assignee = to
	t.clockRev++
	if t.s.Stage == ticket.Triage {
		t.stage(ticket.InProgress, ticket.AwaitingAgent)
	}
}

// handled remembers who judged anything of the ticket before its appeal, or spoke for
// the desk: they are barred from that.
func (t *handling) handled(by ticket.AgentID) {
	if !t.s.Reopened && !slices.Contains(t.s.Handlers, by) {
		t.s.Handlers = append(t.s.Handlers, by)
	}
}

func (t *handling) mayRelease(in contract.StaffAct) *ticket.Error { return t.notHolder(in.By) }

func (t *handling) release(ctx workflow.Context, in contract.StaffAct, _ *contract.Done) error {
	t.event(contract.ByStaff, in.By.ID, contract.ActReleased, "", 0)
	t.s.Lease.Holder, t.s.Lease.Until = ticket.Nobody, time.Time{}
	t.s.Assignee = ticket.Nobody
	return t.rearmUnassigned(ctx)
}

func (t *handling) mayAssign(in contract.Assign) *ticket.Error {
	if e := t.notOpen(); e != nil {
		return e
	}
	switch {
	case !in.By.Role.May(ticket.MayAssign):
		return ticket.Refuse("role_may_not", "role", string(in.By.Role))
	case in.To == ticket.Nobody:
		return ticket.RefuseField("to", "agent_unknown")
	case t.s.Assignee == in.To:
		return ticket.Refuse("already_assigned", "agent", string(in.To))
	}
	return t.barred(in.To, in.ToRole)
}

// assign gives the ticket to someone; whoever held a claim loses it.
func (t *handling) assign(_ workflow.Context, in contract.Assign, _ *contract.Done) error {
	t.event(contract.ByStaff, in.By.ID, contract.ActAssigned, contract.Code(in.To), 0)
	if t.s.Lease.Holder != in.To {
		t.s.Lease.Holder, t.s.Lease.Until = ticket.Nobody, time.Time{}
	}
	t.give(in.To)
	if in.To != in.By.ID {
		t.tellAssignee(contract.ActAssigned)
	}
	return nil
}

func (t *handling) mayCategorise(in contract.Categorise) *ticket.Error {
	if e := t.notHolder(in.By); e != nil {
		return e
	}
	if t.start.Kind != ticket.Complaint {
		return ticket.Refuse("no_category")
	}
	if _, ok := ticket.ParseOne(string(in.Category), ticket.Categories()); !ok {
		return ticket.RefuseField("category", "unknown_choice")
	}
	return nil
}

func (t *handling) categorise(_ workflow.Context, in contract.Categorise, _ *contract.Done) error {
	t.renewLease()
	if in.Category == t.s.Category {
		return nil
	}
	t.s.Category = in.Category
	t.event(contract.ByStaff, in.By.ID, contract.ActCategorised, contract.Code(in.Category), 0)
	if in.Category == ticket.CategorySecurityIncident {
		t.alertPrivacyOfficer()
	}
	return nil
}

func (t *handling) lease() time.Duration { return time.Duration(t.start.LeaseMinutes) * time.Minute }

// renewLease: the holder has just acted.
func (t *handling) renewLease() { t.s.Lease.Until = t.now().Add(t.lease()) }

// watchLease ends claims whose holder is away. Being at the ticket's page counts
// as being there; it is noted in the database and asked for only when the claim
// would end, so that presence costs no history.
func (t *handling) watchLease(ctx workflow.Context) {
	for {
		if err := workflow.Await(ctx, func() bool { return t.s.Lease.Holder != ticket.Nobody }); err != nil {
			return
		}
		lease := t.s.Lease
		gone := func() bool { return t.s.Lease.Holder == ticket.Nobody || t.s.Lease.Number != lease.Number }
		if _, err := waitUntil(ctx, lease.Until, "claim of "+string(lease.Holder)+": still there?", gone); err != nil {
			return
		}
		if gone() || t.now().Before(t.s.Lease.Until) {
			continue // released, or renewed by an act
		}
		var seen contract.Presence
		if err := local(ctx, contract.ActivityCheckPresence, "still there?", contract.CheckPresence{Number: t.start.Number, Agent: lease.Holder}, &seen); err != nil {
			return
		}
		if until := seen.Seen.Add(t.lease()); t.now().Before(until) && !gone() {
			t.s.Lease.Until = until
			continue
		}
		_ = t.change(ctx, func(workflow.Context) error {
			if gone() || t.now().Before(t.s.Lease.Until) {
				return errUnchanged
			}
			t.s.Lease.Holder, t.s.Lease.Until = ticket.Nobody, time.Time{}
			t.event(contract.BySystem, lease.Holder, contract.ActLeaseLost, "", 0)
			return nil
		})
	}
}
