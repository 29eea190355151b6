package activities

import (
	"context"

	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/deadline"
)

// Clock answers questions about time. It only computes, from the policies and
// calendars in the database, so running twice does no harm; a calendar loaded in
// between gives another answer, which names its version. Its errors are always
// retried: a policy or calendar that can't be read is mended by the operator,
// and a ticket must not lose its clock over it.
type Clock struct{ planner *deadline.Planner }

// NewClock takes the planner.
func NewClock(p *deadline.Planner) *Clock { return &Clock{planner: p} }

// PlanClock computes a reply deadline and the instants of its ladder.
func (c *Clock) PlanClock(ctx context.Context, in contract.PlanClock) (contract.ClockPlan, error) {
	plan, err := c.planner.PlanClock(ctx, in)
	return plan, planned("planning the reply clock", err)
}

// PlanWait computes when to remind the person and when to stop waiting.
func (c *Clock) PlanWait(ctx context.Context, in contract.PlanWait) (contract.WaitPlan, error) {
	plan, err := c.planner.PlanWait(ctx, in)
	return plan, planned("planning a wait", err)
}

// NextMorning computes the first reminder hour of a working day after an instant.
func (c *Clock) NextMorning(ctx context.Context, in contract.NextMorning) (contract.Morning, error) {
	morning, err := c.planner.NextMorning(ctx, in)
	return morning, planned("finding the next working morning", err)
}

// planned keeps the planner's words, which are made of policies, days and
// instants alone, and drops what lies below them.
func planned(doing string, err error) error {
	if err == nil || ctxEnded(err) {
		return err
	}
	return temporal.NewApplicationError(doing+": "+err.Error(), errPlan)
}
