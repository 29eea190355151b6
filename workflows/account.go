package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// Steps at the operator's own account system. They may be away for long and are
// tried for as long as it takes: the desk's clock goes on meanwhile, and managers
// see the pending step. A refusal for good lies with the agent.

// lookUpAccount finds the account the person named and the contacts on file.
func (t *handling) lookUpAccount(ctx workflow.Context) error {
	if t.s.Account.Looked {
		return nil
	}
	var found contract.AccountFound
	answered, err := t.inquire(ctx, contract.ActivityLookUpAccount, "account system: look up",
		contract.AccountRef{Number: t.start.Number}, &found, t.declined)
	if err != nil || !answered {
		return err
	}
	return t.change(ctx, func(workflow.Context) error {
		a := &t.s.Account
		a.Looked, a.Found, a.ByHand = true, found.Found, found.Manual
		t.event(contract.BySystem, ticket.Nobody, contract.ActAccountLooked, "", 0)
		return nil
	})
}

// inquire asks the account system something. The question is dropped when the
// ticket ends or the answer no longer matters; an account that cannot be reached
// for days keeps nobody from withdrawing, nor staff from deciding.
func (t *handling) inquire(ctx workflow.Context, activity, summary string, in, out any, moot func() bool) (answered bool, err error) {
	asking, drop := workflow.WithCancel(ctx)
	defer drop()
	answer := begin(asking, activity, summary, 0, in)
	if err := workflow.Await(ctx, func() bool { return answer.IsReady() || t.ended != nil || moot() }); err != nil {
		return false, err
	}
	switch {
	case t.ended != nil:
		return false, t.ended
	case !answer.IsReady():
		return false, nil
	}
	if err := answer.Get(asking, out); err != nil { // not tried again: refused for good
		return false, errAccountRefused
	}
	return true, nil
}

// actOnAccount does one step once. Where the operator has no interface, staff do
// it and tick it off. What has begun is waited for even if the ticket is
// withdrawn meanwhile, since it has to be known whether it was done.
func (t *handling) actOnAccount(act contract.AccountAct, done contract.Act) error {
	if t.ended != nil && act.Act != contract.StepUndo && !t.maybeDone(act) {
		return t.ended
	}
	t.s.Counter++ // acts were numbered once, and what comes after them is numbered as it was then
	act.Number = t.start.Number
	act.Key = t.keyOf(act)
	summary := "account system: " + string(act.Act)
	if act.Field != "" {
		summary += " " + string(act.Field)
	}
	acted := contract.AccountActed{Pending: t.taskLeft(act)}
	if !acted.Pending {
		if err := remote(t.ctx, contract.ActivityActOnAccount, summary, 0, act, &acted); err != nil || acted.Failed {
			return errAccountRefused // an error that is not tried again is a refusal too
		}
	}
	if acted.Pending {
		if err := t.awaitTask(act); err != nil {
			return err
		}
	}
	return t.change(t.ctx, func(workflow.Context) error {
		code := contract.Code(act.Field)
		t.event(contract.BySystem, ticket.Nobody, done, code, 0)
		t.s.Account.Manual, t.s.Awaiting = nil, ticket.AwaitingAccounts
		switch act.Act {
		case contract.StepCorrect:
			t.s.Account.Applied = append(slices.Clone(t.s.Account.Applied), act.Field)
		case contract.StepUndo:
			t.s.Account.Applied = without(t.s.Account.Applied, act.Field)
		default:
			t.s.Account.Done = append(t.s.Account.Done, act.Act)
		}
		return nil
	})
}

// keyOf names an act by what it carries out: each decision does each act once, so
// the key is the same when a run that was cut off is taken up again, and the
// account system recognises what it has done.
func (t *handling) keyOf(act contract.AccountAct) contract.Step {
	if t.s.Decision == nil {
		return contract.StepOf(act.Act, t.s.Counter)
	}
	word := string(act.Act)
	if act.Field != "" {
		word += "-" + string(act.Field)
	}
	return contract.StepOf(word+"-of", int(t.s.Decision.Message))
}

