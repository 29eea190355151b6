package deadline

import (
	"context"
	"slices"
	"time"

	"rightsdesk/calendar"
	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// PlanClock computes when the reply is due and when each rung of the ladder is
// reached, in the order of their time.
//
// Under a term of days the reminders leave at the policy's hour of working days
// inside the period. A rung for which the period has no such hour (received on
// a Saturday and due on the Sunday) is left out; the breach never is. Under a
// term of hours or minutes they are exact shares of the time, whatever the hour.
func (p *Planner) PlanClock(ctx context.Context, ask contract.PlanClock) (contract.ClockPlan, error) {
	policy, c, version, err := p.under(ctx, ask.Policy)
	if err != nil {
		return contract.ClockPlan{}, err
	}
	q := count(ask)
	d, err := c.Deadline(q)
	if err != nil {
		return contract.ClockPlan{}, err
	}
	l := ladder{calendar: c, hour: policy.Morning, count: q, deadline: d, assigned: ask.Assigned}
	return contract.ClockPlan{Due: d.Due, Provisional: d.Provisional, Calendar: version, Rungs: l.rungs()}, nil
}

// Explain gives the deadline with every day counted and skipped, and the
// calendar that says why.
func (p *Planner) Explain(ctx context.Context, ask contract.PlanClock) (calendar.Deadline, *calendar.Calendar, error) {
	_, c, _, err := p.under(ctx, ask.Policy)
	if err != nil {
		return calendar.Deadline{}, nil, err
	}
	d, err := c.Deadline(count(ask))
	return d, c, err
}

func count(ask contract.PlanClock) calendar.Count {
	q := calendar.Count{From: ask.From, Term: ask.Term, Extension: ask.Extend, Roll: ask.Roll}
	for _, pause := range ask.Pauses {
		q.Pauses = append(q.Pauses, calendar.Pause{From: pause.From, To: pause.To})
	}
	return q
}

// ladder places the rungs of one deadline.
type ladder struct {
	calendar *calendar.Calendar
	hour     int
	count    calendar.Count
	deadline calendar.Deadline
	assigned bool
}

func (l ladder) rungs() []contract.Rung {
	breach := l.deadline.Due.Add(time.Second)
	rungs := []contract.Rung{
		{Name: ticket.RungUnassigned, At: l.unassigned()},
		{Name: ticket.RungHalf, At: l.calendar.Fraction(l.deadline, l.count, 0.5, l.hour)},
		{Name: ticket.RungAtRisk, At: l.calendar.Fraction(l.deadline, l.count, 0.8, l.hour)},
		{Name: ticket.RungLastDay, At: l.calendar.LastDay(l.deadline, l.count, l.hour)},
		{Name: ticket.RungBreach, At: breach},
		{Name: ticket.RungOverdue, At: l.overdue(breach)},
	}
	rungs = slices.DeleteFunc(rungs, func(r contract.Rung) bool {
		switch r.Name {
		case ticket.RungUnassigned:
			return l.assigned || r.At.After(l.deadline.Due)
		case ticket.RungHalf, ticket.RungAtRisk, ticket.RungLastDay:
			return r.At.Before(l.count.From)
		}
		return false
	})
	slices.SortStableFunc(rungs, func(a, b contract.Rung) int { return a.At.Compare(b.At) })
	return rungs
}

// exact reports a period that ends at an instant rather than with a day.
func (l ladder) exact() bool { return len(l.deadline.Days) == 0 }

// unassigned is when nobody has taken the ticket for one working day. The day
// of receipt does not count here either.
func (l ladder) unassigned() time.Time {
	if l.exact() {
		return l.calendar.Fraction(l.deadline, l.count, 0.5, l.hour)
	}
	zone := l.calendar.Location()
	passed := l.calendar.AddWorkingDays(calendar.DateOf(l.count.From, zone), 1)
	return l.calendar.Morning(passed.End(zone), l.hour)
}

// overdue is the first time managers hear of the breach. Terms of minutes are
// for demonstrations, which can't wait for the morning.
func (l ladder) overdue(breach time.Time) time.Time {
	if l.exact() && l.count.Term.Unit == ticket.Minute {
		return breach.Add(time.Second)
	}
	return l.calendar.Morning(breach, l.hour)
}
