package api

import (
	"context"
	"net/http"

	"rightsdesk/desk"
	"rightsdesk/store"
)

// v1Reply is what a person writes on their ticket.
type v1Reply struct {
	Text    string  `json:"text,omitempty" doc:"At most 5000 characters; it may be left out if there is a file"`
	Uploads []int64 `json:"uploads,omitempty" maxItems:"5" doc:"Ids of the files uploaded for this reply. All that wait under the key come along; one named here that is gone is an error"`
}

// v1Appeal says why the answer did not solve the matter.
type v1Appeal struct {
	Text string `json:"text" doc:"What is still wrong; at most 5000 characters"`
}

// v1Consequences confirms what a cancellation brings.
type v1Consequences struct {
	Understood bool `json:"understood" doc:"true: the consequences are understood and accepted"`
}

// v1AnswerRead says which answer was opened.
type v1AnswerRead struct {
	Message int64 `json:"message" doc:"Id of the answer, as the ticket gives it"`
}

type (
	v1ReplyInput        struct{ Body v1Reply }
	v1AppealInput       struct{ Body v1Appeal }
	v1ConsequencesInput struct{ Body v1Consequences }
	v1AnswerReadInput   struct{ Body v1AnswerRead }
	v1AnswerOutput      struct{ Body v1Message }
)

func (a *v1) personActRoutes() {
	act := func(id, path, summary, about string) v1Op {
		return v1Op{id: id, method: http.MethodPost, path: path, tag: v1TagPerson, who: v1Proved, conflicts: true, summary: summary, about: about}
	}
	reply := act("reply", "/ticket/replies", "Reply, or add to one's ticket",
		"Stored at once, whatever else is away. However often it is posted under one Idempotency-Key, it is one message.")
	reply.key, reply.status, reply.example = v1Required, http.StatusCreated, v1Reply{Text: "The account is wang-1987."}
	addV1(a, reply, a.reply)

	confirm := act("confirm-consequences", "/ticket/consequences", "Accept the consequences of a cancellation",
		"What is erased, what is kept and for how long stands on the ticket (clause 5.4).")
	confirm.example = v1Consequences{Understood: true}
	addV1(a, confirm, a.confirm)

	settled := act("obstacles-settled", "/ticket/obstacles-settled", "Say that what prevented the cancellation has been settled",
		"It is looked at again.")
	settled.bodyless = true
	addV1(a, settled, func(ctx context.Context, _ *struct{}) (*v1OutcomeOutput, error) {
		return outcome(a.Desk.ObstaclesSettled(ctx, callOf(ctx).ticket.Number))
	})

	solved := act("solved", "/ticket/solved", "Say that the answer solved the matter", "The ticket is closed.")
	solved.bodyless = true
	addV1(a, solved, func(ctx context.Context, _ *struct{}) (*v1OutcomeOutput, error) {
		return outcome(a.Desk.Solved(ctx, callOf(ctx).ticket.Number))
	})

	appeal := act("not-solved", "/ticket/not-solved", "Say that the answer did not solve the matter",
		"The appeal: once, within the policy's days. It goes to the privacy officer with a new clock.")
	appeal.key, appeal.example = v1Required, v1Appeal{Text: "You answered another question."}
	addV1(a, appeal, a.appeal)

	read := act("answer-read", "/ticket/answer-read", "Open the answer", "It goes on record that the person has read it.")
	read.example = v1AnswerRead{Message: 7}
	addV1(a, read, a.answerRead)
}

func (a *v1) reply(ctx context.Context, in *v1ReplyInput) (*v1OutcomeOutput, error) {
	call := callOf(ctx)
	token := a.formToken(call)
	if err := a.checkNamed(ctx, in.Body.Uploads, token); err != nil {
		return nil, err
	}
	return outcome(a.Desk.Reply(ctx, call.ticket.Number, desk.Words{Text: in.Body.Text, FormToken: token}))
}

func (a *v1) appeal(ctx context.Context, in *v1AppealInput) (*v1OutcomeOutput, error) {
	call := callOf(ctx)
	return outcome(a.Desk.NotSolved(ctx, call.ticket.Number, desk.Words{Text: in.Body.Text, FormToken: a.formToken(call)}))
}

func (a *v1) confirm(ctx context.Context, in *v1ConsequencesInput) (*v1OutcomeOutput, error) {
	if !in.Body.Understood {
		return nil, wrong("understood", v1NotUnderstood)
	}
	return outcome(a.Desk.Confirm(ctx, callOf(ctx).ticket.Number))
}

// answerRead puts on record that the answer was opened, and opens it.
func (a *v1) answerRead(ctx context.Context, in *v1AnswerReadInput) (*v1AnswerOutput, error) {
	t := callOf(ctx).ticket
	if in.Body.Message == 0 || in.Body.Message != t.State.Answer.Message {
		return nil, store.ErrNotFound
	}
	messages, err := a.correspondence(ctx, t.Number)
	if isGone(err) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		if m.ID != in.Body.Message {
			continue
		}
		if _, err := outcome(a.Desk.AnswerRead(ctx, t.Number, m.ID)); err != nil {
			return nil, err
		}
		zone, err := a.zone(ctx, t.Policy)
		if err != nil {
			return nil, err
		}
		return &v1AnswerOutput{newMessage(m, zone)}, nil
	}
	return nil, store.ErrNotFound
}