// maybeDone reports that the run before this one had asked for the act when the
// ticket was withdrawn: whether it was done has to be known, to put it back.
func (t *handling) maybeDone(act contract.AccountAct) bool {
	return act.Act == contract.StepCorrect && t.interrupted()
}

// taskLeft reports that the run before this one had left the act to staff.
func (t *handling) taskLeft(act contract.AccountAct) bool {
	m := t.s.Account.Manual
	return t.recovered && m != nil && m.Step == act.Act && m.Field == act.Field
}

func without(fields []contract.FieldName, gone contract.FieldName) []contract.FieldName {
	return slices.DeleteFunc(slices.Clone(fields), func(f contract.FieldName) bool { return f == gone })
}

func (t *handling) accountDone(step contract.AccountStep) bool {
	return slices.Contains(t.s.Account.Done, step)
}

// fulfilmentFailed puts a decision that could not be carried out before the agent
// again.
func (t *handling) fulfilmentFailed(step contract.AccountStep) error {
	err := t.change(t.ctx, func(workflow.Context) error {
		t.event(contract.BySystem, ticket.Nobody, contract.ActFulfilmentFailed, contract.Code(step), 0)
		t.backToAgent()
		t.tellAssignee(contract.ActFulfilmentFailed)
		return nil
	})
	if err != nil {
		return err
	}
	return errBackToAgent
}

// awaitTask waits for staff to do a step by hand: erasure takes two persons. A
// withdrawal ends the wait, but not for an undoing; nor does the run hand over
// before the task is done.
func (t *handling) awaitTask(act contract.AccountAct) error {
	err := t.change(t.ctx, func(workflow.Context) error {
		if t.taskLeft(act) {
			return errUnchanged
		}
		t.s.Account.Manual = &contract.ManualTask{Step: act.Act, Field: act.Field}
		t.stage(ticket.Fulfilling, ticket.AwaitingAgent)
		t.event(contract.BySystem, ticket.Nobody, contract.ActTaskOpened, contract.Code(act.Act), 0)
		t.tellAssignee(contract.ActTaskOpened)
		return nil
	})
	if err != nil {
		return err
	}
	withdrawn := func() bool { return t.ended != nil && act.Act != contract.StepUndo }
	if err := workflow.Await(t.ctx, func() bool { return t.s.Account.Manual.Done || withdrawn() }); err != nil {
		return err
	}
	if !t.s.Account.Manual.Done {
		return t.ended
	}
	return nil
}

func (t *handling) mayTick(in contract.TaskDone) *ticket.Error {
	m := t.s.Account.Manual
	switch {
	case m == nil || m.Step != in.Step || m.Done:
		return ticket.Refuse("no_such_task")
	case !in.By.Role.May(ticket.MayHandle):
		return ticket.Refuse("role_may_not", "role", string(in.By.Role))
	case m.First == in.By.ID:
		return ticket.Refuse("second_person_needed")
	}
	return nil
}

func (t *handling) taskDone(_ workflow.Context, in contract.TaskDone, _ *contract.Done) error {
	m := t.s.Account.Manual
	t.event(contract.ByStaff, in.By.ID, contract.ActTaskTicked, contract.Code(m.Step), 0)
	if m.Step == contract.StepErase && m.First == ticket.Nobody {
		m.First = in.By.ID
		t.s.Awaiting = ticket.AwaitingApprover
		return nil
	}
	if m.First == ticket.Nobody {
		m.First = in.By.ID
	} else {
		m.Second = in.By.ID
	}
	m.Done = true
	return nil
}

// coolingOff is the time the policy gives the person to think again after
// confirming.
func (t *handling) coolingOffEnds() time.Time {
	return t.s.Account.ConfirmedAt.Add(time.Duration(t.start.Terms.CoolingOff) * 24 * time.Hour)
}
