package desk

import (
	"context"
	"errors"
	"slices"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// codeVerifier is the one-time code, mailed or sent as a text message: six digits,
// stored as a keyed hash, tried five times at most however many try at once.
type codeVerifier struct{ *Desk }

func (codeVerifier) method() ticket.Method { return ticket.MethodMailCode }
func (codeVerifier) ready() bool           { return true }
func (codeVerifier) tries() (limit, limit) { return limitCodeTicket, limitCodeNetwork }
func (codeVerifier) read(*Typed) error     { return nil }

func (v codeVerifier) prove(ctx context.Context, s subject, typed Typed) (store.Verification, store.CodeResult, error) {
	return v.store.TryCode(ctx, s.Number, digits(typed.Code), v.now())
}

// Prove tries a one-time code. An unknown ticket is answered like a wrong code, and
// so is one of which nothing can be read any more. A right code typed twice is
// right twice.
func (d *Desk) Prove(ctx context.Context, number ticket.Number, typed, network string) (Proof, error) {
	proof, by, err := d.proveCode(ctx, number, typed, network)
	if by == "" {
		by = ticket.MethodMailCode // nobody knows which code was meant
	}
	d.verified(by, proof, err)
	return proof, err
}

func (d *Desk) proveCode(ctx context.Context, number ticket.Number, typed, network string) (Proof, ticket.Method, error) {
	v := codeVerifier{d}
	onTicket, onNetwork := v.tries()
	if err := d.allowBoth(ctx, string(number), network, onTicket, onNetwork); err != nil {
		outcome, err := refusedOr(err)
		return Proof{Result: store.CodeWrong, Outcome: outcome}, "", err
	}
	verdict, result, err := v.prove(ctx, subject{Ticket: store.Ticket{Number: number}}, Typed{Code: typed})
	if errors.Is(err, store.ErrNotFound) {
		result, err = store.CodeWrong, nil
	}
	if err != nil || result != store.CodeOK {
		return Proof{Result: result}, verdict.Method, err
	}
	t, err := d.store.Ticket(ctx, number)
	if err != nil {
		return Proof{}, verdict.Method, err
	}
	if t.Level >= verdict.Level {
		return Proof{Result: result, Level: verdict.Level, Outcome: Outcome{Stage: t.Stage}}, verdict.Method, nil
	}
	proof, err := d.proved(ctx, subject{Ticket: t}, verdict)
	return proof, verdict.Method, err
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

// digits keeps the digits of a code as people type it.
func digits(typed string) string {
	kept := make([]byte, 0, 6)
	for _, r := range code(typed) {
		if r >= '0' && r <= '9' && len(kept) < 12 {
			kept = append(kept, byte(r))
		}
	}
	return string(kept)
}
