package activities

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"rightsdesk/accounts"
	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// errNoAddress: there is nowhere to send the letter to.
var errNoAddress = errors.New("no address")

// recipient is an address, and whether whoever reads mail there is known to be
// the person or the account's owner. An address that is not proved gets words of
// the product's vocabulary only.
type recipient struct {
	address string
	proved  bool
}

func (m *Mails) recipient(ctx context.Context, o contract.MailOrder, t store.Ticket) (recipient, error) {
	switch o.To {
	case contract.ToOnFile:
		return m.onFile(ctx, t)
	case contract.ToTyped, contract.ToProved:
	default:
		return recipient{}, wrong("mail: unknown recipient")
	}
	proved, err := m.Store.ProvedContact(ctx, o.Number)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return recipient{}, err
	}
	if proved != "" && o.To == contract.ToProved {
		return recipient{address: proved, proved: true}, nil
	}
	if proved == "" && o.To == contract.ToProved && t.Level >= ticket.LevelAccount {
		// proved by text message, or by staff: the mail address on file is theirs too
		if to, err := m.onFile(ctx, t); !errors.Is(err, errNoAddress) {
			return to, err
		}
	}
	content, err := m.Store.Content(ctx, o.Number)
	if err != nil {
		return recipient{}, err
	}
	typed := content.Person.Email
	if typed == "" {
		return recipient{}, errNoAddress
	}
	// Without an account system staff find out whose the account is, and that it is the
	// person at this address who owns it.
	byStaff := t.State.Account.ByHand && t.Level >= ticket.LevelAccount
	return recipient{address: typed, proved: byStaff || strings.EqualFold(typed, proved)}, nil
}

// onFile is the mail address the operator had on file before the request. Whoever
// reads mail there is known to be the account's owner, but not, before the code
// comes back, to be who wrote the request.
func (m *Mails) onFile(ctx context.Context, t store.Ticket) (recipient, error) {
	address, err := m.contactOnFile(ctx, t, accounts.Email)
	return recipient{address: address, proved: err == nil && t.Level >= ticket.LevelAccount}, err
}

// contactOnFile is the first contact of a type that may be trusted: one put on
// file a short while ago proves nothing, or who changed it by one ticket would
// prove themselves with it on the next.
func (p Post) contactOnFile(ctx context.Context, t store.Ticket, kind accounts.ContactType) (string, error) {
	account, err := p.Store.Account(ctx, t.Number)
	if errors.Is(err, store.ErrNotFound) {
		return "", errNoAddress
	}
	if err != nil {
		return "", err
	}
	rested, err := p.restedSince(ctx, t)
	if err != nil {
		return "", err
	}
	for _, c := range account.Contacts {
		if c.Type != string(kind) || c.Value == "" || c.Since.After(rested) {
			continue
		}
		changed, err := p.Store.ContactChangedSince(ctx, c.Value, rested)
		if err != nil {
			return "", err
		}
		if !changed {
			return c.Value, nil
		}
	}
	return "", errNoAddress
}

// restedSince is the instant after which a changed contact is not trusted: so many
// days before the account was looked up for this ticket, or before now.
func (p Post) restedSince(ctx context.Context, t store.Ticket) (time.Time, error) {
	policy, err := p.Planner.Policy(ctx, t.Policy)
	if err != nil {
		return noTime, planned("reading the policy", err)
	}
	return p.Now().AddDate(0, 0, -policy.ContactRests), nil
}

// written classifies an error met while a letter was written. Errors of the
// activities' own making pass as they are.
func written(err error) error {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app
	}
	return stored("writing the mail", err)
}
