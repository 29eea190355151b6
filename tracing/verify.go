package tracing

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/trace"

	"rightsdesk/verify"
)

// Texts makes every call to the text message gateway a span; none stays none.
func Texts(x verify.Texts, t trace.Tracer) verify.Texts {
	if x == nil {
		return nil
	}
	return tracedTexts{x, t}
}

type tracedTexts struct {
	texts  verify.Texts
	tracer trace.Tracer
}

func (x tracedTexts) SendText(ctx context.Context, m verify.Text) (string, error) {
	return call(ctx, x.tracer, "text message: send", serviceOutcome, func(ctx context.Context) (string, error) { return x.texts.SendText(ctx, m) })
}

// RealNames makes every call to the real-name registry a span; none stays none.
func RealNames(r verify.RealNames, t trace.Tracer) verify.RealNames {
	if r == nil {
		return nil
	}
	return tracedRealNames{r, t}
}

type tracedRealNames struct {
	registry verify.RealNames
	tracer   trace.Tracer
}

func (r tracedRealNames) CheckRealName(ctx context.Context, q verify.RealName) (verify.Verdict, error) {
	return call(ctx, r.tracer, "real-name registry: check", serviceOutcome, func(ctx context.Context) (verify.Verdict, error) { return r.registry.CheckRealName(ctx, q) })
}

// Payments makes every call to the payment service a span; none stays none.
func Payments(p verify.Payments, t trace.Tracer) verify.Payments {
	if p == nil {
		return nil
	}
	return tracedPayments{p, t}
}

type tracedPayments struct {
	payments verify.Payments
	tracer   trace.Tracer
}

func (p tracedPayments) Pay(ctx context.Context, order verify.Payment) (string, error) {
	return call(ctx, p.tracer, "payment service: pay", serviceOutcome, func(ctx context.Context) (string, error) { return p.payments.Pay(ctx, order) })
}

func serviceOutcome(err error) string {
	switch {
	case err == nil:
		return "answered"
	case errors.Is(err, verify.ErrRefused):
		return "refused"
	}
	return "failed"
}
