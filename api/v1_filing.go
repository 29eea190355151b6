package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// v1Person is who asks.
type v1Person struct {
	Name    string `json:"name" doc:"At most 100 characters"`
	Email   string `json:"email,omitempty" doc:"The receipt and the code go there; only staff may file without it"`
	Phone   string `json:"phone,omitempty" doc:"Without a country code it is taken for Chinese"`
	Account string `json:"account,omitempty" doc:"What the account is found by: its name, e-mail address or telephone number"`
}

// v1Subject is the data subject, where somebody else asks for them.
type v1Subject struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// v1Change is one field to correct.
type v1Change struct {
	Field    string `json:"field" doc:"One of the policy's fields"`
	Old      string `json:"old,omitempty" doc:"What it says now, as the person knows it"`
	Proposed string `json:"proposed" doc:"What it shall say"`
}

// V1Request is what is asked for.
type V1Request struct {
	Kind         ticket.Kind     `json:"kind"`
	Category     ticket.Category `json:"category,omitempty" doc:"What a complaint is about"`
	Relation     ticket.Relation `json:"relation,omitempty" doc:"How who asks stands to the data subject; self if absent"`
	RelationNote string          `json:"relation_note,omitempty" doc:"Needed when the relation is not self; at most 500 characters"`
	Locale       ticket.Locale   `json:"locale,omitempty" doc:"In which the person is written to; by Accept-Language if absent"`
	Person       v1Person        `json:"person"`
	OnBehalfOf   *v1Subject      `json:"on_behalf_of,omitempty"`
	Subject      string          `json:"subject,omitempty" doc:"At most 200 characters"`
	Text         string          `json:"text,omitempty" doc:"10 to 5000 characters; a complaint needs it"`
	Changes      []v1Change      `json:"changes,omitempty" doc:"What a correction is to correct"`
	Uploads      []int64         `json:"uploads,omitempty" maxItems:"5" doc:"Ids of the files uploaded for this request. All that wait under the key come along; one named here that is gone is an error"`
}

// v1StaffRequest is filed by staff for somebody who phoned or wrote (clause 5.2).
type v1StaffRequest struct {
	V1Request
	Channel    ticket.Channel `json:"channel" enum:"phone,letter,mail,counter"`
	ReceivedAt time.Time      `json:"received_at" doc:"The clock runs from then. More than one working day back needs a lead"`
}

// v1Receipt is what the person holds in hand from then on.
type v1Receipt struct {
	Number      ticket.Number `json:"number"`
	Kind        ticket.Kind   `json:"kind"`
	ReceivedAt  time.Time     `json:"received_at"`
	ReplyDue    time.Time     `json:"reply_due" doc:"The last second of the period, in the zone of the policy's calendar"`
	Provisional bool          `json:"provisional" doc:"Some year's schedule is not published yet: the deadline may move"`
	WorkingDays int           `json:"working_days_left"`
	Email       string        `json:"email,omitempty" doc:"Where the receipt went"`
	Level       ticket.Level  `json:"level" doc:"How strongly identity has to be proved"`
	VerifyDays  int           `json:"verify_days" doc:"Days in which it has to be"`
	Link        string        `json:"link,omitempty" doc:"Ticket link for Authorization: Bearer, with which the code can be entered. Not given to staff"`
	LinkExpires *time.Time    `json:"link_expires_at,omitempty"`
}

type (
	v1FileInput      struct{ Body V1Request }
	v1StaffFileInput struct{ Body v1StaffRequest }
	v1ReceiptOutput  struct{ Body v1Receipt }
	v1RequestOutput  struct{ Body V1Request }
)

var v1RequestExample = V1Request{Kind: ticket.Complaint, Category: ticket.CategoryPrivacy, Locale: ticket.English,
	Person: v1Person{Name: "Wang Xiaoming", Email: "wang@mail.example", Phone: "+8613800000000"},
	Text:   "Please tell me to whom you gave my telephone number."}

func (a *v1) filingRoutes() {
	addV1(a, v1Op{id: "file-ticket", method: http.MethodPost, path: "/tickets", tag: v1TagPublic, key: v1Required,
		status: http.StatusCreated, example: v1RequestExample, summary: "File a ticket",
		about: "Once the receipt is there the ticket can't be lost, even while the workflow engine is away. " +
			"However often a request is posted under one Idempotency-Key, it is one ticket."}, a.file)
	addV1(a, v1Op{id: "check-ticket", method: http.MethodPost, path: "/tickets/check", tag: v1TagPublic,
		example: v1RequestExample, summary: "Check a request without filing it",
		about: "Gives the request as it would be stored: without stray spaces, full-width digits and the like."}, a.check)
	staffExample := v1StaffRequest{V1Request: v1RequestExample, Channel: ticket.ChannelPhone,
		ReceivedAt: time.Date(2026, 2, 13, 10, 0, 0, 0, time.FixedZone("", 8*3600))}
	addV1(a, v1Op{id: "file-ticket-for-person", method: http.MethodPost, path: "/tickets/for-person", tag: v1TagTickets,
		who: v1Staff, may: ticket.MayHandle, key: v1Required, status: http.StatusCreated, example: staffExample,
		summary: "File a ticket for somebody who phoned or wrote",
		about: "The clock runs from receipt, not from typing; receipt mail and verification are the same as for everyone. " +
			"An e-mail address or a telephone number is needed."}, a.fileForPerson)
}

