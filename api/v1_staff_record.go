package api

import (
	"context"
	"time"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// v1StaffEvent is an entry of the record of staff administration.
type v1StaffEvent struct {
	ID      int64          `json:"id"`
	At      time.Time      `json:"at"`
	Actor   ticket.AgentID `json:"actor,omitempty" doc:"Absent: the command line on the server"`
	Act     store.StaffAct `json:"act"`
	Subject ticket.AgentID `json:"subject" doc:"Whose access it is"`
	Code    string         `json:"code,omitempty" doc:"What it was changed to: a role, or queues joined by commas"`
}

// v1StaffEvents is a page of that record.
type v1StaffEvents struct {
	Events []v1StaffEvent `json:"events" nullable:"false"`
	Next   int64          `json:"next,omitempty" doc:"Give it as after for older ones. Absent: there are none"`
}

type (
	v1StaffEventsInput struct {
		After int64 `query:"after" minimum:"0" doc:"next of the page before"`
	}
	v1StaffEventsOutput struct{ Body v1StaffEvents }
)

// onRecord is an entry about what the caller does.
func (a *v1) onRecord(ctx context.Context, act store.StaffAct, code string) store.StaffEvent {
	return store.StaffEvent{At: a.Now(), Actor: callOf(ctx).agent.ID, Act: act, Code: code}
}

func (a *v1) staffEvents(ctx context.Context, in *v1StaffEventsInput) (*v1StaffEventsOutput, error) {
	events, err := a.Store.StaffEvents(ctx, in.After, staffRecordPage)
	if err != nil {
		return nil, err
	}
	zone := a.console.deskZone(ctx)
	out := v1StaffEvents{Events: []v1StaffEvent{}}
	for _, e := range events {
		out.Events = append(out.Events, v1StaffEvent{ID: e.ID, At: e.At.In(zone), Actor: e.Actor, Act: e.Act, Subject: e.Subject, Code: e.Code})
	}
	if len(events) == staffRecordPage {
		out.Next = events[len(events)-1].ID
	}
	return &v1StaffEventsOutput{out}, nil
}

func (a *v1) resetFactor(ctx context.Context, in *v1TeamMemberInput) (*v1MemberOutput, error) {
	member, err := a.other(ctx, *in)
	if err != nil {
		return nil, err
	}
	if err := a.Store.ResetFactor(ctx, member.ID, a.onRecord(ctx, store.StaffFactorReset, "")); err != nil {
		return nil, err
	}
	a.Log.Info("second factor reset", "by", callOf(ctx).agent.ID, "member", member.ID)
	if member, err = a.Store.Agent(ctx, member.ID); err != nil {
		return nil, err
	}
	return &v1MemberOutput{a.newMember(ctx, member)}, nil
}

func (a *v1) changeQueues(ctx context.Context, in *v1MemberChange[v1Queues]) (*v1MemberOutput, error) {
	member, err := a.Store.Agent(ctx, ticket.AgentID(in.Agent))
	if err != nil {
		return nil, err
	}
	names := make([]string, len(in.Body.Queues))
	for i, q := range in.Body.Queues {
		names[i] = string(q)
	}
	queues, ok := ticket.ParseQueues(names)
	if !ok {
		return nil, wrong("queues", v1BadValue)
	}
	member.Queues = queues
	return a.saveMember(ctx, member, a.onRecord(ctx, store.StaffQueuesChanged, queues.String()))
}
