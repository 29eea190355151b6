package command

import (
	"context"
	"log/slog"

	"rightsdesk/contract"
)

// ticketed is the journal of Temporal's SDK, which names workflows: a line about
// that of a ticket gets the ticket's number, as every other line about it has.
type ticketed struct {
	slog.Handler
	number string // of the workflow whose logger it is; empty: not known
}

const (
	workflowID = "WorkflowID"
	ticketAttr = "ticket"
)

// Handle implements slog.Handler.
func (h ticketed) Handle(ctx context.Context, r slog.Record) error {
	number := h.number
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == ticketAttr {
			number = ""
			return false
		}
		if n, ok := numberIn(a); ok {
			number = n
		}
		return true
	})
	if number != "" {
		r = r.Clone()
		r.AddAttrs(slog.String(ticketAttr, number))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler: most of the SDK's loggers carry the workflow
// with them.
func (h ticketed) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, a := range attrs {
		if number, ok := numberIn(a); ok {
			h.number = number
		}
	}
	h.Handler = h.Handler.WithAttrs(attrs)
	return h
}

// WithGroup implements slog.Handler.
func (h ticketed) WithGroup(name string) slog.Handler {
	h.Handler = h.Handler.WithGroup(name)
	return h
}

func numberIn(a slog.Attr) (string, bool) {
	if a.Key != workflowID || a.Value.Kind() != slog.KindString {
		return "", false
	}
	number, ok := contract.NumberOf(a.Value.String())
	return string(number), ok
}
