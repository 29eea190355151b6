package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// "Not solved": once, within the policy's days, to the privacy officer, who did
// not handle the ticket, with a new clock (GB/T 35273-2020 8.7 and 8.8).

func (t *handling) appealWaits() bool { return t.s.Appealed && !t.s.Reopened }

func (t *handling) mayAppeal(contract.Words) *ticket.Error {
	switch {
	case t.ended != nil:
		return ticket.Refuse("ticket_ended", "stage", string(t.ended.stage))
	case t.s.Answer.Delivered.IsZero():
		return ticket.Refuse("not_answered_yet")
	case t.s.Appealed:
		return ticket.Refuse("already_appealed")
	case t.s.Solved:
		return ticket.Refuse("already_solved")
	}
	return nil
}

func (t *handling) notSolved(_ workflow.Context, in contract.Words, _ *contract.Done) error {
	t.s.Appealed = true
	t.event(contract.BySubject, ticket.Nobody, contract.ActAppealed, "", in.Message)
	return nil
}

// openAppeal puts the ticket before the privacy officer with a new clock.
func (t *handling) openAppeal() error {
	return t.change(t.ctx, func(ctx workflow.Context) error {
		t.s.Reopened = true
		t.s.Decision = nil
		t.s.Outcome, t.s.Reason = ticket.Undecided, ""
		t.s.Answer = contract.AnswerMail{Sent: t.s.Answer.Sent}
		t.s.ClosedAt = time.Time{}
		t.s.Assignee, t.s.Lease = ticket.Nobody, contract.Lease{Number: t.s.Lease.Number}
		if err := t.startClock(ctx, t.now(), t.start.Terms.Appeal.Deadline, ticket.ClockAppeal); err != nil {
			return err
		}
		t.stage(ticket.Triage, ticket.AwaitingAgent)
		t.alertPrivacyOfficer()
		t.post(contract.MailOrder{Letter: contract.LetterAppealReceived, To: contract.ToProved, Due: t.s.Clock.Due})
		return nil
	})
}
