package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// verifier is one way in which a person proves who they are. What all of them
// share is here: whether the policy offers it, whether the ticket needs it, how
// often it may be tried, and that the workflow is told of the verdict.
type verifier interface {
	method() ticket.Method

	// ready reports whether this desk has what it takes.
	ready() bool

	// tries is how often it may be tried on one ticket, and from one network.
	tries() (onTicket, onNetwork limit)

	// read looks at what was typed before anything is asked of anybody. What can
	// be mended is a *ticket.Error that names the input.
	read(typed *Typed) error

	// prove tries it. The verification of a result that is ok is on record.
	prove(ctx context.Context, s subject, typed Typed) (store.Verification, store.CodeResult, error)
}

// Typed is what a person gives to prove who they are: each verifier reads its own.
type Typed struct {
	Code    string // mail_code, sms_code
	Account string // sign_in: the account, as the operator's provider named it
	RealName
	Amount string // bank_payment
}

// Proof is what became of a try to prove who one is.
type Proof struct {
	Result store.CodeResult
	Level  ticket.Level // proved, when the result is ok
	Outcome
}

// subject is what is known of a ticket whose person proves who they are.
type subject struct {
	store.Ticket
	policy  *ticket.Policy
	content store.Content
	account store.AccountSnapshot
}

// verifiers are all that are proved by what the person gives. A document is
// looked at by staff: see SendProof.
func (d *Desk) allVerifiers() []verifier {
	return []verifier{codeVerifier{d}, signInVerifier{d}, realNameVerifier{d}, paymentVerifier{d}}
}

// Offered lists the methods of a level among which the person may choose: those
// of the policy that this desk has set up. Staff's own check is always possible.
func (d *Desk) Offered(p *ticket.Policy, level ticket.Level) []ticket.Method {
	return slices.DeleteFunc(slices.Clone(p.Verifiers[level]), func(m ticket.Method) bool {
		if m == ticket.MethodSMSCode {
			return !d.verifiers.Texts
		}
		for _, v := range d.allVerifiers() {
			if v.method() == m {
				return !v.ready()
			}
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

// ProveBy tries one of the methods with what the person typed. Refusals, those of
// the workflow among them, are Outcome.Refused; what does not fit is a result that
// is not ok.
func (d *Desk) ProveBy(ctx context.Context, number ticket.Number, by ticket.Method, typed Typed, network string) (Proof, error) {
	for _, v := range d.allVerifiers() {
		if v.method() != by {
			continue
		}
		proof, err := d.proveBy(ctx, v, number, typed, network)
		if err != nil {
			proof.Result = store.CodeWrong
			proof.Outcome, err = refusedOr(err)
		}
		d.verified(by, proof, err)
		return proof, err
	}
	return Proof{Result: store.CodeWrong, Outcome: Outcome{Refused: ticket.Refuse(CodeMethodNotOffered)}}, nil
}

func (d *Desk) proveBy(ctx context.Context, v verifier, number ticket.Number, typed Typed, network string) (Proof, error) {
	if err := v.read(&typed); err != nil {
		return Proof{}, err
	}
	s, err := d.subject(ctx, number)
	if err != nil {
		return Proof{}, err
	}
	if err := d.mayProveBy(s, v.method()); err != nil {
		return Proof{}, err
	}
	onTicket, onNetwork := v.tries()
	if err := d.allowBoth(ctx, s.tried(), network, onTicket, onNetwork); err != nil {
		return Proof{}, err
	}
	verdict, result, err := v.prove(ctx, s, typed)
	if err != nil || result != store.CodeOK {
		return Proof{Result: result}, err
	}
	if s.Level >= verdict.Level { // once more, or in another browser
		return Proof{Result: result, Level: verdict.Level, Outcome: Outcome{Stage: s.Stage}}, nil
	}
	return d.proved(ctx, s, verdict)
}

// subject reads what verifiers go by.
func (d *Desk) subject(ctx context.Context, number ticket.Number) (subject, error) {
	t, err := d.store.Ticket(ctx, number)
	if err != nil {
		return subject{}, err
	}
	s := subject{Ticket: t}
	if s.policy, err = d.planner.Policy(ctx, t.Policy); err != nil {
		return s, err
	}
	if s.content, err = d.store.Content(ctx, number); err != nil {
		return s, closedOr(err)
	}
	if s.account, err = d.store.Account(ctx, number); err != nil && !errors.Is(err, store.ErrNotFound) {
		return s, closedOr(err)
	}
	return s, nil
}

// mayProveBy refuses early what the workflow would refuse in any case, so that
// nobody is asked for more than the ticket needs, and nothing about a person is
// sent anywhere for a ticket that is not theirs.
func (d *Desk) mayProveBy(s subject, by ticket.Method) error {
	level := by.Proves()[len(by.Proves())-1]
	required := RequiredLevel(s.policy, s.Ticket, s.content.Changes)
	switch {
	case !s.Stage.Open():
		return ticket.Refuse(CodeTicketClosed)
	case !slices.Contains(d.Offered(s.policy, level), by):
		return ticket.Refuse(CodeMethodNotOffered)
	case level == ticket.LevelAccount && required < ticket.LevelAccount:
		return ticket.Refuse(CodeMethodNotOffered)
	case level < ticket.LevelReal:
		return nil
	case required < ticket.LevelReal:
		return ticket.Refuse("check_not_needed")
	case s.Level >= ticket.LevelReal:
		return ticket.Refuse("already_verified")
	case s.Level < ticket.LevelAccount:
		return ticket.Refuse("not_verified_yet")
	}
	return nil
}

// tried is what tries are counted under: the account where one is known, so that
// another ticket for it brings no more of them.
func (s subject) tried() string {
	if s.account.Ref != "" {
		return "account/" + s.account.Ref
	}
	return string(s.Number)
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

// proved tells the workflow of a verdict.
func (d *Desk) proved(ctx context.Context, s subject, v store.Verification) (Proof, error) {
	proof := Proof{Result: store.CodeOK, Level: v.Level}
	var err error
	proof.Outcome, err = d.record(ctx, s.Ticket, contract.UpdateIdentityProved,
		contract.IdentityProved{Verification: v.ID, Level: v.Level, Method: v.Method})
	if err == nil && proof.Refused != nil {
		// Two presses of one button: the first has proved it.
		if t, err := d.store.Ticket(ctx, s.Number); err == nil && t.Level >= v.Level {
			proof.Outcome = Outcome{Stage: t.Stage}
		}
	}
	return proof, err
}

var (
	limitRealName    = limit{"real-name", 3, 24 * time.Hour}          // tries on one ticket
	limitRealNameNet = limit{"real-name-network", 20, 24 * time.Hour} // tries from one network
	limitPayment     = limit{"payment", 2, 24 * time.Hour}            // payments for one ticket
	limitPaymentNet  = limit{"payment-network", 10, 24 * time.Hour}
)

// allowBoth counts a try against the ticket and the network.
func (d *Desk) allowBoth(ctx context.Context, whose, network string, onTicket, onNetwork limit) error {
	if err := d.allow(ctx, onTicket, whose); err != nil {
		return err
	}
	return d.allow(ctx, onNetwork, network)
}
