package desk

import (
	"context"
	"errors"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// Proof is what became of a typed code.
type Proof struct {
	Result store.CodeResult
	Level  ticket.Level // proved, when the result is ok
	Outcome
}

// Prove tries a one-time code. An unknown ticket is answered like a wrong code.
// Too many tries for one ticket or from one network are Outcome.Refused with
// too_many_tries. A right code typed twice is right twice.
func (d *Desk) Prove(ctx context.Context, number ticket.Number, typed, network string) (Proof, error) {
	err := d.allow(ctx, limitCodeTicket, string(number))
	if err == nil {
		err = d.allow(ctx, limitCodeNetwork, network)
	}
	if err != nil {
		outcome, err := refusedOr(err)
		return Proof{Result: store.CodeWrong, Outcome: outcome}, err
	}
	v, result, err := d.store.TryCode(ctx, number, digits(typed), d.now())
	if errors.Is(err, store.ErrNotFound) {
		result, err = store.CodeWrong, nil
	}
	if err != nil || result != store.CodeOK {
		return Proof{Result: result}, err
	}
	t, err := d.store.Ticket(ctx, number)
	if err != nil {
		return Proof{}, err
	}
	proof := Proof{Result: result, Level: v.Level, Outcome: Outcome{Stage: t.Stage}}
	if t.Level >= v.Level {
		return proof, nil
	}
	proof.Outcome, err = d.record(ctx, t, contract.UpdateIdentityProved,
		contract.IdentityProved{Verification: v.ID, Level: v.Level, Method: v.Method})
	if err == nil && proof.Refused != nil {
		// Two presses of one button: the first has proved it.
		if t, err := d.store.Ticket(ctx, number); err == nil && t.Level >= v.Level {
			proof.Outcome = Outcome{Stage: t.Stage}
		}
	}
	return proof, err
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
