package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// maxCodes bounds how many codes one ticket sends; codeWait is the wait before
// the second, and grows with each.
const (
	maxCodes = 6
	codeWait = time.Minute
)

// verifyIdentity waits until the person has proved who they are (clause 5.3 end;
// GB/T 35273-2020 8.5): control of the contact given for a complaint, of the
// contact on file at the account system for what touches an account. Whether
// there is such an account shows nowhere: the code simply reaches its owner or
// nobody. Reminders leave on the policy's days; then the ticket expires with a
// mail that says how to start again.
func (t *handling) verifyIdentity() error {
	if t.s.Level >= t.codeLevel() || t.s.Stage != ticket.Received && t.s.Stage != ticket.Verifying {
		return nil
	}
	if t.codeLevel() >= ticket.LevelAccount {
		if err := t.lookUpAccount(t.ctx); err != nil {
			return err
		}
	}
	proved := func() bool { return t.s.Level >= t.codeLevel() || t.decided() }
	err := t.change(t.ctx, func(workflow.Context) error {
		switch {
		case t.ended != nil || proved() || t.s.Stage == ticket.Verifying:
			return errUnchanged
		case t.s.Account.ByHand: // no contact on file to send a code to: an agent checks, a second approves
			t.stage(ticket.Verifying, ticket.AwaitingAgent)
			return nil
		}
		t.beginVerifying()
		t.sendCode()
		return nil
	})
	if err != nil {
		return err
	}
	if t.s.WaitingSince.IsZero() { // it is an agent's turn
		return t.await(proved)
	}
	rule := t.start.Terms.Verification
	ended, err := t.waitWithReminders(waitRule{
		from: t.s.WaitingSince, reminders: rule.Reminders, expires: rule.Expires,
		letter: contract.LetterVerifyReminder, to: t.codeTo(), what: "identity verification",
	}, proved)
	if err != nil || !ended {
		return err
	}
	return &ending{stage: ticket.VerificationExpired, outcome: ticket.Unproved,
		act: contract.ActVerifyExpired, actor: contract.BySystem, letter: contract.LetterVerifyExpired}
}

// codeLevel is the level a one-time code has to prove: what is beyond it an agent
// checks.
func (t *handling) codeLevel() ticket.Level {
	return min(t.start.Terms.Verification.Level, ticket.LevelAccount)
}

func (t *handling) codeTo() contract.Recipient {
	if t.codeLevel() >= ticket.LevelAccount {
		return contract.ToOnFile
	}
	return contract.ToTyped
}

// beginVerifying: from here on the person is waited for.
func (t *handling) beginVerifying() {
	t.stage(ticket.Verifying, ticket.AwaitingSubject)
	t.s.WaitingSince = t.now()
}

func (t *handling) sendCode() {
	t.post(t.withCode(contract.MailOrder{Letter: contract.LetterCode, To: t.codeTo()}))
}

// withCode has a letter carry a one-time code, and counts it.
func (t *handling) withCode(order contract.MailOrder) contract.MailOrder {
	t.s.Codes++
	t.s.CodeAt = t.now()
	t.event(contract.BySystem, ticket.Nobody, contract.ActCodeSent, contract.Code(order.To), 0)
	order.Code = true
	return order
}

func (t *handling) mayResend(contract.Plain) *ticket.Error {
	if e := t.notOpen(); e != nil {
		return e
	}
	switch {
	case t.s.Level >= t.codeLevel():
		return ticket.Refuse("already_verified")
	case t.s.Account.ByHand:
		return ticket.Refuse("no_code_here")
	case t.s.Codes == 0:
		return ticket.Refuse("code_wait", "until", fact(t.now().Add(codeWait)))
	}
	return t.codesLeft()
}

// codesLeft bounds the codes of a ticket, however they are sent.
func (t *handling) codesLeft() *ticket.Error {
	if t.s.Codes >= maxCodes {
		return ticket.Refuse("too_many_codes")
	}
	if until := t.s.CodeAt.Add(codeWait << (t.s.Codes - 1)); t.now().Before(until) {
		return ticket.Refuse("code_wait", "until", fact(until))
	}
	return nil
}

