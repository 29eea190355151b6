package desk

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/serviceerror"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// sight is what was seen of one ticket: first its row, then its workflow, then its
// row again. A workflow only ever moves on: one that stands behind the row that was
// read before it was asked is behind.
type sight struct {
	number    ticket.Number
	at        time.Time
	row       *store.Surveyed // nil: there is no such ticket
	again     *store.Ticket   // the row, read after the workflow had answered
	own       execution       // the ticket's workflow
	retention execution
	standing  *contract.Standing // nil: it did not say
	silent    bool               // it was asked, and did not say

	goesOn   bool                     // by its row the ticket has a workflow that has not ended
	keep     *contract.RetentionStart // what a Retention has to purge, by its row
	calendar contract.CalendarVersion // of today
	rollout  bool
	noPolicy bool
}

// firstSight looks at a ticket that was passed by, and asks its workflow if it goes on
// or if Temporal's list does not fit its row.
func (d *Doctor) firstSight(ctx context.Context, row store.Surveyed) (sight, error) {
	s := sight{number: row.Number, at: d.engine.now(), row: &row, rollout: d.rollout,
		own: d.listed[string(row.Number)], retention: d.listed[contract.RetentionID(row.Number)]}
	if err := d.promised(ctx, &s); err != nil {
		return s, err
	}
	if !s.own.running() || row.Ordered {
		if s.goesOn || row.Ordered {
			return d.closeSight(ctx, row.Number, true)
		}
		if s.own.there() && s.own.shown.stage != row.Stage { // the database was replaced by one from before its end
			return d.closeSight(ctx, row.Number, true)
		}
		return s, nil
	}
	return s, d.ask(ctx, &s)
}

// closeSight looks at a ticket by asking for all of it anew. Relist asks Temporal's
// list too, which is late by moments.
func (d *Doctor) closeSight(ctx context.Context, number ticket.Number, relist bool) (sight, error) {
	s := sight{number: number, at: d.engine.now(), rollout: d.rollout}
	row, err := d.engine.store.SurveyOf(ctx, number)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return s, err
	default:
		s.row = &row
		if err := d.promised(ctx, &s); err != nil {
			return s, err
		}
	}
	if s.own, err = d.describe(ctx, string(number)); err != nil {
		return s, err
	}
	if !s.own.running() && !s.goesOn {
		if s.retention, err = d.describe(ctx, contract.RetentionID(number)); err != nil {
			return s, err
		}
	}
	if !s.own.there() {
		return s, nil
	}
	if s.own.running() && relist {
		listed, err := d.listedNow(ctx, number)
		if err != nil {
			return s, err
		}
		s.own.shown = listed.shown // what people see, rather than what Temporal knows
	}
	return s, d.ask(ctx, &s)
}

// promised fills in what the ticket's policy says of it.
func (d *Doctor) promised(ctx context.Context, s *sight) error {
	t := s.row.Ticket
	if !t.PurgedAt.IsZero() {
		return nil
	}
	policy, err := d.engine.planner.Policy(ctx, t.Policy)
	if store.IsUnavailable(err) || ctx.Err() != nil {
		return err
	}
	if err != nil {
		s.noPolicy, s.goesOn = true, t.Stage.Open()
		return nil
	}
	terms := policy.Kinds[t.Kind]
	switch t.Stage {
	case ticket.Answered, ticket.Refused:
		s.goesOn = true
	case ticket.Closed:
		// Silence has closed it, and an appeal is heard for some days more.
		if st := t.State; !st.Answer.Delivered.IsZero() && !st.Solved && !st.Appealed {
			wait, err := d.engine.planner.PlanWait(ctx, contract.PlanWait{Policy: t.Policy, From: st.Answer.Delivered, Expires: terms.Appeal.Window})
			if err != nil {
				return err
			}
			s.goesOn = s.at.Before(wait.Expires)
		}
	default:
		s.goesOn = t.Stage.Open()
	}
	if !s.goesOn && terms.Retention > 0 && !t.ClosedAt.IsZero() {
		s.keep = kept(t, terms)
	}
	if s.goesOn {
		_, s.calendar, err = d.engine.planner.Calendar(ctx, policy.Calendar)
	}
	return err
}

// kept is the Retention that a ticket that has ended must have, as its workflow
// begins it.
func kept(t store.Ticket, terms ticket.Terms) *contract.RetentionStart {
	keep := &contract.RetentionStart{Number: t.Number, Until: t.ClosedAt.Add(time.Duration(terms.Retention) * 24 * time.Hour)}
	for _, step := range t.State.Account.Done {
		if step == contract.StepErase {
			keep.Account, keep.Until = true, t.State.Account.KeptUntil
		}
	}
	return keep
}

// A worker with much to do answers late. When so many workflows in a row have not
// answered, and nobody has for so long, it is the worker.
const (
	answerWithin = 30 * time.Second
	maxSilent    = 20
	silentFor    = 90 * time.Second
)

// ask asks the ticket's workflow for its state, and reads the row once more if it has
// moved on meanwhile.
func (d *Doctor) ask(ctx context.Context, s *sight) error {
	if err := d.limit.Wait(ctx); err != nil {
		return err
	}
	standing, err := d.state(ctx, s.number)
	var gone *serviceerror.NotFound
	switch {
	case errors.As(err, &gone):
		s.own = execution{} // the list was late
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && unreachable(err):
		return understood("asking a workflow", err)
	case err != nil:
		s.silent = true // by itself, or since nobody is there to answer for it
		return d.noteAnswer(!late(err))
	}
	if err := d.noteAnswer(true); err != nil {
		return err
	}
	s.standing = &standing
	if s.row == nil || s.row.Rev == standing.State.Rev && !standing.Changing {
		return nil
	}
	row, err := d.engine.store.Ticket(ctx, s.number)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	s.again = &row
	return err
}

func (d *Doctor) state(ctx context.Context, number ticket.Number) (contract.Standing, error) {
	var standing contract.Standing
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	answer, err := d.engine.client.QueryWorkflow(ctx, string(number), "", contract.QueryState)
	if err == nil {
		err = answer.Get(&standing)
	}
	return standing, err
}

// unreachable reports that Temporal itself is away, as opposed to one workflow that
// does not answer.
func unreachable(err error) bool {
	var away *serviceerror.Unavailable
	var busy *serviceerror.ResourceExhausted
	return errors.As(err, &away) || errors.As(err, &busy)
}

// late reports that nobody answered in time.
func late(err error) bool {
	var deadline *serviceerror.DeadlineExceeded
	var canceled *serviceerror.Canceled
	var nobody *serviceerror.FailedPrecondition // no worker has asked for work lately
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &deadline) || errors.As(err, &canceled) || errors.As(err, &nobody)
}

// noteAnswer counts who answers. Many in a row that don't are not lost tickets.
func (d *Doctor) noteAnswer(answered bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.report.Asked++
	if answered {
		d.answered, d.silent = time.Now(), 0
		return nil
	}
	d.silent++
	if d.silent >= maxSilent && time.Since(d.answered) > silentFor {
		return ErrWorkerAway
	}
	return nil
}
