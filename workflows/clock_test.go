package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// The ladder of a ticket received on Friday 13 February 2026 and due on 12 March:
// 14 and 28 February are made up, 15 to 23 February are off.

func TestTheLadderOfATicketThatNobodyTakes(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-02-13 10:00")
	s.at("2026-02-13 10:05", proves())
	s.at("2026-03-17 10:00", withdraws())
	s.run()
	require.Equal(t, []string{
		"02-24 09:00 unassigned → lead",
		"03-04 09:00 half → lead",
		"03-10 09:00 at_risk → lead",
		"03-12 09:00 last_day → manager",
		"03-13 09:00 overdue → manager, privacy_officer",
		"03-16 09:00 overdue → manager, privacy_officer",
		"03-17 09:00 overdue → manager, privacy_officer",
	}, s.toldOf())
	require.Equal(t, []string{
		"02-13 10:00 started", "02-24 09:00 rung unassigned", "03-04 09:00 rung half", "03-10 09:00 rung at_risk",
		"03-12 09:00 rung last_day", "03-13 00:00 breached", "03-13 09:00 rung overdue", "03-16 09:00 rung overdue",
		"03-17 09:00 rung overdue", "03-17 10:00 stopped, stands",
	}, s.ledger())
	require.Equal(t, ticket.Late, s.last().Clock.SLA, "withdrawn late is late")
	require.Equal(t, 3, s.last().Clock.OverdueDays)
}

func TestTheLadderTellsTheAssigneeFirst(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.Complaint, "2026-02-13 10:00")
		s.at("2026-02-13 10:05", proves())
		s.at("2026-02-14 10:00", li.claims())
		s.at("2026-03-12 17:00", li.claims())
		s.at("2026-03-12 17:05", li.accepts(7))
		s.at("2026-03-12 18:00", saysSolved())
		s.run()
		require.Equal(t, []string{
			"03-04 09:00 half → li.wei",
			"03-10 09:00 at_risk → li.wei, lead",
			"03-12 09:00 last_day → manager",
		}, s.toldOf())
		require.Equal(t, ticket.InTime, s.last().Clock.SLA)
	})
}

func TestTheStandingOfTheClockIsToldTruly(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-02-13 10:00")
	s.at("2026-02-13 10:05", proves())
	s.at("2026-03-16 10:00", li.claims())
	s.at("2026-03-16 10:05", li.accepts(7))
	s.at("2026-03-16 11:00", saysSolved())
	s.run()
	var standings []string
	var was ticket.SLAState
	for _, r := range s.records {
		if now := r.State.Clock.SLA; now != was {
			was = now
			standings = append(standings, day(r.at)+" "+string(now))
		}
	}
	require.Equal(t, []string{"02-13 10:00 on_track", "03-10 09:00 at_risk", "03-13 00:00 breached", "03-16 10:05 late"}, standings, "answered late stays late")
	require.Equal(t, "03-13 00:00", day(s.last().Clock.BreachedAt))
}

func TestAnAcknowledgementQuietsTheNoticesButNotTheRecord(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.Complaint, "2026-02-13 10:00")
		s.at("2026-02-13 10:05", proves())
		s.at("2026-02-24 10:00", zhao.acknowledges())
		s.refused("2026-02-24 10:01", zhao.acknowledges(), "already_acknowledged")
		s.at("2026-03-12 10:00", sun.acknowledges())
		s.at("2026-03-13 10:00", sun.acknowledges())
		s.at("2026-03-17 10:00", withdraws())
		s.run()
		require.Equal(t, []string{
			"02-24 09:00 unassigned → lead",
			"03-12 09:00 last_day → manager",                 // a lead's word does not quiet it
			"03-13 09:00 overdue → manager, privacy_officer", // nor does one given before the breach
		}, s.toldOf())
		require.Equal(t, 3, s.last().Clock.OverdueDays, "each working day is on record")
		require.Equal(t, ticket.Manager, s.last().Clock.AckedBy)
	})
}

// The answer and the deadline in the same instant: what decides is when the mail
// server accepted the answer.

func answerAccepted(t *testing.T, accepted string) *story {
	s := begin(t, ticket.Complaint, "2026-02-13 10:00")
	s.post = func(o contract.MailOrder, try int) (contract.MailResult, error) {
		if o.Letter == contract.LetterAnswer && try == 1 {
			return contract.MailResult{}, s.away("2026-03-13 00:00:05") // accepted, and the word of it was lost
		}
		if o.Letter == contract.LetterAnswer {
			return contract.MailResult{Accepted: moment(accepted)}, nil
		}
		return contract.MailResult{Accepted: s.now()}, nil
	}
	s.at("2026-02-13 10:05", proves())
	s.at("2026-03-12 23:59:50", li.claims())
	s.at("2026-03-12 23:59:58", li.accepts(7))
	s.at("2026-03-13 11:00", saysSolved())
	s.run()
	return s
}

