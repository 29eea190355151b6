package activities

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/mail"
	"rightsdesk/metrics"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

const (
	codeLife = 10 * time.Minute
	linkLife = 400 * 24 * time.Hour // a retained ticket's page is asked for after a year
)

// Post is what it takes to write and send a letter.
type Post struct {
	Store   *store.Store
	Planner *deadline.Planner
	Writer  *mail.Writer
	Sender  mail.Sender
	Domain  string // of Message-IDs
	Now     func() time.Time
	Log     *slog.Logger
	Metrics *metrics.Metrics // nil: nothing is counted
}

// Mails sends letters to the person.
type Mails struct{ Post }

// NewMails takes what it needs.
func NewMails(p Post) *Mails { return &Mails{Post: p} }

// SendMail sends one letter, and returns once the mail server has accepted it or
// has refused it for good; anything else is an error to retry.
//
// The mail's row, keyed by ticket and step, makes it happen once: what is
// accepted and recorded is never sent again. If the process dies between the
// server's word and its record, the next attempt sends a second copy under the
// same Message-ID: at least once, since never twice can't be had of SMTP. Each
// attempt makes its own code and its own link; a newer code replaces the last.
//
// Addresses are found here, in the ticket's sealed content, and go nowhere but
// to the mail server.
func (m *Mails) SendMail(ctx context.Context, o contract.MailOrder) (contract.MailResult, error) {
	about(ctx, o.Number, "letter", string(o.Letter))
	row, err := m.Store.TryMail(ctx, o, m.Now())
	if err != nil {
		return contract.MailResult{}, stored("entering the mail", err)
	}
	switch row.Status {
	case store.MailAccepted:
		return contract.MailResult{Accepted: row.AcceptedAt}, nil
	case store.MailRefused:
		return contract.MailResult{Refused: true, Code: row.LastCode}, nil
	}
	message, err := m.write(ctx, o, row)
	switch {
	case isGone(err):
		return m.refused(ctx, o, 0) // purged or locked away meanwhile: nobody is left to write to
	case errors.Is(err, errNoAddress) && o.To == contract.ToOnFile:
		// Outside it must look as if there were such an account: the letter
		// counts as accepted. That nothing was sent shows in the mail log,
		// where it has no Message-ID.
		return m.accepted(ctx, o, mail.Receipt{At: m.Now()})
	case errors.Is(err, errNoAddress):
		return m.refused(ctx, o, 0)
	case err != nil:
		return contract.MailResult{}, written(err)
	}
	receipt, err := m.Sender.Send(ctx, message)
	m.sent(o.Letter, err)
	var (
		refusal   *mail.RefusedError
		temporary *mail.TemporaryError
	)
	switch {
	case err == nil:
		m.Metrics.MailDelayed(o.Letter, receipt.At.Sub(row.QueuedAt))
		return m.accepted(ctx, o, receipt)
	case errors.As(err, &refusal):
		return m.refused(ctx, o, refusal.Code)
	case errors.As(err, &temporary):
		return contract.MailResult{}, m.deferred(ctx, o, temporary)
	}
	return contract.MailResult{}, m.deferred(ctx, o, &mail.TemporaryError{Step: mail.StepConnect, Reason: "unknown"})
}

// accepted records the server's word. It does so even when the activity is being
// cancelled: the mail has left.
func (m *Mails) accepted(ctx context.Context, o contract.MailOrder, r mail.Receipt) (contract.MailResult, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	err := m.Store.MailAccepted(ctx, o, r.MessageID, r.At)
	return contract.MailResult{Accepted: r.At}, stored("recording that the mail was accepted", err)
}

func (m *Mails) refused(ctx context.Context, o contract.MailOrder, code int) (contract.MailResult, error) {
	err := m.Store.MailRefused(ctx, o.Number, o.Step, code, m.Now())
	return contract.MailResult{Refused: true, Code: code}, stored("recording that the mail was refused", err)
}

// deferred records the attempt and asks for another. The record is a courtesy to
// whoever looks at the ticket: without it the mail still shows as pending.
func (m *Mails) deferred(ctx context.Context, o contract.MailOrder, because *mail.TemporaryError) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	if err := m.Store.MailDeferred(ctx, o.Number, o.Step, because.Code, m.Now()); err != nil {
		m.Log.Warn("recording a deferred mail", "ticket", o.Number, "step", o.Step)
	}
	return temporal.NewApplicationError(because.Error(), errMail)
}

// write finds the address, and makes the letter with its code and its link.
func (m *Mails) write(ctx context.Context, o contract.MailOrder, row store.Mail) (mail.Message, error) {
	t, err := m.Store.Ticket(ctx, o.Number)
	if err != nil {
		return mail.Message{}, err
	}
	to, err := m.recipient(ctx, o, t)
	if err != nil && !errors.Is(err, errNoAddress) {
		return mail.Message{}, err
	}
	codeOnFile := o.Code && o.To == contract.ToOnFile
	if to.address != "" && !codeOnFile && (o.Code || !to.proved) {
		if err := m.withinBudget(ctx, to.address); err != nil {
			return mail.Message{}, err
		}
	}
	var code string
	if o.Code {
		// Without an address too: codes that are typed in are then wrong in
		// the same way as everywhere else.
		_, code, err = m.Store.IssueCode(ctx, o.Number, o.Step, levelOf(o.To), o.To, to.address, m.Now(), codeLife)
		if err != nil {
			return mail.Message{}, err
		}
	}
	if to.address == "" {
		return mail.Message{}, errNoAddress
	}
	if codeOnFile {
		if err := m.codeWithinBudget(ctx, to.address); errors.Is(err, errOverBudget) {
			m.Log.Warn("too many codes were asked for one contact: this one is not sent", "ticket", o.Number)
			return mail.Message{}, errNoAddress
		} else if err != nil {
			return mail.Message{}, err
		}
	}
	letter, err := m.letter(ctx, o, t, row, to.proved)
	if err != nil {
		return mail.Message{}, err
	}
	letter.Code, letter.Minutes = code, int(codeLife/time.Minute)
	token, err := m.Store.NewMailedLink(ctx, o.Number, to.address, to.proved, m.Now(), linkLife)
	if err != nil {
		return mail.Message{}, err
	}
	letter.Link = m.trackingPage(token)
	return m.render(string(o.Letter), letter, to.address, string(o.Step))
}

// levelOf is what a code sent to a recipient proves.
func levelOf(to contract.Recipient) ticket.Level {
	if to == contract.ToOnFile {
		return ticket.LevelAccount
	}
	return ticket.LevelContact
}

// trackingPage is where a link of that token leads.
func (p Post) trackingPage(token string) string {
	return p.Writer.Operator().BaseURL + "/track/" + token
}

// render writes a letter out and puts it into its ticket's conversation.
func (p Post) render(name string, l mail.Letter, to, step string) (mail.Message, error) {
	m, err := p.Writer.Write(name, l)
	if err != nil { // a mistake in a template: mended by the next release
		return m, temporal.NewApplicationError("mail: the template "+name+" can't be rendered", errMail)
	}
	root := mail.Root(l.Number, p.Domain)
	m.To, m.MessageID = to, mail.MessageID(step, l.Number, p.Domain)
	m.InReplyTo, m.References = root, []string{root}
	return m, nil
}
