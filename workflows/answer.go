package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// errBackToAgent says that a decision could not be carried out and lies with the
// agent again.
var errBackToAgent = errors.New("back to the agent")

// settle is the second half of every kind: what has to be known is found out, an
// agent decides, the decision is
// carried out, the answer goes out, and the person may say that it did not help:
// once, to the privacy officer, with a new clock.
func (t *handling) settle(prepare func() error, fulfil func(contract.Decision) error) error {
	for {
		if t.s.Answer.Delivered.IsZero() {
			err := t.answer(prepare, fulfil)
			if errors.Is(err, errBackToAgent) {
				continue
			}
			if err != nil {
				return err
			}
		}
		again, err := t.afterAnswer()
		if err != nil || !again {
			return err
		}
	}
}

// answer has a decision made, carried out and answered. An answer that a run before
// this one has sent is waited for.
func (t *handling) answer(prepare func() error, fulfil func(contract.Decision) error) error {
	if step := t.leftover; step != "" {
		t.leftover = ""
		return t.awaitDelivery(step)
	}
	if !t.s.Reopened { // an appeal is looked at by its officer before anyone else is asked
		if err := prepare(); err != nil {
			return err
		}
	}
	decision, err := t.awaitDecision()
	if err != nil {
		return err
	}
	if err := fulfil(decision); err != nil {
		return err
	}
	return t.deliverAnswer(decision)
}

// deliverAnswer sends the answer.
func (t *handling) deliverAnswer(d contract.Decision) error {
	var step contract.Step
	err := t.change(t.ctx, func(workflow.Context) error {
		if t.ended != nil {
			return t.ended
		}
		t.s.Answer = contract.AnswerMail{Message: d.Message, Sent: t.s.Answer.Sent + 1}
		t.s.Awaiting = ticket.AwaitingMail
		t.s.Outcome, t.s.Reason = d.Outcome, d.Reason
		step = t.post(contract.MailOrder{Letter: contract.LetterAnswer, To: contract.ToProved, Message: d.Message})
		return nil
	})
	if err != nil {
		return err
	}
	return t.awaitDelivery(step)
}

// awaitDelivery waits for what becomes of the answer. "Answered" means that the
// mail server accepted it or the person opened it on the tracking page; one that is
// refused for good lies with the agent again, and the clock never stopped.
func (t *handling) awaitDelivery(step contract.Step) error {
	heard := func() bool { _, ok := t.mailed[step]; return ok || !t.s.Answer.ReadAt.IsZero() }
	if err := t.await(heard); err != nil {
		return err
	}
	sent, ok := t.mailed[step]
	delivered := sent.Accepted
	if read := t.s.Answer.ReadAt; !ok || sent.Refused || !read.IsZero() && read.Before(delivered) {
		delivered = read
	}
	err := t.change(t.ctx, func(workflow.Context) error {
		if !delivered.IsZero() {
			t.answered(delivered)
			return nil
		}
		t.event(contract.BySystem, ticket.Nobody, contract.ActAnswerBounced, "", t.s.Answer.Message)
		if t.s.WordsLost {
			t.s.Answer.Message, t.s.Answer.Bounced = 0, true
		} else {
			t.answerCameBack()
		}
		return nil
	})
	switch {
	case err != nil || !delivered.IsZero():
		return err
	case t.s.WordsLost: // so is every address: nobody can be written to
		return &ending{stage: ticket.Closed, outcome: t.s.Outcome, act: contract.ActClosed, actor: contract.BySystem}
	}
	return errBackToAgent
}

func (t *handling) answered(at time.Time) {
	t.s.Answer.Delivered = at
	t.event(contract.BySystem, ticket.Nobody, contract.ActAnswered, contract.Code(t.s.Outcome), t.s.Answer.Message)
	t.stopClock(at, false)
	t.s.Lease.Holder, t.s.Lease.Until = ticket.Nobody, time.Time{}
	if t.s.Outcome == ticket.Declined {
		t.stage(ticket.Refused, ticket.AwaitingSubject)
		return
	}
	t.stage(ticket.Answered, ticket.AwaitingSubject)
}

func (t *handling) answerUnderWay() bool {
	return t.s.Answer.Message != 0 && t.s.Answer.Delivered.IsZero()
}

// answerCameBack lays the ticket before the agent again.
func (t *handling) answerCameBack() {
	t.s.Answer.Message, t.s.Answer.Bounced = 0, true
	t.s.Outcome, t.s.Reason = ticket.Undecided, ""
	t.backToAgent()
	t.tellAssignee(contract.ActAnswerBounced)
}