func (t *handling) resendCode(workflow.Context, contract.Plain, *contract.Done) error {
	t.sendCode()
	return nil
}

func (t *handling) mayProve(in contract.IdentityProved) *ticket.Error {
	if e := t.notOpen(); e != nil {
		return e
	}
	switch {
	case t.s.Level >= in.Level:
		return ticket.Refuse("already_verified")
	case !slices.Contains(in.Method.Proves(), in.Level):
		return ticket.Refuse("level_not_for_codes")
	case in.Level > t.requiredLevel():
		return ticket.Refuse("check_not_needed")
	case in.Level == ticket.LevelReal && t.s.Level < t.codeLevel():
		return ticket.Refuse("not_verified_yet") // facts alone, however right, prove nobody
	}
	return nil
}

func (t *handling) identityProved(_ workflow.Context, in contract.IdentityProved, _ *contract.Done) error {
	t.proved(in.Level, contract.BySubject, ticket.Nobody, in.Verification)
	if in.Level == ticket.LevelReal {
		t.tellAssignee(contract.ActVerified)
	}
	if t.s.Level < t.codeLevel() || t.s.Stage != ticket.Received && t.s.Stage != ticket.Verifying {
		return nil
	}
	t.s.WaitingSince = time.Time{}
	t.stage(ticket.Triage, ticket.AwaitingAgent)
	if t.s.Assignee != ticket.Nobody {
		t.stage(ticket.InProgress, ticket.AwaitingAgent)
		t.tellAssignee(contract.ActVerified)
	}
	if t.start.Kind == ticket.InfoCorrection { // what it may change is worth a warning; who cancels is asked to confirm anyway
		t.post(contract.MailOrder{Letter: contract.LetterVerified, To: contract.ToProved})
	}
	return nil
}

func (t *handling) proved(level ticket.Level, actor contract.Actor, agent ticket.AgentID, object int64) {
	t.s.Level, t.s.VerifiedAt = level, t.now()
	t.event(actor, agent, contract.ActVerified, levelCode(level), object)
}

// checkIdentity is the stronger proof: an agent compared documents or called the
// person back (real-name fields, clause 2.2.1). Approving what rests on it is a
// second person's.
func (t *handling) mayCheckIdentity(in contract.CheckIdentity) *ticket.Error {
	if e := t.notHolder(in.By); e != nil {
		return e
	}
	switch {
	case t.s.Account.ByHand && t.s.Level < t.codeLevel() && in.Level == t.codeLevel():
		return nil
	case t.s.Level < t.codeLevel():
		return ticket.Refuse("not_verified_yet")
	case in.Level != ticket.LevelReal || t.requiredLevel() < ticket.LevelReal:
		return ticket.Refuse("check_not_needed")
	case t.s.Level >= in.Level:
		return ticket.Refuse("already_verified")
	}
	return nil
}

func (t *handling) checkIdentity(_ workflow.Context, in contract.CheckIdentity, _ *contract.Done) error {
	t.renewLease()
	t.handled(in.By.ID)
	if !in.Passed {
		t.event(contract.ByStaff, in.By.ID, contract.ActIdentityRefused, levelCode(in.Level), 0)
		return nil
	}
	t.proved(in.Level, contract.ByStaff, in.By.ID, 0)
	if t.s.Stage == ticket.Verifying {
		t.stage(ticket.InProgress, ticket.AwaitingAgent)
	}
	return nil
}

// requiredLevel is the highest level anything on the ticket needs.
func (t *handling) requiredLevel() ticket.Level {
	level := t.start.Terms.Verification.Level
	for _, f := range t.start.Fields {
		level = max(level, f.Level)
	}
	return level
}

func levelCode(l ticket.Level) contract.Code {
	switch l {
	case ticket.LevelNone:
		return "none"
	case ticket.LevelContact:
		return "contact"
	case ticket.LevelAccount:
		return "account"
	case ticket.LevelReal:
		return "real_name"
	}
	panic("workflows: unknown level")
}
