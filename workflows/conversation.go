package workflows

import (
	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// The conversation with the person. The texts are in the database; the workflow
// knows their ids.

func (t *handling) mayAsk(in contract.StaffWords) *ticket.Error {
	if e := t.notHolder(in.By); e != nil {
		return e
	}
	switch {
	case t.s.Level < t.codeLevel():
		return ticket.Refuse("not_verified_yet")
	case t.s.Decision != nil:
		return ticket.Refuse("already_decided", "agent", string(t.s.Decision.By), "at", fact(t.s.Decision.At))
	case t.s.Asked != nil:
		return ticket.Refuse("already_asked", "at", fact(t.s.Asked.At))
	case t.s.Stage != ticket.InProgress:
		return ticket.Refuse("not_at_this_stage", "stage", string(t.s.Stage))
	}
	return nil
}

// ask asks the person for more. Under the Chinese policy the clock goes on.
func (t *handling) ask(_ workflow.Context, in contract.StaffWords, _ *contract.Done) error {
	t.renewLease()
	t.handled(in.By.ID)
	t.s.Asked = &contract.Question{Message: in.Message, At: t.now()}
	t.event(contract.ByStaff, in.By.ID, contract.ActAsked, "", in.Message)
	t.stage(ticket.WaitingOnSubject, ticket.AwaitingSubject)
	t.pauseClock(contract.ByStaff, in.By.ID)
	t.post(contract.MailOrder{Letter: contract.LetterQuestion, To: contract.ToProved, Message: in.Message})
	return nil
}

// awaitReply waits for the person's reply with reminders; silence closes the
// ticket.
func (t *handling) awaitReply() error {
	asked := *t.s.Asked
	ended, err := t.waitWithReminders(t.waitingRule(asked.At, asked.Message, "reply of the person"),
		func() bool { return t.s.Asked == nil || t.decided() })
	if err == nil && ended {
		err = silence()
	}
	return err
}

func (t *handling) mayReply(in contract.Words) *ticket.Error {
	if e := t.notOpen(); e != nil {
		return e
	}
	if t.s.Messages >= t.start.Messages {
		return ticket.Refuse("too_many_messages")
	}
	return nil
}

func (t *handling) reply(ctx workflow.Context, in contract.Words, _ *contract.Done) error {
	t.s.Messages++
	t.event(contract.BySubject, ticket.Nobody, contract.ActReplied, "", in.Message)
	if t.s.Messages == t.start.Messages {
		t.tell(contract.StaffNotice{Act: contract.ActReplied, Roles: []ticket.Role{ticket.Lead}}) // the last one allowed
	}
	if t.s.Asked != nil {
		t.s.Asked = nil
		t.stage(ticket.InProgress, ticket.AwaitingAgent)
		if err := t.resumeClock(ctx, contract.BySubject); err != nil {
			return err
		}
	}
	t.tellAssignee(contract.ActReplied)
	return nil
}

// note records an internal note. Its text is of a type of its own which no mail
// can carry.
func (t *handling) mayNote(contract.StaffWords) *ticket.Error {
	if t.ended != nil {
		return ticket.Refuse("ticket_ended", "stage", string(t.ended.stage))
	}
	return nil
}

func (t *handling) note(_ workflow.Context, in contract.StaffWords, _ *contract.Done) error {
	if t.s.Lease.Holder == in.By.ID {
		t.renewLease()
	}
	t.event(contract.ByStaff, in.By.ID, contract.ActNoted, "", in.Message)
	return nil
}

// withdraw is the person's own end of the ticket, possible until erasure begins.
func (t *handling) mayWithdraw(contract.Plain) *ticket.Error {
	if at := t.s.Account.NoReturn; !at.IsZero() {
		return ticket.Refuse("erasure_began", "at", fact(at))
	}
	if e := t.notOpen(); e != nil {
		return e
	}
	if d := t.s.Decision; d != nil && len(t.s.Account.Applied) > 0 && t.answerUnderWay() {
		return ticket.Refuse("already_decided", "agent", string(d.By), "at", fact(d.At)) // corrected: nothing is left to withdraw
	}
	return nil
}

// withdraw stops the clock at once; the procedure then ends the ticket, and
// leaves nothing half done at the account system but what staff are told to put back.
func (t *handling) withdraw(workflow.Context, contract.Plain, *contract.Done) error {
	t.event(contract.BySubject, ticket.Nobody, contract.ActWithdrawn, contract.Code(ticket.PulledOut), 0)
	t.stopClock(t.now(), true)
	t.tellAssignee(contract.ActWithdrawn)
	t.ended = withdrawal()
	return nil
}

// withdrawal is how a ticket ends that its person has taken back, which is on
// record.
func withdrawal() *ending {
	return &ending{stage: ticket.Withdrawn, outcome: ticket.PulledOut, act: contract.ActWithdrawn,
		actor: contract.BySubject, letter: contract.LetterWithdrawn, said: true}
}