// afterAnswer waits for the person's verdict: silence closes after the policy's
// days, "not solved" is heard for longer, and an answer that comes back after all
// returns to the agent. It reports whether there is more to do.
func (t *handling) afterAnswer() (again bool, err error) {
	verdict := func() bool {
		return t.s.Solved || t.s.Answer.Delivered.IsZero() || t.appealWaits()
	}
	at, err := t.daysAfter(t.s.Answer.Delivered, t.start.Terms.CloseAfter)
	if err != nil {
		return false, err
	}
	inTime, err := t.awaitUntil(at, "silence after the answer closes", verdict)
	if err != nil {
		return false, err
	}
	if !inTime && t.s.ClosedAt.IsZero() {
		err := t.change(t.ctx, func(workflow.Context) error {
			if verdict() {
				return errUnchanged
			}
			t.s.ClosedAt = t.now()
			t.event(contract.BySystem, ticket.Nobody, contract.ActClosed, "", 0)
			t.stage(ticket.Closed, ticket.AwaitingNobody)
			return nil
		})
		if err != nil {
			return false, err
		}
	}
	if !inTime && !t.s.Appealed {
		if at, err = t.daysAfter(t.s.Answer.Delivered, t.start.Terms.Appeal.Window); err != nil {
			return false, err
		}
		if _, err = t.awaitUntil(at, "time for an appeal ends", verdict); err != nil {
			return false, err
		}
	}
	if t.appealWaits() {
		return true, t.openAppeal()
	}
	return t.s.Answer.Delivered.IsZero(), nil
}

// daysAfter is the end of the day so many days after an instant.
func (t *handling) daysAfter(from time.Time, days int) (time.Time, error) {
	var plan contract.WaitPlan
	err := local(t.ctx, contract.ActivityPlanWait, "plan the wait for a verdict", contract.PlanWait{Policy: t.start.Policy, From: from, Expires: days}, &plan)
	return plan.Expires, err
}

func (t *handling) maySayWhetherSolved(contract.Plain) *ticket.Error {
	switch {
	case t.ended != nil:
		return ticket.Refuse("ticket_ended", "stage", string(t.ended.stage))
	case t.s.Answer.Delivered.IsZero():
		return ticket.Refuse("not_answered_yet")
	case t.s.Solved:
		return ticket.Refuse("already_solved")
	case t.appealWaits():
		return ticket.Refuse("already_appealed")
	}
	return nil
}

func (t *handling) solved(workflow.Context, contract.Plain, *contract.Done) error {
	t.s.Solved = true
	t.event(contract.BySubject, ticket.Nobody, contract.ActSolved, "", 0)
	return nil
}

// bounced: an agent saw the answer come back after the server had accepted it.
func (t *handling) mayBounce(in contract.StaffWords) *ticket.Error {
	switch {
	case !in.By.Role.May(ticket.MayHandle):
		return ticket.Refuse("role_may_not", "role", string(in.By.Role))
	case t.ended != nil:
		return ticket.Refuse("ticket_ended", "stage", string(t.ended.stage))
	case t.s.Answer.Delivered.IsZero():
		return ticket.Refuse("not_answered_yet")
	case t.s.Solved:
		return ticket.Refuse("already_solved")
	case t.appealWaits():
		return ticket.Refuse("already_appealed")
	case !t.s.Answer.ReadAt.IsZero():
		return ticket.Refuse("answer_was_read", "at", fact(t.s.Answer.ReadAt))
	case in.By.ID != t.s.Assignee && !in.By.Role.May(ticket.MayAssign):
		return ticket.Refuse("role_may_not", "role", string(in.By.Role)) // it undoes an answer: whoever gave it, or a lead
	}
	return t.barred(in.By.ID, in.By.Role)
}

func (t *handling) bounced(ctx workflow.Context, in contract.StaffWords, _ *contract.Done) error {
	t.event(contract.ByStaff, in.By.ID, contract.ActAnswerBounced, "", in.Message)
	t.s.Answer.Delivered, t.s.ClosedAt = time.Time{}, time.Time{}
	t.answerCameBack()
	return t.reopenClock(ctx)
}

func (t *handling) mayRead(in contract.Plain) *ticket.Error {
	if t.ended != nil {
		return ticket.Refuse("ticket_ended", "stage", string(t.ended.stage))
	}
	if t.s.Answer.Message == 0 || in.Message != t.s.Answer.Message {
		return ticket.Refuse("not_answered_yet")
	}
	return nil
}

func (t *handling) answerRead(_ workflow.Context, in contract.Plain, _ *contract.Done) error {
	if t.s.Answer.ReadAt.IsZero() {
		t.s.Answer.ReadAt = t.now()
		t.event(contract.BySubject, ticket.Nobody, contract.ActAnswerRead, "", in.Message)
	}
	return nil
}
