package activities

import (
	"context"
	"errors"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// Records writes and reads the desk's own database.
type Records struct{ store *store.Store }

// NewRecords takes the database.
func NewRecords(s *store.Store) *Records { return &Records{store: s} }

// Record writes one change of a ticket. A revision that is there already changes
// nothing, and of a workflow that is behind the database nothing is taken. The change by which a ticket becomes retained also locks its personal
// data away (GB/T 35273-2020 8.5); locking twice is locking once. It is retried
// for as long as the database refuses it: nothing a ticket does may be dropped.
func (r *Records) Record(ctx context.Context, in contract.Record) error {
	if err := r.store.Record(ctx, in); err != nil {
		return retried(stored("recording a change", err))
	}
	if in.State.Stage != ticket.Retained {
		return nil
	}
	return r.lockAway(ctx, in.Number, in.State)
}

func (r *Records) lockAway(ctx context.Context, number ticket.Number, state contract.State) error {
	account, err := r.store.Account(ctx, number)
	switch {
	case isGone(err):
		return nil // locked by an earlier attempt
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return retried(stored("reading what is kept", err))
	}
	err = r.store.LockAway(ctx, number, account.Kept, state.Account.KeptUntil)
	if isGone(err) {
		return nil
	}
	return retried(stored("locking the personal data away", err))
}

// CheckPresence says when the holder of a lease was last seen at the ticket. It
// reads only.
func (r *Records) CheckPresence(ctx context.Context, in contract.CheckPresence) (contract.Presence, error) {
	seen, err := r.store.Presence(ctx, in.Number, in.Agent)
	if errors.Is(err, store.ErrNotFound) {
		return contract.Presence{}, nil
	}
	return contract.Presence{Seen: seen}, stored("looking who is at the ticket", err)
}

// PurgeRecords destroys the ticket's data key and all that it opened, and puts
// that on record. A purged ticket stays as it is.
func (r *Records) PurgeRecords(ctx context.Context, in contract.PurgeRecords) error {
	err := r.store.Purge(ctx, in.Number, in.At)
	if errors.Is(err, store.ErrPurged) {
		return nil
	}
	return stored("purging the records", err)
}

// MailsInTheAir reads the mail log for a workflow that is begun anew. It reads only.
func (r *Records) MailsInTheAir(ctx context.Context, in contract.MailsOf) (contract.MailsInTheAir, error) {
	air, err := r.store.MailsInTheAir(ctx, in.Number, in.Since)
	return air, retried(stored("reading the mail log", err))
}

// OpenTickets lists open tickets behind one, in the order of their numbers. It
// reads only.
func (r *Records) OpenTickets(ctx context.Context, in contract.OpenTickets) (contract.OpenTicketsPage, error) {
	if in.Limit < 1 || in.Limit > 1000 {
		return contract.OpenTicketsPage{}, wrong("open tickets: the limit is not between 1 and 1000")
	}
	numbers, err := r.store.OpenNumbers(ctx, in.After, in.Limit)
	return contract.OpenTicketsPage{Numbers: numbers}, stored("listing open tickets", err)
}
