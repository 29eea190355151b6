package deadline

import (
	"context"
	"time"

	"rightsdesk/calendar"
	"rightsdesk/ticket"
)

// Horizon gives the last instant at which a deadline has at most n working days
// left, as DaysLeft counts them: the moment before the working day that would be
// one more. Whoever counts many tickets compares their stored deadlines with it.
func (p *Planner) Horizon(ctx context.Context, ref ticket.PolicyRef, now time.Time, n int) (time.Time, error) {
	_, c, _, err := p.under(ctx, ref)
	if err != nil {
		return time.Time{}, err
	}
	zone := c.Location()
	return c.AddWorkingDays(calendar.DateOf(now, zone), n+1).Start(zone).Add(-time.Microsecond), nil
}
