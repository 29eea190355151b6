package workflows

import (
	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// extendDeadline asks for the one extension the policy may allow. It takes
// effect only when the notice to the person was accepted for delivery before the
// old deadline; otherwise nothing has changed.
func (t *handling) mayExtend(in contract.StaffWords) *ticket.Error {
	if e := t.notOpen(); e != nil {
		return e
	}
	switch {
	case !in.By.Role.May(ticket.MayExtend):
		return ticket.Refuse("role_may_not", "role", string(in.By.Role))
	case t.start.Terms.Extension.IsZero() || t.s.Reopened:
		return ticket.Refuse("extension_not_allowed")
	case t.s.Clock.Extended:
		return ticket.Refuse("already_extended")
	case t.extend:
		return ticket.Refuse("extension_under_way")
	case !t.now().Before(t.s.Clock.BreachAt()):
		return ticket.Refuse("deadline_passed", "at", fact(t.s.Clock.Due))
	}
	return nil
}

func (t *handling) extendDeadline(ctx workflow.Context, in contract.StaffWords, _ *contract.Done) error {
	plan, err := t.planClock(ctx, t.term(), true)
	if err != nil {
		return err
	}
	t.extend = true
	t.event(contract.ByStaff, in.By.ID, contract.ActExtensionAsked, "", in.Message)
	step := t.post(contract.MailOrder{Letter: contract.LetterExtension, To: contract.ToProved, Message: in.Message, Due: plan.Due})
	workflow.Go(t.ctx, func(ctx workflow.Context) {
		t.awaitExtension(ctx, step, in)
	})
	return nil
}

func (t *handling) awaitExtension(ctx workflow.Context, step contract.Step, in contract.StaffWords) {
	heard := func() bool { _, ok := t.mailed[step]; return ok || t.ended != nil || !t.s.Clock.StoppedAt.IsZero() }
	if err := workflow.Await(ctx, heard); err != nil {
		return
	}
	defer func() { t.extend = false }()
	_ = t.change(ctx, func(ctx workflow.Context) error {
		sent, ok := t.mailed[step]
		entry := contract.LedgerEntry{Actor: contract.ByStaff, Agent: in.By.ID, Reason: in.Message}
		if !ok || sent.Refused || !sent.Accepted.Before(t.s.Clock.BreachAt()) || !t.s.Clock.StoppedAt.IsZero() {
			entry.Event = ticket.ClockExtensionFailed
			t.enter(entry)
			t.event(contract.BySystem, ticket.Nobody, contract.ActExtensionFailed, "", in.Message)
			t.tellAssignee(contract.ActExtensionFailed)
			return nil
		}
		plan, err := t.planClock(ctx, t.term(), true)
		if err != nil {
			return err
		}
		t.s.Clock.Extended = true
		entry.Event = ticket.ClockExtended
		t.event(contract.ByStaff, in.By.ID, contract.ActExtended, "", in.Message)
		return t.adopt(ctx, plan, entry)
	})
}
