package api

import (
	"context"
	"net/http"
	"time"

	"rightsdesk/ticket"
)

// v1Reason is why somebody opens what is locked away.
type v1Reason struct {
	Reason string `json:"reason" doc:"It goes on record before anything is shown"`
}

// v1Retained is what the law has kept of a cancelled account (clause 5.4.1).
type v1Retained struct {
	LockedAt time.Time         `json:"locked_at"`
	Until    time.Time         `json:"until"`
	Fields   []v1RetainedField `json:"fields" nullable:"false"`
	Request  V1Request         `json:"request"`
	Messages []v1Message       `json:"messages" nullable:"false"`
	Files    []v1File          `json:"files" nullable:"false" doc:"By name; their content stays locked"`
}

// v1RetainedField is a kept field with its value.
type v1RetainedField struct {
	Field string    `json:"field"`
	Value string    `json:"value"`
	Until time.Time `json:"until"`
	Basis string    `json:"basis"`
}

type (
	v1RetainedInput struct {
		V1Numbered
		Body v1Reason
	}
	v1RetainedOutput struct{ Body v1Retained }
)

func (a *v1) retainedRoutes() {
	addV1(a, v1Op{id: "open-retained", method: http.MethodPost, path: "/tickets/{number}/retained", tag: v1TagTickets, who: v1Staff,
		may: ticket.MayOpenRetention, key: v1Unstored, conflicts: true, example: v1Reason{"Request of the court of …, file no. …"},
		summary: "Open what is kept after a cancellation",
		about:   "An act with a reason, on record each time: the answer is not kept for a repeated request."}, a.openRetained)
}

func (a *v1) openRetained(ctx context.Context, in *v1RetainedInput) (*v1RetainedOutput, error) {
	number, err := in.number()
	if err != nil {
		return nil, err
	}
	t, err := a.Store.Ticket(ctx, number)
	if err != nil {
		return nil, err
	}
	zone, err := a.zone(ctx, t.Policy)
	if err != nil {
		return nil, err
	}
	kept, err := a.Desk.OpenRetained(ctx, callOf(ctx).staff(0), number, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	out := v1Retained{LockedAt: kept.LockedAt.In(zone), Until: kept.Until.In(zone), Fields: []v1RetainedField{},
		Request: written(t, kept.Content), Messages: []v1Message{}, Files: newFiles(kept.Attachments, zone)}
	for _, f := range kept.Fields {
		out.Fields = append(out.Fields, v1RetainedField{Field: f.Field, Value: f.Value, Until: f.Until.In(zone), Basis: f.Basis})
	}
	for _, m := range kept.Messages {
		message := newMessage(m, zone)
		message.Agent = m.Agent
		out.Messages = append(out.Messages, message)
	}
	return &v1RetainedOutput{out}, nil
}