// request is what came, as the desk takes it.
func (r V1Request) request(token string, l ticket.Locale) desk.Request {
	out := desk.Request{FormToken: token, Kind: r.Kind, Category: r.Category, Channel: ticket.ChannelAPI, Relation: r.Relation, Locale: r.Locale,
		Person:       store.Person{Name: r.Person.Name, Email: r.Person.Email, Phone: r.Person.Phone, Account: r.Person.Account},
		RelationNote: r.RelationNote, Subject: r.Subject, Text: r.Text}
	if out.Locale == "" {
		out.Locale = l
	}
	if o := r.OnBehalfOf; o != nil {
		out.OnBehalfOf = store.Person{Name: o.Name, Email: o.Email, Phone: o.Phone}
	}
	for _, c := range r.Changes {
		out.Changes = append(out.Changes, store.Change{Field: contract.FieldName(c.Field), Old: c.Old, Proposed: c.Proposed})
	}
	return out
}

// formToken is under which token the call's files wait, and its request counts
// as one.
func (a *v1) formToken(call *v1Call) string { return v1FormToken(a.scope(call), call.key) }

func (a *v1) check(ctx context.Context, in *v1FileInput) (*v1RequestOutput, error) {
	if err := a.limited(ctx, "form", mostPosts); err != nil {
		return nil, err
	}
	r := in.Body.request("", locale(callOf(ctx).gin))
	if errs := a.Desk.Check(ctx, &r); len(errs) > 0 {
		return nil, a.inputErrors(ctx, errs)
	}
	out := written(store.Ticket{Kind: r.Kind, Category: r.Category, Relation: r.Relation, Locale: r.Locale},
		store.Content{Person: r.Person, OnBehalfOf: r.OnBehalfOf, RelationNote: r.RelationNote, Subject: r.Subject,
			Text: r.Text, Changes: r.Changes})
	out.Uploads = in.Body.Uploads
	return &v1RequestOutput{out}, nil
}

func (a *v1) file(ctx context.Context, in *v1FileInput) (*v1ReceiptOutput, error) {
	if err := a.limited(ctx, "file", mostFilings); err != nil {
		return nil, err
	}
	call := callOf(ctx)
	out, err := a.filed(ctx, in.Body, in.Body.request(a.formToken(call), locale(call.gin)))
	if err != nil {
		return nil, err
	}
	// The link lets the code be entered; nothing can be read with it yet.
	expires := a.linkExpires(ctx)
	link, err := a.Store.NewLink(ctx, out.Body.Number, store.LinkSession, false, a.Now(), sessionLife)
	if err != nil {
		a.Log.Error("no link after filing", "why", err) // the ticket is safe, and the mail brings a link
		return out, nil
	}
	out.Body.Link, out.Body.LinkExpires = link, &expires
	return out, nil
}

// linkExpires is when a link given in an answer expires.
func (a *v1) linkExpires(ctx context.Context) time.Time {
	return a.Now().Add(sessionLife).Truncate(time.Second).In(a.console.deskZone(ctx))
}

func (a *v1) fileForPerson(ctx context.Context, in *v1StaffFileInput) (*v1ReceiptOutput, error) {
	call := callOf(ctx)
	r := in.Body.request(a.formToken(call), ticket.Chinese)
	by := call.staff(0)
	r.Channel, r.ReceivedAt, r.FiledBy = in.Body.Channel, in.Body.ReceivedAt, &by
	return a.filed(ctx, in.Body.V1Request, r)
}

func (a *v1) filed(ctx context.Context, sent V1Request, r desk.Request) (*v1ReceiptOutput, error) {
	if err := a.checkNamed(ctx, sent.Uploads, r.FormToken); err != nil {
		return nil, err
	}
	receipt, errs, err := a.Desk.File(ctx, r)
	if err != nil {
		return nil, err
	}
	if len(errs) > 0 {
		return nil, a.inputErrors(ctx, errs)
	}
	terms := a.Policy.Kinds[receipt.Kind].Verification
	return &v1ReceiptOutput{v1Receipt{Number: receipt.Number, Kind: receipt.Kind, ReceivedAt: receipt.ReceivedAt,
		ReplyDue: receipt.ReplyDue, Provisional: receipt.Provisional, WorkingDays: receipt.DaysLeft, Email: receipt.Email,
		Level: terms.Level, VerifyDays: terms.Expires}}, nil
}

// checkNamed sees to it that no file is left behind unnoticed. A request that has
// been sent already has taken its files along.
func (a *v1) checkNamed(ctx context.Context, named []int64, token string) error {
	if len(named) == 0 {
		return nil
	}
	if form, err := a.Store.Form(ctx, token); err == nil && form.Number != "" {
		return nil
	}
	staged, err := a.Store.Uploads(ctx, token)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	for _, id := range named {
		if !slices.ContainsFunc(staged, func(u store.Upload) bool { return u.ID == id }) {
			return wrong("uploads", v1UploadsGone)
		}
	}
	return nil
}
