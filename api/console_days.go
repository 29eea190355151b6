package api

import (
	"context"
	"time"

	"rightsdesk/calendar"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// dayCount speaks of deadlines for one page: it asks the planner once for each
// policy, so that a page of fifty tickets reads the calendar once.
type dayCount struct {
	k     *console
	now   time.Time
	under map[string]*calendar.Calendar // by the digest of the policy
}

func (k *console) dayCount() *dayCount {
	return &dayCount{k: k, now: k.Now(), under: map[string]*calendar.Calendar{}}
}

func (d *dayCount) calendar(ctx context.Context, ref ticket.PolicyRef) (*calendar.Calendar, error) {
	if known := d.under[ref.Digest]; known != nil {
		return known, nil
	}
	policy, err := d.k.Planner.Policy(ctx, ref)
	if err != nil {
		return nil, err
	}
	found, _, err := d.k.Planner.Calendar(ctx, policy.Calendar)
	if err != nil {
		return nil, err
	}
	d.under[ref.Digest] = found
	return found, nil
}

// deadline is a ticket's deadline in words.
func (d *dayCount) deadline(ctx context.Context, t store.Ticket) (templates.Deadline, error) {
	found, err := d.calendar(ctx, t.Policy)
	if err != nil {
		return templates.Deadline{}, err
	}
	left := found.WorkingDaysLeft(d.now, t.ReplyDue)
	return templates.NewDeadline(t.ReplyDue.In(found.Location()), d.now, t.Provisional, left, t.SLA), nil
}
