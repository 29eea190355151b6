package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// await waits until cond holds; an ending from outside ends the wait. A change
// that is still being made is not acted on: it may stop to ask for a deadline
// half-way.
func (t *handling) await(cond func() bool) error {
	err := workflow.Await(t.ctx, func() bool { return t.unlocked() && (t.ended != nil || cond() || t.tooLong()) })
	switch {
	case err != nil:
		return err
	case t.ended != nil:
		return t.ended
	case cond():
		return nil
	}
	return errTooLong
}

// awaitUntil waits until cond holds or the instant has come, and reports which.
// When it has come the run goes on, however long it is: what is due now is not
// left to the next one.
func (t *handling) awaitUntil(at time.Time, summary string, cond func() bool) (inTime bool, err error) {
	timeUp, err := waitUntil(t.ctx, at, summary, func() bool {
		return t.unlocked() && (t.ended != nil || cond() || t.tooLong())
	})
	if err == nil {
		err = workflow.Await(t.ctx, t.unlocked)
	}
	switch {
	case err != nil:
		return false, err
	case t.ended != nil:
		return false, t.ended
	case cond():
		return true, nil
	case timeUp:
		return false, nil
	}
	return false, errTooLong
}

func (t *handling) unlocked() bool { return !t.lock.IsLocked() }

// waitUntil waits until cond holds or the instant has come, and reports whether
// it has. workflow.AwaitWithOptions would leave its timer running after cond
// holds, for managers to wonder at in the Temporal UI, where the summary stands
// beside it.
func waitUntil(ctx workflow.Context, at time.Time, summary string, cond func() bool) (timeUp bool, err error) {
	if cond() {
		return false, nil
	}
	timers, stop := workflow.WithCancel(ctx)
	defer stop()
	timer := workflow.NewTimerWithOptions(timers, max(at.Sub(workflow.Now(ctx)), 0), workflow.TimerOptions{Summary: summary})
	err = workflow.Await(ctx, func() bool { return cond() || timer.IsReady() })
	return timer.IsReady(), err
}

// waitRule is how the desk waits for a person: from when, reminding on which
// days by which letter, and after how many days it gives up.
type waitRule struct {
	from      time.Time
	reminders []int
	expires   int
	letter    contract.Letter
	to        contract.Recipient
	message   int64
	what      string // for the timers in the Temporal UI
}

// waitWithReminders waits until cond holds, and reports whether the time ran out
// instead. Reminders leave at the policy's hour of working days.
func (t *handling) waitWithReminders(rule waitRule, cond func() bool) (ended bool, err error) {
	switch {
	case t.ended != nil:
		return false, t.ended
	case cond():
		return false, nil
	}
	var plan contract.WaitPlan
	err = local(t.ctx, contract.ActivityPlanWait, "plan: "+rule.what, contract.PlanWait{
		Policy: t.start.Policy, From: rule.from, Reminders: rule.reminders, Expires: rule.expires,
	}, &plan)
	if err != nil {
		return false, err
	}
	for _, at := range plan.Reminders {
		if at.Before(t.now()) {
			continue // before this run, or the ticket was received long ago
		}
		inTime, err := t.awaitUntil(at, rule.what+": next reminder", cond)
		if err != nil || inTime {
			return false, err
		}
		err = t.change(t.ctx, func(workflow.Context) error {
			if cond() || t.ended != nil {
				return errUnchanged
			}
			t.event(contract.BySystem, ticket.Nobody, contract.ActReminded, contract.Code(rule.letter), rule.message)
			t.post(contract.MailOrder{Letter: rule.letter, To: rule.to, Message: rule.message})
			return nil
		})
		if err != nil {
			return false, err
		}
	}
	inTime, err := t.awaitUntil(plan.Expires, rule.what+": time runs out", cond)
	return !inTime, err
}

// silence is how a ticket ends whose person was asked and did not reply.
func silence() *ending {
	return &ending{stage: ticket.Closed, outcome: ticket.NoReply, act: contract.ActClosed,
		actor: contract.BySystem, letter: contract.LetterClosedNoReply}
}

func (t *handling) waitingRule(from time.Time, message int64, what string) waitRule {
	w := t.start.Terms.Waiting
	return waitRule{from: from, reminders: w.Reminders, expires: w.Silence,
		letter: contract.LetterWaitReminder, to: contract.ToProved, message: message, what: what}
}
