package activities

import (
	"context"
	"maps"
	"slices"

	"rightsdesk/accounts"
	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// carryOut asks the account system for one step.
func (a *Accounts) carryOut(ctx context.Context, in contract.AccountAct, act accounts.Act, s store.AccountSnapshot) (accounts.Done, error) {
	switch in.Act {
	case contract.StepStopServices:
		return a.system.StopServices(ctx, act)
	case contract.StepErase:
		plan, err := a.erasePlan(ctx, in, s)
		if err != nil {
			return accounts.Done{}, err
		}
		return a.system.Erase(ctx, act, plan)
	case contract.StepCorrect, contract.StepUndo:
		change, err := a.change(ctx, in, s)
		if err != nil {
			return accounts.Done{}, err
		}
		return a.system.Correct(ctx, act, []accounts.Change{change})
	case contract.StepPurge:
		return a.system.Purge(ctx, act)
	}
	return accounts.Done{}, wrong("account: unknown step")
}

// erasePlan deletes every field the account has, but for those the ticket's
// policy retains: they are kept until the day given, with the law that says so.
// A retained field is named even if the look-up did not show it, since it would
// be deleted otherwise.
func (a *Accounts) erasePlan(ctx context.Context, in contract.AccountAct, s store.AccountSnapshot) ([]accounts.ErasePlanItem, error) {
	policy, err := a.policyOf(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	fields := slices.Sorted(maps.Keys(s.Fields))
	if len(fields) == 0 { // nobody looked it up: what the policy knows of
		for _, f := range policy.Fields {
			fields = append(fields, f.Name)
		}
	}
	var plan []accounts.ErasePlanItem
	kept := map[string]bool{}
	for _, rule := range policy.Retain {
		if in.Until.IsZero() {
			break
		}
		kept[rule.Field] = true
		plan = append(plan, accounts.ErasePlanItem{Field: rule.Field, Do: accounts.Keep, Until: in.Until, Basis: rule.Basis})
	}
	for _, f := range fields {
		if !kept[f] {
			plan = append(plan, accounts.ErasePlanItem{Field: f, Do: accounts.Delete})
		}
	}
	return plan, nil
}

// change is the new value of one field. A correction expects the value it was
// decided on and an undo the one the correction wrote, so that neither overwrites
// what somebody else has changed meanwhile.
func (a *Accounts) change(ctx context.Context, in contract.AccountAct, s store.AccountSnapshot) (accounts.Change, error) {
	content, err := a.store.Content(ctx, in.Number)
	if err != nil {
		return accounts.Change{}, stored("reading the correction", err)
	}
	i := slices.IndexFunc(content.Changes, func(c store.Change) bool { return c.Field == in.Field })
	if i < 0 {
		return accounts.Change{}, wrong("account: the ticket asks for no such change")
	}
	proposed := content.Changes[i].Proposed
	old, known := s.Fields[string(in.Field)]
	if in.Act == contract.StepUndo {
		if !known && s.Ref != "" {
			return accounts.Change{}, accounts.Permanent("old_value_unknown", string(in.Field), "")
		}
		return accounts.Change{Field: string(in.Field), Value: old, Expected: &proposed}, nil
	}
	change := accounts.Change{Field: string(in.Field), Value: proposed}
	if known {
		change.Expected = &old
	}
	return change, nil
}

func (a *Accounts) policyOf(ctx context.Context, number ticket.Number) (*ticket.Policy, error) {
	t, err := a.store.Ticket(ctx, number)
	if err != nil {
		return nil, stored("reading the ticket", err)
	}
	policy, err := a.planner.Policy(ctx, t.Policy)
	if err != nil {
		return nil, planned("reading the policy", err)
	}
	return policy, nil
}
