package desk

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"rightsdesk/metrics"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// What is told of the desk's acts to those who operate it: spans and counts. Both
// take words of the vocabulary alone; spans the ticket's number besides.

// span begins a span of something done with a ticket.
func (d *Desk) span(ctx context.Context, what string, number ticket.Number) (context.Context, trace.Span) {
	return d.tracer.Start(ctx, "desk: "+what, trace.WithAttributes(attribute.String("ticket", string(number))))
}

// told is what became of telling a workflow something.
func told(err error) metrics.Told {
	if err == nil {
		return metrics.TellAccepted
	}
	if _, refused := ticket.AsError(err); refused {
		return metrics.TellRefused
	}
	if errors.Is(err, ErrEngineAway) || store.IsUnavailable(err) {
		return metrics.TellAway
	}
	return metrics.TellFailed
}

// measured runs an update and measures it.
func (e *engine) measured(name string, update func() error) error {
	began := time.Now()
	err := update()
	e.metrics.Updated(name, told(err), time.Since(began))
	return err
}

// verified counts a try to prove who somebody is.
func (d *Desk) verified(by ticket.Method, p Proof, err error) {
	d.metrics.Verification(by, verifiedAs(p, err))
}

func verifiedAs(p Proof, err error) metrics.Verified {
	switch {
	case err != nil, p.Refused != nil && p.Refused.Code == CodeServiceAway:
		return metrics.Away
	case p.Refused != nil:
		return metrics.Refused
	case p.Result == store.CodeOK:
		return metrics.Passed
	case p.Result == store.CodeExpired:
		return metrics.Expired
	case p.Result == store.CodeUsedUp:
		return metrics.Refused
	}
	return metrics.Wrong
}

// judged counts the verdict of a member of staff on who somebody is.
func (d *Desk) judged(by ticket.Method, passed bool, err error) {
	v := metrics.Wrong
	switch told(err) {
	case metrics.TellRefused:
		v = metrics.Refused
	case metrics.TellAway, metrics.TellFailed:
		v = metrics.Away
	default:
		if passed {
			v = metrics.Passed
		}
	}
	d.metrics.Verification(by, v)
}
