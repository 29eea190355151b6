package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// refused turns a domain refusal into the error by which Temporal rejects an
// update: the desk turns it back and shows it in words.
func refused(e *ticket.Error) error {
	if e == nil {
		return nil
	}
	return temporal.NewApplicationErrorWithOptions(e.Error(), contract.RefusedType,
		temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{e}})
}

func fact(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// notOpen refuses acts on a ticket that has been answered or has ended.
func (t *handling) notOpen() *ticket.Error {
	if t.ended != nil {
		return ticket.Refuse("ticket_ended", "stage", string(t.ended.stage))
	}
	if !t.s.Stage.Open() {
		if d := t.s.Decision; d != nil && !t.s.Answer.Delivered.IsZero() {
			return ticket.Refuse("already_answered", "agent", string(d.By), "at", fact(t.s.Answer.Delivered))
		}
		return ticket.Refuse("ticket_ended", "stage", string(t.s.Stage))
	}
	return nil
}

// notHolder refuses an act under a claim that is not, or no longer, held.
func (t *handling) notHolder(by contract.Staff) *ticket.Error {
	if e := t.notOpen(); e != nil {
		return e
	}
	l := t.s.Lease
	switch {
	case l.Holder == by.ID && l.Number == by.Lease:
		return nil
	case l.Holder == ticket.Nobody:
		return ticket.Refuse("claim_lost")
	case l.Holder == by.ID:
		return ticket.Refuse("claim_renewed")
	}
	return ticket.Refuse("claimed_by_other", "agent", string(l.Holder), "at", fact(l.Until))
}
