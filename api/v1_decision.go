package api

import (
	"context"
	"strconv"
	"strings"
	"time"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/ticket"
)

// v1Decide is a decision. Its text becomes the answer once everything it promises
// has been done.
type v1Decide struct {
	Lease   int                  `json:"lease"`
	Outcome ticket.Outcome       `json:"outcome,omitempty" enum:"accepted,partly,refused" doc:"A correction's follows from its fields"`
	Reason  ticket.RefusalReason `json:"reason,omitempty" doc:"Needed unless the outcome is accepted; a correction's follows from its fields"`
	Text    string               `json:"text" minLength:"2" doc:"In the person's language: what was done, what was not and why. Remedies are added. At most 10000 characters"`
	Fields  []v1FieldDecision    `json:"fields,omitempty" doc:"Corrections: each field of the request"`
}

// v1FieldDecision is the decision on one field of a correction.
type v1FieldDecision struct {
	Field  string               `json:"field"`
	Accept bool                 `json:"accept"`
	Reason ticket.RefusalReason `json:"reason,omitempty" doc:"Needed when it is not accepted"`
}

// v1Approve is the word of a second, different person on a decision.
type v1Approve struct {
	Approve bool   `json:"approve"`
	Reason  string `json:"reason,omitempty" doc:"Needed when it is sent back; stays inside the desk"`
}

// v1Decided is a decision in force, or waiting for a second person.
type v1Decided struct {
	By       ticket.AgentID       `json:"by"`
	At       time.Time            `json:"at"`
	Outcome  ticket.Outcome       `json:"outcome"`
	Reason   ticket.RefusalReason `json:"reason,omitempty"`
	Message  int64                `json:"message" doc:"Id of its words"`
	Fields   []v1FieldDecision    `json:"fields" nullable:"false"`
	FourEyes bool                 `json:"four_eyes"`
	Approved ticket.AgentID       `json:"approved_by,omitempty"`
}

// v1Task is a step that staff do at the account system.
type v1Task struct {
	Step  contract.AccountStep `json:"step"`
	Field contract.FieldName   `json:"field,omitempty"`
	First ticket.AgentID       `json:"first,omitempty" doc:"Who ticked it off first: erasure needs two"`
}

func newDecided(d *contract.Decision, zone *time.Location) *v1Decided {
	if d == nil {
		return nil
	}
	out := &v1Decided{By: d.By, At: d.At.In(zone), Outcome: d.Outcome, Reason: d.Reason, Message: d.Message,
		FourEyes: d.FourEyes, Approved: d.Approved, Fields: []v1FieldDecision{}}
	for _, f := range d.Fields {
		out.Fields = append(out.Fields, v1FieldDecision{string(f.Field), f.Accept, f.Reason})
	}
	return out
}

func (a *v1) decisionRoutes() {
	type staff = func(int) desk.Staff
	addV1Act(a, v1Act[v1Decide]{actDecide, ticket.MayHandle, "Decide a ticket",
		"Each field of a correction is accepted or refused with a reason, and the outcome follows from them. Some decisions wait for a second " +
			"person. The answer leaves once every system has confirmed.",
		v1Decide{Lease: 3, Outcome: ticket.Accepted, Text: "We have stopped giving your number to others."},
		func(ctx context.Context, by staff, n ticket.Number, b v1Decide) (contract.Done, error) {
			d, err := a.decisionOf(ctx, n, b)
			if err != nil {
				return contract.Done{}, err
			}
			return a.Desk.Decide(ctx, by(b.Lease), n, d)
		}})
	addV1Act(a, v1Act[v1Approve]{actApprove, ticket.MayApprove, "Approve a decision, or send it back",
		"Nobody approves a decision of their own.", v1Approve{Approve: true},
		func(ctx context.Context, by staff, n ticket.Number, b v1Approve) (contract.Done, error) {
			return a.Desk.Approve(ctx, by(0), n, b.Approve, b.Reason)
		}})
}

// decisionOf sees to what is missing, as the console's form does.
func (a *v1) decisionOf(ctx context.Context, n ticket.Number, b v1Decide) (desk.Decision, error) {
	d := desk.Decision{Outcome: b.Outcome, Reason: b.Reason, Text: b.Text}
	var missing v1Wrong
	required := func(field string) {
		missing = append(missing, v1FieldError{In: "body", Field: field, Code: desk.CodeRequired})
	}
	if callOf(ctx).ticket.Kind == ticket.InfoCorrection {
		var err error
		if d.Fields, err = a.decidedFields(ctx, n, b, required); err != nil {
			return d, err
		}
		outcome, reason := outcomeOf(d.Fields)
		if d.Outcome == "" { // another than follows is the workflow's to refuse
			d.Outcome = outcome
		}
		if d.Reason == "" {
			d.Reason = reason
		}
	}
	if d.Outcome == "" {
		required("outcome")
	}
	if d.Outcome == ticket.Accepted {
		d.Reason = ""
	} else if d.Outcome != "" && d.Reason == "" {
		required("reason")
	}
	if strings.TrimSpace(d.Text) == "" {
		required("text")
	}
	if len(missing) > 0 {
		return d, missing
	}
	return d, nil
}

// decidedFields wants a word on every field of the request.
func (a *v1) decidedFields(ctx context.Context, n ticket.Number, b v1Decide, required func(string)) ([]contract.FieldDecision, error) {
	content, err := a.Store.Content(ctx, n)
	if isGone(err) {
		return nil, ticket.Refuse(desk.CodeTicketClosed)
	}
	if err != nil {
		return nil, err
	}
	var out []contract.FieldDecision
	known := map[string]bool{}
	for i, f := range b.Fields {
		known[f.Field] = true
		if f.Accept {
			f.Reason = ""
		} else if f.Reason == "" {
			required("fields[" + strconv.Itoa(i) + "].reason")
		}
		out = append(out, contract.FieldDecision{Field: contract.FieldName(f.Field), Accept: f.Accept, Reason: f.Reason})
	}
	for _, change := range content.Changes {
		if !known[string(change.Field)] {
			required("fields")
			break
		}
	}
	return out, nil
}
