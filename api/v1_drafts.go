package api

import (
	"context"
	"net/http"

	"rightsdesk/ticket"
)

// v1DraftText is what is being written.
type v1DraftText struct {
	Text string `json:"text" doc:"Kept in place of what was kept before"`
}

type v1DraftInput struct {
	V1Numbered
	Kind string `path:"kind" enum:"answer,question,extension,reason,note" doc:"Of the message it becomes"`
	Body v1DraftText
}

func (a *v1) draftRoutes() {
	addV1(a, v1Op{id: "save-draft", method: http.MethodPut, path: "/tickets/{number}/drafts/{kind}", tag: v1TagActs, who: v1Staff,
		may: ticket.MayHandle, conflicts: true, example: v1DraftText{"Dear "}, summary: "Keep what you are writing",
		about: "Sending the words drops the draft; an act that is refused keeps it. It also says that you are at the ticket."}, a.saveDraft)
	addV1(a, v1Op{id: "presence", method: http.MethodPost, path: "/tickets/{number}/presence", tag: v1TagActs, who: v1Staff,
		may: ticket.MayHandle, bodyless: true, summary: "Say that you are still at a ticket",
		about: "A claim lasts for as long as its holder is there."}, a.presence)
}

func (a *v1) saveDraft(ctx context.Context, in *v1DraftInput) (*v1NoContent, error) {
	number, err := in.number()
	if err != nil {
		return nil, err
	}
	me := callOf(ctx).agent.ID
	if err := a.Store.SaveDraft(ctx, number, me, in.Kind, in.Body.Text); err != nil {
		return nil, err
	}
	return &v1NoContent{}, a.Store.Touch(ctx, number, me, a.Now())
}

func (a *v1) presence(ctx context.Context, in *V1Numbered) (*v1NoContent, error) {
	number, err := in.number()
	if err != nil {
		return nil, err
	}
	if _, err := a.Store.Ticket(ctx, number); err != nil {
		return nil, err
	}
	return &v1NoContent{}, a.Store.Touch(ctx, number, callOf(ctx).agent.ID, a.Now())
}
