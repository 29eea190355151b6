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

// refKeeper is a store that still knows an account's key at the account system
// when everything personal is locked away. The key is no personal data, and the
// purge at the end of the retention needs it.
type refKeeper interface {
	AccountRef(ctx context.Context, number ticket.Number) (string, error)
}

// lockedRef is the key of an account that is locked away. Where the store does
// not keep it the account system is asked without one, and refuses or, where
// people do the work, lets them find it.
func (a *Accounts) lockedRef(ctx context.Context, number ticket.Number) (string, error) {
	keeper, ok := any(a.store).(refKeeper)
	if !ok {
		return "", nil
	}
	ref, err := keeper.AccountRef(ctx, number)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return ref, err
}
