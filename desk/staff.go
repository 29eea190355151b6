package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// The acts of staff. Each is decided by the ticket's workflow: what it refuses
// comes back as a *ticket.Error, and when it can't be reached the act has not
// happened and the error is ErrEngineAway.

// Claim takes the ticket for a while; Done.Lease is the number to act under.
func (d *Desk) Claim(ctx context.Context, by Staff, number ticket.Number) (contract.Done, error) {
	return d.tell(ctx, number, contract.UpdateClaim, contract.StaffAct{By: by})
}

// Release gives a claim back.
func (d *Desk) Release(ctx context.Context, by Staff, number ticket.Number) (contract.Done, error) {
	return d.tell(ctx, number, contract.UpdateRelease, contract.StaffAct{By: by})
}

// Acknowledge says that the overdue ticket is known: the ladder goes quiet.
func (d *Desk) Acknowledge(ctx context.Context, by Staff, number ticket.Number) (contract.Done, error) {
	return d.tell(ctx, number, contract.UpdateAcknowledge, contract.StaffAct{By: by})
}

// Assign gives the ticket to a member of staff who handles tickets of its queue.
func (d *Desk) Assign(ctx context.Context, by Staff, number ticket.Number, to ticket.AgentID) (contract.Done, error) {
	agent, err := d.store.Agent(ctx, to)
	if errors.Is(err, store.ErrNotFound) || err == nil && agent.Disabled {
		return contract.Done{}, ticket.RefuseField("to", CodeAgentUnknown)
	}
	if err != nil {
		return contract.Done{}, err
	}
	t, err := d.store.Ticket(ctx, number)
	if err != nil {
		return contract.Done{}, err
	}
	if !agent.Role.May(ticket.MayHandle) || !agent.Sees(t) {
		return contract.Done{}, ticket.RefuseField("to", CodeAgentOutside)
	}
	return d.tell(ctx, number, contract.UpdateAssign, contract.Assign{By: by, To: agent.ID, ToRole: agent.Role})
}

// Categorise says what a complaint is about.
func (d *Desk) Categorise(ctx context.Context, by Staff, number ticket.Number, c ticket.Category) (contract.Done, error) {
	if !slices.Contains(ticket.Categories(), c) {
		return contract.Done{}, ticket.RefuseField(InputCategory, CodeUnknownChoice)
	}
	return d.tell(ctx, number, contract.UpdateCategorise, contract.Categorise{By: by, Category: c})
}

// CheckIdentity is an agent's verdict on who the person is: that the account is theirs,
// where no account system could send a code and it is not proved yet, else their real
// name.
func (d *Desk) CheckIdentity(ctx context.Context, by Staff, number ticket.Number, passed bool) (contract.Done, error) {
	t, err := d.store.Ticket(ctx, number)
	if err != nil {
		return contract.Done{}, err
	}
	policy, err := d.planner.Policy(ctx, t.Policy)
	if err != nil {
		return contract.Done{}, err
	}
	level := ticket.LevelReal
	if t.ChecksAccount(policy.Kinds[t.Kind]) {
		level = ticket.LevelAccount
	}
	done, err := d.tell(ctx, number, contract.UpdateCheckIdentity, contract.CheckIdentity{By: by, Level: level, Passed: passed})
	d.judged(ticket.MethodAgentCheck, passed, err)
	return done, err
}

// TaskDone ticks off a step that a person has done at the account system.
func (d *Desk) TaskDone(ctx context.Context, by Staff, number ticket.Number, step contract.AccountStep) (contract.Done, error) {
	switch step {
	case contract.StepStopServices, contract.StepErase, contract.StepCorrect, contract.StepUndo, contract.StepPurge:
	default:
		return contract.Done{}, ticket.RefuseField("step", CodeUnknownChoice)
	}
	return d.tell(ctx, number, contract.UpdateTaskDone, contract.TaskDone{By: by, Step: step})
}

// tell asks the workflow once. A browser that goes away does not take the act
// back half-way.
func (d *Desk) tell(ctx context.Context, number ticket.Number, update string, args any) (contract.Done, error) {
	id := updateID(ctx, update)
	ctx, span := d.span(ctx, "tell "+update, number)
	defer span.End()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.staffBudget)
	defer cancel()
	return d.engine.update(ctx, number, update, id, args)
}

// OpenRetained reads what is kept of a cancelled account (clause 5.4.1). Only
// the privacy officer may, with a reason, and it goes on record.
func (d *Desk) OpenRetained(ctx context.Context, by Staff, number ticket.Number, reason string) (store.Retained, error) {
	if err := permit(by, ticket.MayOpenRetention); err != nil {
		return store.Retained{}, err
	}
	reason, err := staffText(InputReason, reason, true)
	if err != nil {
		return store.Retained{}, err
	}
	kept, err := d.store.OpenRetained(ctx, number, by.ID, reason, d.now())
	if errors.Is(err, store.ErrNotFound) {
		if _, missing := d.store.Ticket(ctx, number); missing != nil {
			return store.Retained{}, missing
		}
	}
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrPurged) {
		return store.Retained{}, ticket.Refuse(CodeNotRetained)
	}
	if err != nil {
		return store.Retained{}, fmt.Errorf("opening what is retained: %w", err)
	}
	return kept, nil
}

func permit(by Staff, p ticket.Permission) error {
	if !by.Role.May(p) {
		return ticket.Refuse(CodeNotAllowed, "role", string(by.Role), "permission", string(p))
	}
	return nil
}
