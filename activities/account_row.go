package activities

import (
	"context"
	"errors"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// accountOf is what the account system last said, or nothing.
func (p Post) accountOf(ctx context.Context, number ticket.Number) (store.AccountSnapshot, error) {
	return accountOf(ctx, p.Store, number)
}

func accountOf(ctx context.Context, s *store.Store, number ticket.Number) (store.AccountSnapshot, error) {
	account, err := s.Account(ctx, number)
	if errors.Is(err, store.ErrNotFound) {
		return store.AccountSnapshot{}, nil
	}
	return account, err
}

// lockedRef is the key of an account whose ticket is locked away: the purge at the
// end of the retention needs it. Where none is known the account system is asked
// without one, and refuses or, where people do the work, lets them find it.
func (a *Accounts) lockedRef(ctx context.Context, number ticket.Number) (string, error) {
	ref, err := a.store.AccountRef(ctx, number)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return ref, err
}
