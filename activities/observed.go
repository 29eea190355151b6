package activities

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"rightsdesk/accounts"
	"rightsdesk/contract"
	"rightsdesk/mail"
	"rightsdesk/metrics"
	"rightsdesk/ticket"
)

// about puts down on the activity's span what it is about, in words of the
// vocabulary.
func about(ctx context.Context, number ticket.Number, what, word string) {
	trace.SpanFromContext(ctx).SetAttributes(attribute.String("ticket", string(number)), attribute.String(what, word))
}

// sent counts an attempt to hand a letter to the mail server.
func (p Post) sent(l contract.Letter, err error) {
	outcome := metrics.MailDeferred
	var refusal *mail.RefusedError
	switch {
	case err == nil:
		outcome = metrics.MailAccepted
	case errors.As(err, &refusal):
		outcome = metrics.MailRefused
	}
	p.Metrics.Mailed(l, outcome)
}

// acted counts an attempt to have the account system act.
func (a *Accounts) acted(step contract.AccountStep, done accounts.Done, err error) {
	outcome := metrics.AccountFailed
	var refusal *accounts.PermanentError
	switch {
	case err == nil && done.Pending:
		outcome = metrics.AccountPending
	case err == nil, errors.Is(err, accounts.ErrNoAccount) && step == contract.StepPurge:
		outcome = metrics.AccountDone
	case errors.Is(err, accounts.ErrNoAccount), errors.As(err, &refusal):
		outcome = metrics.AccountRefused
	}
	a.metrics.AccountAct(step, outcome)
}
