package deadline

import (
	"context"
	"fmt"
	"time"

	"rightsdesk/calendar"
	"rightsdesk/contract"
)

// PlanWait computes when to remind a person and when to give up waiting.
// Reminders leave at the policy's hour of the first working day on or after
// their day, so none leaves at night or on a holiday; two that fall on one
// morning become one, and none leaves after the wait is over. The wait ends at
// 24:00 of its last day.
func (p *Planner) PlanWait(ctx context.Context, ask contract.PlanWait) (contract.WaitPlan, error) {
	policy, c, _, err := p.under(ctx, ask.Policy)
	if err != nil {
		return contract.WaitPlan{}, err
	}
	if ask.From.IsZero() {
		return contract.WaitPlan{}, fmt.Errorf("planning a wait: from: no time is set")
	}
	if ask.Expires < 1 || ask.Expires > 3660 {
		return contract.WaitPlan{}, fmt.Errorf("planning a wait: expires: %d is not between 1 and 3660 days", ask.Expires)
	}
	zone := c.Location()
	first := calendar.DateOf(ask.From, zone)
	plan := contract.WaitPlan{Expires: first.AddDays(ask.Expires).End(zone).Add(time.Second)}
	last := ask.From
	for _, n := range ask.Reminders {
		// the evening before, so that the morning of the day itself is found
		at := c.Morning(first.AddDays(n-1).End(zone), policy.Morning)
		if at.After(last) && at.Before(plan.Expires) {
			plan.Reminders = append(plan.Reminders, at)
			last = at
		}
	}
	return plan, nil
}

// NextMorning gives the first reminder hour of a working day after an instant.
func (p *Planner) NextMorning(ctx context.Context, ask contract.NextMorning) (contract.Morning, error) {
	policy, c, _, err := p.under(ctx, ask.Policy)
	if err != nil {
		return contract.Morning{}, err
	}
	return contract.Morning{At: c.Morning(ask.After, policy.Morning)}, nil
}
