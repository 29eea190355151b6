package tracing

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/trace"

	"rightsdesk/mail"
)

// Mail makes every conversation with the mail server a span.
func Mail(s mail.Sender, t trace.Tracer) mail.Sender { return tracedMail{s, t} }

type tracedMail struct {
	mail.Sender
	tracer trace.Tracer
}

func (m tracedMail) Send(ctx context.Context, message mail.Message) (mail.Receipt, error) {
	return call(ctx, m.tracer, "mail: send", mailOutcome, func(ctx context.Context) (mail.Receipt, error) { return m.Sender.Send(ctx, message) })
}

func mailOutcome(err error) string {
	var refusal *mail.RefusedError
	switch {
	case err == nil:
		return "accepted"
	case errors.As(err, &refusal):
		return "refused"
	}
	return "deferred"
}
