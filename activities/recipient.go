package activities

import (
	"context"
	"errors"
	"strings"

	"go.temporal.io/sdk/temporal"

	"rightsdesk/accounts"
	"rightsdesk/contract"
	"rightsdesk/store"
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

func (m *Mails) recipient(ctx context.Context, o contract.MailOrder) (recipient, error) {
	switch o.To {
	case contract.ToOnFile:
		return m.onFile(ctx, o)
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
	content, err := m.Store.Content(ctx, o.Number)
	if err != nil {
		return recipient{}, err
	}
	typed := content.Person.Email
	if typed == "" {
		return recipient{}, errNoAddress
	}
	return recipient{address: typed, proved: strings.EqualFold(typed, proved)}, nil
}

// onFile is the first mail address the operator had on file before the request.
func (m *Mails) onFile(ctx context.Context, o contract.MailOrder) (recipient, error) {
	account, err := m.Store.Account(ctx, o.Number)
	if errors.Is(err, store.ErrNotFound) {
		return recipient{}, errNoAddress
	}
	if err != nil {
		return recipient{}, err
	}
	for _, c := range account.Contacts {
		if c.Type == string(accounts.Email) {
			return recipient{address: c.Value, proved: true}, nil
		}
	}
	return recipient{}, errNoAddress
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
