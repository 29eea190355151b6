package workflows_test

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/ticket"
)

// mayFollow is every change of stage there is.
var mayFollow = map[ticket.Stage][]ticket.Stage{
	ticket.Received:            {ticket.Verifying, ticket.Triage, ticket.InProgress, ticket.Withdrawn},
	ticket.Verifying:           {ticket.Triage, ticket.InProgress, ticket.Withdrawn, ticket.VerificationExpired},
	ticket.Triage:              {ticket.InProgress, ticket.WaitingOnSubject, ticket.Withdrawn},
	ticket.InProgress:          {ticket.WaitingOnSubject, ticket.Fulfilling, ticket.Answered, ticket.Refused, ticket.Triage, ticket.Withdrawn},
	ticket.WaitingOnSubject:    {ticket.InProgress, ticket.Triage, ticket.Fulfilling, ticket.Closed, ticket.Withdrawn, ticket.Answered, ticket.Refused},
	ticket.Fulfilling:          {ticket.Answered, ticket.Refused, ticket.InProgress, ticket.Triage, ticket.WaitingOnSubject, ticket.Withdrawn},
	ticket.Answered:            {ticket.Closed, ticket.InProgress, ticket.Triage},
	ticket.Refused:             {ticket.Closed, ticket.InProgress, ticket.Triage},
	ticket.Closed:              {ticket.InProgress, ticket.Triage, ticket.Retained}, // bounced or appealed, or kept
	ticket.Withdrawn:           {ticket.Retained},
	ticket.VerificationExpired: {},
	ticket.Retained:            {},
}

// consistent is what holds for every ticket, whatever people do. Every story is
// held against it.
func (s *story) consistent() {
	s.Helper()
	s.revisionsRise()
	s.stagesFollow()
	s.somebodyOwnsIt()
	s.ledgerAddsUp()
	s.rungsFireOnce()
	s.noRungIsMissed()
	s.nothingIsDoneTwice()
}

func (s *story) revisionsRise() {
	for i, r := range s.records {
		require.Equal(s, int64(i+1), r.State.Rev, "revisions rise by one")
	}
}

func (s *story) stagesFollow() {
	stage := ticket.Received // where each begins
	for _, r := range s.records {
		nobodyToAnswer := r.State.WordsLost && r.State.Stage == ticket.Closed
		if r.State.Stage != stage && !nobodyToAnswer {
			require.Contains(s, mayFollow[stage], r.State.Stage, "%s: %s is not followed by %s", day(r.at), stage, r.State.Stage)
		}
		stage = r.State.Stage
	}
}

// somebodyOwnsIt: no open ticket without an owner and a timer.
func (s *story) somebodyOwnsIt() {
	for _, r := range s.records {
		st := r.State
		require.NotEmpty(s, st.Awaiting, "%s: rev %d waits for no one", day(r.at), st.Rev)
		if !st.Stage.Open() || !st.Clock.StoppedAt.IsZero() {
			continue
		}
		require.NotEqual(s, ticket.AwaitingNobody, st.Awaiting, "%s: an open ticket waits for nobody", day(r.at))
		armed := slices.ContainsFunc(st.Clock.Rungs, func(g contract.Rung) bool { return !g.Fired })
		waits := st.Asked != nil || !st.WaitingSince.IsZero()
		require.True(s, armed || waits, "%s: rev %d has no timer", day(r.at), st.Rev)
		if paused(st.Clock) {
			require.True(s, waits, "%s: rev %d: the clock stands and nobody is waited for", day(r.at), st.Rev)
		}
	}
}

func paused(c contract.Clock) bool {
	return len(c.Pauses) > 0 && c.Pauses[len(c.Pauses)-1].To.IsZero()
}