func TestAnAnswerAcceptedInTheLastSecondAndHeardOfAfterIsInTime(t *testing.T) {
	s := answerAccepted(t, "2026-03-12 23:59:59")
	require.Equal(t, []string{
		"03-12 09:00 rung last_day", "03-13 00:00 breached", "03-13 00:00:05 breach_lifted", "03-13 00:00:05 stopped, stands",
	}, s.ledger()[4:])
	require.Equal(t, ticket.InTime, s.last().Clock.SLA)
	require.Zero(t, s.last().Clock.BreachedAt)
	require.Equal(t, "03-12 23:59:59", day(s.last().Clock.StoppedAt))
}

func TestAnAnswerAcceptedAtMidnightIsLate(t *testing.T) {
	s := answerAccepted(t, "2026-03-13 00:00:00")
	require.Equal(t, []string{"03-13 00:00 breached", "03-13 00:00:05 stopped, stands"}, s.ledger()[5:])
	require.Equal(t, ticket.Late, s.last().Clock.SLA)
}

func TestAnAnswerInTheInstantOfTheDeadlineIsLateOnceAndForAll(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-02-13 10:00")
	s.at("2026-02-13 10:05", proves())
	s.at("2026-03-12 23:50", li.claims())
	s.at("2026-03-13 00:00", li.accepts(7))
	s.at("2026-03-13 11:00", saysSolved())
	s.run()
	require.Equal(t, []string{"03-13 00:00 breached", "03-13 00:00 stopped, stands"}, s.ledger()[5:])
	require.Equal(t, ticket.Late, s.last().Clock.SLA)
}

// A policy whose clock waits with the desk.

func pausing(t *testing.T) *story {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00") // due on 23 March
	s.start.Terms.Clock = ticket.ClockPauses
	s.at("2026-03-02 10:05", proves())
	return s
}

func TestAClockThatPausesGoesOnWithTheTimeThatWasLeft(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := pausing(t)
		s.at("2026-03-04 11:00", li.claims())
		s.at("2026-03-04 11:10", li.asks(3))
		s.at("2026-03-09 12:00", replies(5))
		s.at("2026-03-26 15:00", li.claims())
		s.at("2026-03-26 15:10", li.accepts(7))
		s.at("2026-03-26 16:00", saysSolved())
		s.run()
		require.Equal(t, []string{
			"03-02 10:00 started", "03-04 09:00 rung unassigned", "03-04 11:10 paused, stands", "03-09 12:00 resumed",
			"03-18 09:00 rung half", "03-24 09:00 rung at_risk", "03-26 09:00 rung last_day", "03-26 15:10 stopped, stands",
		}, s.ledger())
		require.Equal(t, "03-26 23:59:59", day(s.last().Clock.Due))
		require.Equal(t, ticket.InTime, s.last().Clock.SLA)
	})
}

func TestSilenceUnderAPausedClockIsNoBreach(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := pausing(t)
		s.at("2026-03-12 11:00", li.claims())
		s.at("2026-03-12 11:10", li.asks(3))
		s.run()
		require.Equal(t, []string{"03-12 11:10 paused, stands", "03-28 00:00 stopped, stands"}, s.ledger()[2:])
		require.Equal(t, ticket.StoppedSLA, s.last().Clock.SLA)
	})
}

func TestAPauseInTheInstantOfTheDeadlineDoesNotHideTheBreach(t *testing.T) {
	s := pausing(t)
	s.at("2026-03-23 23:50", li.claims())
	s.at("2026-03-24 00:00", li.asks(3))
	s.at("2026-03-26 10:00", replies(5))
	s.at("2026-03-26 12:00", withdraws())
	s.run()
	require.Equal(t, []string{
		"03-24 00:00 breached", "03-24 00:00 paused, stands", "03-26 10:00 resumed", "03-26 12:00 stopped, stands",
	}, s.ledger()[5:], "the next overdue notice would leave in the morning")
	require.Equal(t, ticket.Late, s.last().Clock.SLA)
}

func TestAClockThatPausesWaitsForObstaclesAndConsequences(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
		s.start.Terms.Clock = ticket.ClockPauses
		s.obstacles = obstacles(1)
		s.at("2026-03-02 10:05", proves())
		s.meanwhile("2026-03-03 10:00", func() {
			s.obstacles = func() (contract.ObstaclesFound, error) { return contract.ObstaclesFound{}, s.away("2026-03-03 15:00") }
		})
		s.at("2026-03-03 12:00", settles())
		s.at("2026-03-05 10:00", confirms())
		s.at("2026-03-05 11:00", withdraws())
		s.run()
		require.Equal(t, []string{
			"03-02 10:00 started", "03-02 10:05 paused, stands",
			"03-03 12:00 resumed", // it is the account system that is waited for
			"03-03 15:00 paused, stands", "03-05 10:00 resumed", "03-05 11:00 stopped, stands",
		}, s.ledger())
	})
}

func TestARefusalWhileThePersonIsWaitedForSetsAPausedClockGoing(t *testing.T) {
	s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
	s.start.Terms.Clock = ticket.ClockPauses
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-10 10:00", li.claims())
	s.at("2026-03-10 10:05", li.declines(7, ticket.ReasonLegalObligation))
	s.run()
	require.Equal(t, []string{
		"03-02 10:00 started", "03-02 10:05 paused, stands", "03-10 10:05 resumed", "03-10 10:05 stopped, stands",
	}, s.ledger())
	require.Equal(t, ticket.InTime, s.last().Clock.SLA)
}
