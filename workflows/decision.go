package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// decided reports a decision that may be carried out: approved where four eyes
// are needed.
func (t *handling) decided() bool {
	d := t.s.Decision
	return d != nil && (!d.FourEyes || d.Approved != ticket.Nobody)
}

// awaitDecision waits until an agent has decided, through as many questions to
// the person as it takes.
func (t *handling) awaitDecision() (contract.Decision, error) {
	for !t.decided() {
		if t.s.Asked != nil {
			if err := t.awaitReply(); err != nil {
				return contract.Decision{}, err
			}
			continue
		}
		if err := t.await(func() bool { return t.decided() || t.s.Asked != nil }); err != nil {
			return contract.Decision{}, err
		}
	}
	return *t.s.Decision, nil
}

func (t *handling) mayDecide(in contract.Decide) *ticket.Error {
	if e := t.notHolder(in.By); e != nil {
		return e
	}
	if e := t.barred(in.By.ID, in.By.Role); e != nil {
		return e
	}
	if d := t.s.Decision; d != nil {
		return ticket.Refuse("already_decided", "agent", string(d.By), "at", fact(d.At))
	}
	if t.s.Level < t.codeLevel() && !(in.Outcome == ticket.Declined && in.Reason == ticket.ReasonNotVerified) {
		return ticket.Refuse("not_verified_yet")
	}
	if in.Outcome != ticket.Declined {
		if e := t.notProvedEnough(); e != nil {
			return e
		}
	}
	if in.Message == 0 {
		return ticket.RefuseField("text", "words_missing")
	}
	switch in.Outcome {
	case ticket.Accepted:
	case ticket.Partly, ticket.Declined:
		if _, ok := ticket.ParseOne(string(in.Reason), ticket.RefusalReasons()); !ok {
			return ticket.RefuseField("reason", "reason_missing")
		}
	default:
		return ticket.RefuseField("outcome", "unknown_choice")
	}
	switch t.start.Kind {
	case ticket.AccountCancellation:
		return t.mayCancelAccount(in)
	case ticket.InfoCorrection:
		return t.mayCorrect(in)
	}
	return nil
}

func (t *handling) decide(ctx workflow.Context, in contract.Decide, _ *contract.Done) error {
	t.renewLease()
	t.handled(in.By.ID)
	t.s.Decision = &contract.Decision{
		By: in.By.ID, At: t.now(), Outcome: in.Outcome, Reason: in.Reason,
		Message: in.Message, Fields: in.Fields, FourEyes: t.needsFourEyes(in),
	}
	t.event(contract.ByStaff, in.By.ID, contract.ActDecided, contract.Code(in.Outcome), in.Message)
	for _, f := range in.Fields {
		t.event(contract.ByStaff, in.By.ID, contract.ActDecided, fieldCode(f), 0)
	}
	t.s.Asked, t.s.WaitingSince = nil, time.Time{}
	if err := t.resumeClock(ctx, contract.ByStaff); err != nil {
		return err
	}
	if t.s.Decision.FourEyes {
		t.stage(ticket.InProgress, ticket.AwaitingApprover)
		t.tell(contract.StaffNotice{Act: contract.ActDecided, Roles: []ticket.Role{ticket.Lead}})
		return nil
	}
	t.stage(ticket.InProgress, ticket.AwaitingMail)
	return nil
}

func fieldCode(f contract.FieldDecision) contract.Code {
	if f.Accept {
		return contract.Code(f.Field) + ":accepted"
	}
	return contract.Code(f.Field) + ":" + contract.Code(f.Reason)
}

// needsFourEyes: the policy asks it of the kind, or of a field that is accepted.
func (t *handling) needsFourEyes(in contract.Decide) bool {
	if in.Outcome == ticket.Declined {
		return false
	}
	if t.start.Terms.FourEyes || t.s.Account.ByHand {
		return true
	}
	return slices.ContainsFunc(in.Fields, func(f contract.FieldDecision) bool {
		rule, _ := t.field(f.Field)
		return f.Accept && rule.FourEyes
	})
}

func (t *handling) field(name contract.FieldName) (contract.FieldTask, bool) {
	i := slices.IndexFunc(t.start.Fields, func(f contract.FieldTask) bool { return f.Field == name })
	if i < 0 {
		return contract.FieldTask{}, false
	}
	return t.start.Fields[i], true
}

// approve is the second person's word. Nobody approves their own decision.
func (t *handling) mayApprove(in contract.Approve) *ticket.Error {
	if e := t.notOpen(); e != nil {
		return e
	}
	d := t.s.Decision
	switch {
	case d == nil || !d.FourEyes:
		return ticket.Refuse("nothing_to_approve")
	case d.Approved != ticket.Nobody:
		return ticket.Refuse("already_approved", "agent", string(d.Approved))
	case d.By == in.By.ID:
		return ticket.Refuse("own_decision")
	case !in.By.Role.May(ticket.MayApprove):
		return ticket.Refuse("role_may_not", "role", string(in.By.Role))
	}
	if t.s.Reopened && slices.Contains(t.s.Handlers, in.By.ID) {
		return ticket.Refuse("handled_before", "agent", string(in.By.ID))
	}
	return nil
}

func (t *handling) approve(_ workflow.Context, in contract.Approve, _ *contract.Done) error {
	t.handled(in.By.ID)
	if !in.Approve {
		t.event(contract.ByStaff, in.By.ID, contract.ActApprovalRefused, "", in.Message)
		t.backToAgent()
		t.tellAssignee(contract.ActApprovalRefused)
		return nil
	}
	t.s.Decision.Approved = in.By.ID
	t.event(contract.ByStaff, in.By.ID, contract.ActApproved, "", t.s.Decision.Message)
	t.s.Awaiting = ticket.AwaitingMail
	return nil
}

// backToAgent takes a decision back: it was not approved, could not be carried
// out, or its answer did not arrive.
func (t *handling) backToAgent() {
	t.s.Decision = nil
	t.s.Account.Manual = nil
	if t.s.Assignee == ticket.Nobody {
		t.stage(ticket.Triage, ticket.AwaitingAgent)
		return
	}
	t.stage(ticket.InProgress, ticket.AwaitingAgent)
}