// ledgerAddsUp: entries are in order, each says truly whether the clock runs,
// and the time it ran and the time it stood make the wall time.
func (s *story) ledgerAddsUp() {
	running := false
	var clockRan time.Duration
	var began, before, stopped time.Time
	var gaps time.Duration // between an answer and its coming back
	for i, r := range s.records {
		for _, e := range r.Ledger {
			require.False(s, e.At.Before(before), "the ledger goes back from %s to %s", day(before), day(e.At))
			if running {
				clockRan += e.At.Sub(before)
			}
			switch e.Event {
			case ticket.ClockStarted, ticket.ClockAppeal:
				require.False(s, running, "%s: a clock starts while one runs", day(e.At))
				running, clockRan, gaps, began = true, 0, 0, e.At
			case ticket.ClockReopened, ticket.ClockResumed:
				require.False(s, running, "%s: %s while it runs", day(e.At), e.Event)
				running = true
				if e.Event == ticket.ClockReopened {
					gaps += e.At.Sub(stopped)
				}
			case ticket.ClockPaused:
				require.True(s, running, "%s: paused while it stands", day(e.At))
				running = false
			case ticket.ClockStopped:
				running, stopped = false, e.At
			case ticket.ClockRung, ticket.ClockBreached:
				require.True(s, running, "%s: a clock that stands fired %s", day(e.At), e.Rung)
			}
			require.Equal(s, running, e.Running, "%s: %s: does the clock run?", day(e.At), e.Event)
			before = e.At
			if e.Event == ticket.ClockStopped && i+1 == len(s.records) {
				s.wallTime(r.State.Clock, e.At.Sub(began)-gaps, clockRan)
			}
		}
		c := r.State.Clock
		require.Equal(s, c.StoppedAt.IsZero() && !paused(c), running, "%s: rev %d: the ledger and the clock differ", day(r.at), r.State.Rev)
	}
}

// wallTime: what the ledger says the clock ran is the time from its start to its
// stop without the pauses.
func (s *story) wallTime(c contract.Clock, wall, ran time.Duration) {
	for _, p := range c.Pauses {
		wall -= p.To.Sub(p.From)
	}
	require.InDelta(s, wall.Seconds(), ran.Seconds(), 1, "the ledger's intervals don't add up")
}

// rungsFireOnce: on one clock each rung fires at most once, the overdue one once
// a day, and all of them at 09:00 but for the breach, which is at the deadline.
func (s *story) rungsFireOnce() {
	fired := map[ticket.Rung]int{}
	overdue := map[string]int{}
	breaches := 0
	for _, e := range s.entries() {
		switch e.Event {
		case ticket.ClockStarted, ticket.ClockAppeal:
			clear(fired)
			clear(overdue)
			breaches = 0
		case ticket.ClockBreachLifted:
			breaches--
		case ticket.ClockBreached:
			breaches++
			require.Equal(s, 1, breaches, "%s: breached twice", day(e.At))
			require.False(s, e.At.Before(e.Due), "%s: breached before %s", day(e.At), day(e.Due))
		case ticket.ClockRung:
			require.True(s, s.workingMorning(e), "%s fires at %s, which is no working morning", e.Rung, day(e.At))
			if e.Rung == ticket.RungOverdue {
				d := e.At.In(shanghai).Format(time.DateOnly)
				overdue[d]++
				require.Equal(s, 1, overdue[d], "%s: overdue twice a day", d)
				require.Equal(s, 1, breaches, "%s: overdue and not breached", d)
				continue
			}
			fired[e.Rung]++
			require.Equal(s, 1, fired[e.Rung], "%s: %s fired twice", day(e.At), e.Rung)
		}
	}
}

// workingMorning: under the calendar that the clock was planned by, or one loaded
// since, by which the next notice was armed.
func (s *story) workingMorning(e contract.LedgerEntry) bool {
	at := e.At.Truncate(time.Second) // a run that was handed over in this very instant begins a millisecond later
	for version := int(e.Calendar); version <= len(s.loaded.texts); version++ {
		then := s.planner
		if version < len(s.loaded.texts) {
			then = deadline.NewPlanner(&schedules{texts: s.loaded.texts[:version]}, deadline.BuiltIn{})
		}
		next, err := then.NextMorning(s.Context(), contract.NextMorning{Policy: s.start.Policy, After: at.Add(-time.Second)})
		require.NoError(s, err)
		if next.At.Equal(at) {
			return true
		}
	}
	return false
}

// noRungIsMissed: while the clock runs, no rung's time passes without its firing.
func (s *story) noRungIsMissed() {
	if s.downFor > 0 {
		return
	}
	for i, r := range s.records {
		st := r.State
		if !st.Clock.StoppedAt.IsZero() || paused(st.Clock) {
			continue
		}
		next := s.ended
		if i+1 < len(s.records) {
			next = s.records[i+1].at
		}
		for _, g := range st.Clock.Rungs {
			if g.Fired || g.Name == ticket.RungUnassigned && st.Assignee != ticket.Nobody {
				continue
			}
			due := g.At
			if due.Before(r.at) { // this change found it past
				due = r.at
			}
			require.False(s, due.Before(next.Add(-time.Second)), "%s: rev %d: %s at %s was missed", day(r.at), st.Rev, g.Name, day(g.At))
		}
	}
}
