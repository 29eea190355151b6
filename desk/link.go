package desk

import (
	"context"
	"errors"
	"strings"
	"time"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// LinkLife is for how long a tracking link asked for on /track works.
const LinkLife = 7 * 24 * time.Hour

// LinkMail is a mail with a new tracking link.
type LinkMail struct {
	Number    ticket.Number
	Locale    ticket.Locale
	To        string
	Token     string
	ExpiresAt time.Time
}

// LinkMailer sends tracking links. It is called behind the answer.
type LinkMailer interface {
	SendLink(ctx context.Context, m LinkMail) error
}

// RequestLink mails a new tracking link when the number and the address belong
// together. Whether they do shows neither in the answer nor in its time: the
// answer is given before they are looked at. The error is a *ticket.Error
// (email_invalid, too_many_tries) or internal.
func (d *Desk) RequestLink(ctx context.Context, numberText, address, network string) error {
	to, ok := email(address)
	if !ok {
		return ticket.RefuseField(InputEmail, CodeEmailInvalid)
	}
	number, known := ticket.ParseNumber(numberText)
	if !known {
		number = ticket.Number(code(numberText))
	}
	for _, l := range []struct {
		limit
		key string
	}{{limitLinkNetwork, network}, {limitLinkContact, strings.ToLower(to)}, {limitLinkTicket, string(number)}} {
		if err := d.allow(ctx, l.limit, l.key); err != nil {
			return err
		}
	}
	ctx = context.WithoutCancel(ctx)
	if !d.behind(func() { d.sendLink(ctx, number, to) }) {
		d.log.Warn("too much under way: a tracking link was not mailed")
	}
	return nil
}

func (d *Desk) sendLink(ctx context.Context, number ticket.Number, to string) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	t, err := d.store.Ticket(ctx, number)
	if errors.Is(err, store.ErrNotFound) {
		return
	}
	if err == nil {
		err = d.mailLink(ctx, t, to)
	}
	if err != nil {
		d.log.Warn("a tracking link was not mailed", "ticket", number)
	}
}

// mailLink sends the link to the address that was proved, or to the one given
// in the form. The mail goes to the address on record, never to the one typed.
func (d *Desk) mailLink(ctx context.Context, t store.Ticket, typed string) error {
	proved, err := d.store.ProvedContact(ctx, t.Number)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	to, isProved := proved, true
	if !strings.EqualFold(proved, typed) {
		to, isProved = d.typedAddress(ctx, t.Number), false
		if !strings.EqualFold(to, typed) {
			return nil
		}
	}
	now := d.now()
	token, err := d.store.NewMailedLink(ctx, t.Number, to, isProved, now, LinkLife)
	if err != nil {
		return err
	}
	return d.links.SendLink(ctx, LinkMail{
		Number: t.Number, Locale: t.Locale, To: to, Token: token, ExpiresAt: now.Add(LinkLife),
	})
}
