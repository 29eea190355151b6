package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
	"rightsdesk/verify"
)

// Verifiers are the services of the desk by which people prove who they are
// beside the mailed code. What is nil is not offered.
type Verifiers struct {
	RealNames verify.RealNames
	Payments  verify.Payments
	Texts     bool // the worker has a gateway
	SignIn    bool // the web side has a provider at which people sign in
}

// Offered lists the methods of a level among which the person may choose: those
// of the policy that this desk has set up. Staff's own check is always possible
// and needs nothing from the person here.
func (d *Desk) Offered(p *ticket.Policy, level ticket.Level) []ticket.Method {
	return slices.DeleteFunc(slices.Clone(p.Verifiers[level]), func(m ticket.Method) bool {
		switch m {
		case ticket.MethodSMSCode:
			return !d.verifiers.Texts
		case ticket.MethodSignIn:
			return !d.verifiers.SignIn
		case ticket.MethodRealName:
			return d.verifiers.RealNames == nil
		case ticket.MethodBankPayment:
			return d.verifiers.Payments == nil
		}
		return false
	})
}

// RequiredLevel is the highest level anything on the ticket needs.
func RequiredLevel(p *ticket.Policy, t store.Ticket, changes []store.Change) ticket.Level {
	level := p.Kinds[t.Kind].Verification.Level
	for _, c := range changes {
		if rule, ok := p.Field(string(c.Field)); ok {
			level = max(level, rule.Level)
		}
	}
	return level
}

// subject is what is known of a ticket whose person is about to prove more.
type subject struct {
	store.Ticket
	content store.Content
	account store.AccountSnapshot
}

// mayProveRealName refuses early what the workflow would refuse in any case, so
// that nobody is asked for more than the ticket needs, and nothing about a person
// is sent anywhere for a ticket that is not theirs.
func (d *Desk) mayProveRealName(ctx context.Context, number ticket.Number, by ticket.Method) (subject, error) {
	t, err := d.store.Ticket(ctx, number)
	if err != nil {
		return subject{}, err
	}
	s := subject{Ticket: t}
	policy, err := d.planner.Policy(ctx, t.Policy)
	if err != nil {
		return s, err
	}
	if s.content, err = d.store.Content(ctx, number); err != nil {
		return s, closedOr(err)
	}
	if s.account, err = d.store.Account(ctx, number); err != nil && !errors.Is(err, store.ErrNotFound) {
		return s, closedOr(err)
	}
	switch {
	case !t.Stage.Open():
		return s, ticket.Refuse(CodeTicketClosed)
	case !slices.Contains(d.Offered(policy, ticket.LevelReal), by):
		return s, ticket.Refuse(CodeMethodNotOffered)
	case RequiredLevel(policy, t, s.content.Changes) < ticket.LevelReal:
		return s, ticket.Refuse("check_not_needed")
	case t.Level >= ticket.LevelReal:
		return s, ticket.Refuse("already_verified")
	case t.Level < ticket.LevelAccount:
		return s, ticket.Refuse("not_verified_yet")
	}
	return s, nil
}

// fits reports whether a value agrees with what the account has on file, or with
// what it is to be corrected to. Nothing on file agrees with everything.
func (s subject) fits(field, value string) bool {
	want := s.account.Fields[field]
	for _, c := range s.content.Changes {
		if string(c.Field) == field {
			want = c.Proposed
		}
	}
	return want == "" || code(want) == code(value)
}

// tell records a verdict and tells the workflow of it.
func (d *Desk) proved(ctx context.Context, s subject, v store.Verification) (Proof, error) {
	proof := Proof{Result: store.CodeOK, Level: v.Level}
	var err error
	proof.Outcome, err = d.record(ctx, s.Ticket, contract.UpdateIdentityProved,
		contract.IdentityProved{Verification: v.ID, Level: v.Level, Method: v.Method})
	return proof, err
}

// SendText asks for a code by text message to the telephone on file.
func (d *Desk) SendText(ctx context.Context, number ticket.Number) (Outcome, error) {
	t, err := d.store.Ticket(ctx, number)
	if err != nil {
		return Outcome{}, err
	}
	policy, err := d.planner.Policy(ctx, t.Policy)
	if err != nil {
		return Outcome{}, err
	}
	if !slices.Contains(d.Offered(policy, ticket.LevelAccount), ticket.MethodSMSCode) || policy.Kinds[t.Kind].Verification.Level < ticket.LevelAccount {
		return Outcome{Refused: ticket.Refuse(CodeNoTexts)}, nil
	}
	return d.act(ctx, number, contract.UpdateSendText, contract.Plain{})
}

var (
	limitRealName    = limit{"real-name", 3, 24 * time.Hour}          // tries on one ticket
	limitRealNameNet = limit{"real-name-network", 20, 24 * time.Hour} // tries from one network
	limitPayment     = limit{"payment", 2, 24 * time.Hour}            // payments for one ticket
	limitPaymentNet  = limit{"payment-network", 10, 24 * time.Hour}
)

// allowBoth counts a try against the ticket and the network.
func (d *Desk) allowBoth(ctx context.Context, number ticket.Number, network string, onTicket, onNetwork limit) error {
	if err := d.allow(ctx, onTicket, string(number)); err != nil {
		return err
	}
	return d.allow(ctx, onNetwork, network)
}
