package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// v1LinkRequest asks for a link by mail.
type v1LinkRequest struct {
	Number string `json:"number" doc:"Ticket number, as people type it"`
	Email  string `json:"email" doc:"The address given when filing, or the one that was proved"`
}

// v1LinkAnswer is the same whatever was asked.
type v1LinkAnswer struct {
	Accepted bool `json:"accepted" doc:"Always true: a link is mailed if number and address belong together"`
}

// v1CodeEntry is a one-time code.
type v1CodeEntry struct {
	Code string `json:"code" doc:"The six digits of the mail; spaces and full-width digits are understood"`
}

// v1Proof is what a right code gives.
type v1Proof struct {
	Level       ticket.Level `json:"level" doc:"Proved"`
	Stage       ticket.Stage `json:"stage,omitempty"`
	Pending     bool         `json:"pending" doc:"The workflow engine is away: it is told as soon as it is back"`
	Link        string       `json:"link" doc:"A ticket link that may read and act; it takes the place of the one used, unless that was mailed"`
	LinkExpires time.Time    `json:"link_expires_at"`
}

// v1Outcome is what became of a person's act.
type v1Outcome struct {
	Stage   ticket.Stage `json:"stage,omitempty" doc:"After the act"`
	Pending bool         `json:"pending" doc:"Stored; the workflow engine is away and is told as soon as it is back"`
}

type (
	v1LinkInput     struct{ Body v1LinkRequest }
	v1LinkOutput    struct{ Body v1LinkAnswer }
	v1CodeInput     struct{ Body v1CodeEntry }
	v1ProofOutput   struct{ Body v1Proof }
	v1OutcomeOutput struct{ Body v1Outcome }
	v1TrackedOutput struct{ Body v1Tracked }
	v1FileIDInput   struct {
		ID int64 `path:"id" doc:"Of the file"`
	}
)

func (a *v1) personRoutes() {
	addV1(a, v1Op{id: "ask-for-link", method: http.MethodPost, path: "/links", tag: v1TagPerson, status: http.StatusAccepted,
		example: v1LinkRequest{Number: "DSR-20261123-7K3F9QXM", Email: "wang@mail.example"}, summary: "Ask for a ticket link by mail",
		about: "The answer and its time are the same whether or not there is such a ticket. The token is the last part of the mailed address."},
		a.askForLink)
	addV1(a, v1Op{id: "get-own-ticket", method: http.MethodGet, path: "/ticket", tag: v1TagPerson, who: v1Holder,
		summary: "How one's ticket stands",
		about: "With a link that is not proved: stage and deadline only. With a proved one also what was written, the answer once it was " +
			"opened (answer-read), and what happened."}, a.ownTicket)
	addV1(a, v1Op{id: "enter-code", method: http.MethodPost, path: "/ticket/code", tag: v1TagPerson, who: v1Holder, conflicts: true,
		example: v1CodeEntry{Code: "123456"}, summary: "Prove one's identity with the mailed code",
		about: "Ten minutes and five tries for a code. The answer brings a link that may read and act."}, a.enterCode)
	addV1(a, v1Op{id: "resend-code", method: http.MethodPost, path: "/ticket/code/resend", tag: v1TagPerson, who: v1Holder,
		conflicts: true, bodyless: true, summary: "Have another code mailed",
		about: "It goes where the first one went."}, a.resendCode)
	addV1(a, v1Op{id: "withdraw", method: http.MethodPost, path: "/ticket/withdrawal", tag: v1TagPerson, who: v1Holder,
		conflicts: true, bodyless: true, summary: "Take the request back",
		about: "Until erasure has begun. While identity is still to be proved a link that is not proved will do."}, a.withdraw)
	addV1(a, v1Op{id: "get-own-file", method: http.MethodGet, path: "/ticket/files/{id}", tag: v1TagPerson, who: v1Proved,
		returns: "application/octet-stream", summary: "Download a file of one's ticket",
		about: "Of the request, or of a message one may read. The type is the file's own."}, a.ownFile)
}

func (a *v1) askForLink(ctx context.Context, in *v1LinkInput) (*v1LinkOutput, error) {
	if in.Body.Number == "" {
		return nil, wrong("number", v1BadNumber)
	}
	err := a.Desk.RequestLink(ctx, in.Body.Number, in.Body.Email, network(callOf(ctx).gin))
	var refusal *ticket.Error
	if errors.As(err, &refusal) && refusal.Field == desk.InputEmail {
		return nil, v1Wrong{{In: "body", Field: "email", Code: refusal.Code}}
	}
	return &v1LinkOutput{v1LinkAnswer{Accepted: true}}, err
}

// codeResults are the codes of a code that did not do.
var codeResults = map[store.CodeResult]v1Code{
	store.CodeWrong: v1CodeWrong, store.CodeExpired: v1CodeExpired, store.CodeUsedUp: v1CodeUsedUp,
}

func (a *v1) enterCode(ctx context.Context, in *v1CodeInput) (*v1ProofOutput, error) {
	call := callOf(ctx)
	number := call.ticket.Number
	proof, err := a.Desk.Prove(ctx, number, in.Body.Code, network(call.gin))
	switch {
	case err != nil:
		return nil, err
	case proof.Refused != nil:
		return nil, proof.Refused
	case proof.Result != store.CodeOK:
		return nil, wrong("code", codeResults[proof.Result])
	}
	link, err := a.newLink(ctx, number)
	if err != nil {
		return nil, err
	}
	return &v1ProofOutput{v1Proof{Level: proof.Level, Stage: proof.Stage, Pending: proof.Pending, Link: link,
		LinkExpires: a.linkExpires(ctx)}}, nil
}

// newLink is a proved link in place of the one used, unless that was mailed.
func (a *v1) newLink(ctx context.Context, number ticket.Number) (string, error) {
	if err := a.Store.EndSession(ctx, bearer(callOf(ctx).gin)); err != nil {
		return "", err
	}
	return a.Store.NewLink(ctx, number, store.LinkSession, true, a.Now(), sessionLife)
}

// outcome is a person's act as the answer: refused in the workflow's words, or
// done, or kept until Temporal is back.
func outcome(o desk.Outcome, err error) (*v1OutcomeOutput, error) {
	switch {
	case err != nil:
		return nil, err
	case o.Refused != nil:
		return nil, o.Refused
	}
	return &v1OutcomeOutput{v1Outcome{Stage: o.Stage, Pending: o.Pending}}, nil
}

func (a *v1) resendCode(ctx context.Context, _ *struct{}) (*v1OutcomeOutput, error) {
	return outcome(a.Desk.ResendCode(ctx, callOf(ctx).ticket.Number))
}

// withdraw asks for proof as the tracking page does: none while identity is
// still to be proved.
func (a *v1) withdraw(ctx context.Context, _ *struct{}) (*v1OutcomeOutput, error) {
	call := callOf(ctx)
	if stage := call.ticket.Stage; !call.link.Proved && stage != ticket.Received && stage != ticket.Verifying {
		return nil, v1Fault{code: v1NotProved}
	}
	return outcome(a.Desk.Withdraw(ctx, call.ticket.Number))
}

func (a *v1) ownFile(ctx context.Context, in *v1FileIDInput) (*v1Download, error) {
	number := callOf(ctx).ticket.Number
	file, content, err := a.Store.AttachmentContent(ctx, number, in.ID)
	if isGone(err) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	visible, err := a.visible(ctx, number, file.Message)
	if err == nil && !visible {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return newDownload(file, content), nil
}
