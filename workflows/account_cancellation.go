package workflows

import (
	"cmp"
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// errAccountRefused: the account system refused a step for good.
var errAccountRefused = errors.New("the account system refused")

// AccountCancellation is clause 5.4, 注销账户: the person proves who they are by
// the contact on file; what stands in the way is told to them in words and waited
// for; they confirm the consequences; an agent decides; services are stopped and
// the personal data erased or anonymised. "Done" is said only after every system
// has confirmed, and all of it lies inside the reply clock. What the law wants
// kept (5.4.1) is locked away for 365 days and then purged, by Retention.
func AccountCancellation(ctx workflow.Context, start contract.Start) error {
	return conduct(ctx, start, func(t *handling) error {
		if err := t.verifyIdentity(); err != nil {
			return err
		}
		return t.settle(t.prepareCancellation, t.eraseAccount)
	})
}

// prepareCancellation is what has to be done before anything is stopped or
// erased; what is done already is not done again. Nothing is told about an
// account to someone who has not proved that it is theirs.
func (t *handling) prepareCancellation() error {
	if err := t.await(func() bool { return t.s.Level >= t.codeLevel() || t.declined() }); err != nil {
		return err
	}
	if err := t.lookUpAccount(t.ctx); err != nil {
		return err
	}
	if err := t.clearObstacles(); err != nil {
		return err
	}
	return t.confirmConsequences()
}

// declined reports a decision against the request: nothing more is asked of the
// person then.
func (t *handling) declined() bool { return t.decided() && t.s.Decision.Outcome == ticket.Declined }

// clearObstacles asks the account system what prevents the cancellation: unpaid
// bills, running services. The person is told in words and the ticket waits.
func (t *handling) clearObstacles() error {
	for !t.s.Account.Checked && !t.s.Account.ByHand && !t.declined() {
		if t.s.WaitingSince.IsZero() {
			if err := t.askForObstacles(); err != nil {
				return err
			}
			continue
		}
		ended, err := t.waitWithReminders(t.waitingRule(t.s.WaitingSince, 0, "obstacles to be settled"),
			func() bool { return t.s.WaitingSince.IsZero() || t.declined() })
		if err != nil {
			return err
		}
		if ended {
			return silence()
		}
	}
	return nil
}

// askForObstacles asks once. An account system that refuses to say lies with
// staff, who may decide; it is asked again every working morning.
func (t *handling) askForObstacles() error {
	var found contract.ObstaclesFound
	answered, err := t.inquire(t.ctx, contract.ActivityCheckObstacles, "account system: obstacles",
		contract.AccountRef{Number: t.start.Number}, &found, t.declined)
	if errors.Is(err, errAccountRefused) {
		return t.obstaclesUnknown()
	}
	if err != nil || !answered {
		return err
	}
	return t.change(t.ctx, func(workflow.Context) error {
		if t.ended != nil || t.declined() {
			return errUnchanged
		}
		t.s.Account.Obstacles, t.s.Account.Settled = found.Count, false
		if found.Count == 0 {
			t.s.Account.Checked = true
			return nil
		}
		t.event(contract.BySystem, ticket.Nobody, contract.ActObstacles, "", 0)
		t.waitForPerson()
		t.post(contract.MailOrder{Letter: contract.LetterObstacles, To: contract.ToProved})
		return nil
	})
}

func (t *handling) obstaclesUnknown() error {
	err := t.change(t.ctx, func(workflow.Context) error {
		t.event(contract.BySystem, ticket.Nobody, contract.ActFulfilmentFailed, "obstacles", 0)
		t.s.Awaiting = ticket.AwaitingAgent
		t.tell(contract.StaffNotice{Act: contract.ActFulfilmentFailed, Roles: []ticket.Role{ticket.Lead}})
		return nil
	})
	if err != nil {
		return err
	}
	again, err := t.nextMorning(t.ctx, t.now())
	if err != nil {
		return err
	}
	_, err = waitUntil(t.ctx, again, "account system: ask for obstacles again",
		func() bool { return t.ended != nil || t.declined() })
	return err
}

// waitForPerson puts the ticket before the person from now on.
func (t *handling) waitForPerson() {
	t.s.WaitingSince = t.now()
	t.stage(ticket.WaitingOnSubject, ticket.AwaitingSubject)
	t.pauseClock(contract.BySystem, ticket.Nobody)
}

func (t *handling) maySettleObstacles(contract.Plain) *ticket.Error {
	if e := t.notOpen(); e != nil {
		return e
	}
	if t.s.Account.Obstacles == 0 || t.s.Account.Settled || t.declined() {
		return ticket.Refuse("no_obstacles")
	}
	return nil
}

func (t *handling) obstaclesSettled(ctx workflow.Context, _ contract.Plain, _ *contract.Done) error {
	t.s.Account.Settled = true
	t.s.WaitingSince, t.s.Awaiting = time.Time{}, ticket.AwaitingAccounts
	t.event(contract.BySubject, ticket.Nobody, contract.ActObstaclesSettled, "", 0)
	return t.resumeClock(ctx, contract.BySubject)
}

// confirmConsequences has the person accept, from a link, what a cancellation
// means. Silence closes the ticket; nothing is erased on silence.
func (t *handling) confirmConsequences() error {
	settled := func() bool { return t.s.Account.Confirmed || t.declined() }
	if settled() {
		return nil
	}
	err := t.change(t.ctx, func(workflow.Context) error {
		if t.ended != nil || settled() || !t.s.WaitingSince.IsZero() {
			return errUnchanged
		}
		t.waitForPerson()
		t.post(contract.MailOrder{Letter: contract.LetterConsequences, To: contract.ToProved})
		return nil
	})
	if err != nil {
		return err
	}
	ended, err := t.waitWithReminders(t.waitingRule(t.s.WaitingSince, 0, "consequences to be confirmed"), settled)
	if err != nil {
		return err
	}
	if ended {
		return silence()
	}
	return nil
}

func (t *handling) mayConfirm(contract.Plain) *ticket.Error {
	if e := t.notOpen(); e != nil {
		return e
	}
	switch {
	case t.start.Kind != ticket.AccountCancellation || t.declined():
		return ticket.Refuse("nothing_to_confirm")
	case t.s.Level < t.codeLevel():
		return ticket.Refuse("not_verified_yet")
	case t.s.Account.Confirmed:
		return ticket.Refuse("already_confirmed")
	case !t.s.Account.Checked && !t.s.Account.ByHand:
		return ticket.Refuse("obstacles_first")
	}
	return nil
}

func (t *handling) confirm(ctx workflow.Context, _ contract.Plain, _ *contract.Done) error {
	a := &t.s.Account
	a.Confirmed, a.ConfirmedAt = true, t.now()
	t.s.WaitingSince = time.Time{}
	t.event(contract.BySubject, ticket.Nobody, contract.ActConfirmed, "", 0)
	t.stage(ticket.Triage, ticket.AwaitingAgent)
	if t.s.Assignee != ticket.Nobody {
		t.stage(ticket.InProgress, ticket.AwaitingAgent)
		t.tellAssignee(contract.ActConfirmed)
	}
	return t.resumeClock(ctx, contract.BySubject)
}

func (t *handling) mayCancelAccount(in contract.Decide) *ticket.Error {
	if in.Outcome == ticket.Declined {
		if at := t.s.Account.NoReturn; !at.IsZero() && !t.s.Reopened {
			return ticket.Refuse("erasure_began", "at", fact(at))
		}
		return nil
	}
	switch {
	case t.accountDone(contract.StepErase):
		return nil
	case !t.s.Account.Confirmed && t.s.Reopened:
		return nil // an appeal that is upheld asks for what the refusal cut short
	case !t.s.Account.Confirmed:
		return ticket.Refuse("not_confirmed_yet")
	case t.now().Before(t.coolingOffEnds()):
		return ticket.Refuse("cooling_off", "until", fact(t.coolingOffEnds()))
	}
	return nil
}

// eraseAccount carries an accepted cancellation out. From the point of no return
// on, which is recorded before the first thing is erased, it can't be withdrawn.
func (t *handling) eraseAccount(d contract.Decision) error {
	if d.Outcome == ticket.Declined || t.accountDone(contract.StepErase) {
		return nil
	}
	if err := t.prepareCancellation(); err != nil {
		return err
	}
	if ends := t.coolingOffEnds(); t.now().Before(ends) { // confirmed only now, after an appeal
		if _, err := t.awaitUntil(ends, "cooling-off time", func() bool { return false }); err != nil {
			return err
		}
	}
	if err := t.fulfilling(nil); err != nil {
		return err
	}
	if !t.accountDone(contract.StepStopServices) {
		err := t.actOnAccount(contract.AccountAct{Act: contract.StepStopServices}, contract.ActServicesStopped)
		if errors.Is(err, errAccountRefused) {
			return t.fulfilmentFailed(contract.StepStopServices)
		}
		if err != nil {
			return err
		}
	}
	err := t.change(t.ctx, func(workflow.Context) error {
		if t.ended != nil { // withdrawn while the services were being stopped
			return t.ended
		}
		if t.s.Account.NoReturn.IsZero() {
			t.s.Account.NoReturn = t.now()
			t.s.Account.KeptUntil = t.now().Add(time.Duration(t.start.Terms.Retention) * 24 * time.Hour)
			t.event(contract.BySystem, ticket.Nobody, contract.ActNoReturn, "", 0)
		}
		return nil
	})
	if err != nil {
		return t.leftStopped(err)
	}
	erase := contract.AccountAct{Act: contract.StepErase, Until: t.s.Account.KeptUntil}
	if err := t.actOnAccount(erase, contract.ActErased); errors.Is(err, errAccountRefused) {
		return t.fulfilmentFailed(contract.StepErase)
	} else if err != nil {
		return err
	}
	return nil
}

// leftStopped passes on why an erasure does not go ahead. Where the person has withdrawn
// while the services were being stopped, staff are told to put them back: no account
// system is asked to by itself.
func (t *handling) leftStopped(why error) error {
	if t.ended == nil || !t.accountDone(contract.StepStopServices) ||
		workflow.GetVersion(t.ctx, "withdrawn-when-stopped", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return why
	}
	err := t.change(t.ctx, func(workflow.Context) error {
		t.event(contract.BySystem, ticket.Nobody, contract.ActLeftStopped, "", 0)
		notice := contract.StaffNotice{Act: contract.ActLeftStopped, Roles: []ticket.Role{ticket.Lead}}
		if t.s.Assignee != ticket.Nobody {
			notice.Agents = []ticket.AgentID{t.s.Assignee}
		}
		t.tell(notice)
		return nil
	})
	return cmp.Or(err, why)
}

// fulfilling says that the decision is being carried out, on fields that were as
// given before it.
func (t *handling) fulfilling(before []contract.FieldName) error {
	return t.change(t.ctx, func(workflow.Context) error {
		t.s.Account.Before, t.s.Account.Undoing = before, false
		t.stage(ticket.Fulfilling, ticket.AwaitingAccounts)
		return nil
	})
}
