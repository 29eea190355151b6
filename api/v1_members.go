package api

import (
	"context"
	"net/http"
	"time"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// What can be changed about a member of staff.
type (
	v1Role struct {
		Role ticket.Role `json:"role"`
	}
	v1Disabled struct {
		Disabled bool `json:"disabled"`
	}
	v1Away struct {
		Until string `json:"until" doc:"The last day away, as 2026-02-13, in the zone of the policy's calendar; empty: back"`
	}
	v1Queues struct {
		Queues []ticket.Queue `json:"queues" nullable:"false" doc:"Empty: all"`
	}
	v1MemberChange[B any] struct {
		Agent string `path:"agent" maxLength:"32" doc:"Sign-in name"`
		Body  B
	}
)

func (a *v1) memberRoutes() {
	op := func(id, end, summary, about string, example any) v1Op {
		return v1Op{id: id, method: http.MethodPost, path: "/team/{agent}/" + end, tag: v1TagTeam, who: v1Staff, may: ticket.MayRunTeam,
			conflicts: true, summary: summary, about: about, example: example}
	}
	addV1(a, op("change-role", "role", "Change what a member of staff may do", "At once; their sessions end. Not for oneself.",
		v1Role{ticket.Lead}), a.changeRole)
	addV1(a, op("disable-member", "disabled", "Lock a member of staff out, or let them in again",
		"At once; their tickets stay theirs until somebody assigns them. Not for oneself.", v1Disabled{true}), a.disableMember)
	addV1(a, op("mark-away", "away", "Say until when a member of staff is away", "Nobody should assign to them meanwhile.",
		v1Away{"2026-02-13"}), a.markAway)
	addV1(a, op("change-queues", "queues", "Limit an agent to queues", "Tickets outside are to them as if they were not there. Other roles see every queue.",
		v1Queues{ticket.Queues{"info_correction", "complaint.privacy"}}), a.changeQueues)
}

func (a *v1) changeRole(ctx context.Context, in *v1MemberChange[v1Role]) (*v1MemberOutput, error) {
	member, err := a.other(ctx, v1TeamMemberInput{in.Agent})
	if err != nil {
		return nil, err
	}
	member.Role = in.Body.Role
	return a.saveMember(ctx, member, a.onRecord(ctx, store.StaffRoleChanged, string(member.Role)))
}

func (a *v1) disableMember(ctx context.Context, in *v1MemberChange[v1Disabled]) (*v1MemberOutput, error) {
	member, err := a.other(ctx, v1TeamMemberInput{in.Agent})
	if err != nil {
		return nil, err
	}
	member.Disabled = in.Body.Disabled
	return a.saveMember(ctx, member, a.onRecord(ctx, disabledAct(member.Disabled), ""))
}

func (a *v1) markAway(ctx context.Context, in *v1MemberChange[v1Away]) (*v1MemberOutput, error) {
	member, err := a.Store.Agent(ctx, ticket.AgentID(in.Agent))
	if err != nil {
		return nil, err
	}
	member.AwayUntil = time.Time{}
	if in.Body.Until != "" {
		day, err := time.ParseInLocation(time.DateOnly, in.Body.Until, a.console.deskZone(ctx))
		if err != nil || day.AddDate(0, 0, 1).Before(a.Now()) || day.After(a.Now().AddDate(1, 0, 0)) {
			return nil, wrong("until", v1BadDay)
		}
		member.AwayUntil = day.AddDate(0, 0, 1).Add(-time.Second)
	}
	return a.saveMember(ctx, member)
}

func (a *v1) saveMember(ctx context.Context, member store.Agent, events ...store.StaffEvent) (*v1MemberOutput, error) {
	if err := a.Store.UpdateAgent(ctx, member, events...); err != nil {
		return nil, err
	}
	a.Log.Info("member of staff changed", "by", callOf(ctx).agent.ID, "member", member.ID)
	return &v1MemberOutput{a.newMember(ctx, member)}, nil
}
