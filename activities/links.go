package activities

import (
	"context"

	"rightsdesk/desk"
	"rightsdesk/mail"
	"rightsdesk/metrics"
	"rightsdesk/seal"
)

// Links mails the tracking links people ask for at /track. No workflow is
// involved and no row kept: it is tried once, and asked for again.
type Links struct{ Post }

var _ desk.LinkMailer = (*Links)(nil)

// NewLinks takes what it needs.
func NewLinks(p Post) *Links { return &Links{Post: p} }

// SendLink implements desk.LinkMailer.
func (l *Links) SendLink(ctx context.Context, m desk.LinkMail) error {
	t, err := l.Store.Ticket(ctx, m.Number)
	if err != nil {
		return err
	}
	promised, err := l.terms(ctx, t)
	if err != nil {
		return err
	}
	letter := l.heading(t, promised)
	letter.Locale, letter.Link = m.Locale, l.trackingPage(m.Token)
	if !t.Stage.Open() {
		letter.Due = noTime // no answer is owed any more
	}
	message, err := l.render(mail.TrackingLink, letter, m.To, "link-"+seal.NewToken()[:12])
	if err != nil {
		return err
	}
	_, err = l.Sender.Send(ctx, message)
	l.sent(metrics.TrackingLink, err)
	return err
}
