package workflows_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"

	"rightsdesk/contract"
	"rightsdesk/ticket"
	"rightsdesk/workflows"
)

// The schedule of 2027 is published while a ticket is open: 1 to 4 January are
// off. Received on 11 December 2026, it was due on 4 January, provisionally.
const published2027 = "# covers: 2027\n2027-01-01\tholiday\t元旦\n2027-01-02\tholiday\t元旦\n2027-01-03\tholiday\t元旦\n2027-01-04\tholiday\t元旦\n"

func provisional(t *testing.T, published string) *story {
	s := begin(t, ticket.Complaint, "2026-12-11 10:00")
	s.at("2026-12-11 10:05", proves())
	s.at("2026-12-14 10:00", li.claims())
	s.meanwhile(published, func() { s.loaded.load(published2027) })
	s.at(published, replans(1))
	s.at(published, replans(1)) // told twice
	return s
}

func TestAProvisionalDeadlineMovesWhenTheScheduleIsPublished(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := provisional(t, "2026-12-28 12:00")
		s.at("2027-01-07 10:00", withdraws())
		s.run()
		require.Equal(t, []string{
			"12-11 10:00 started", "12-24 09:00 rung half", "12-28 12:00 moved", "12-30 09:00 rung at_risk",
			"01-05 09:00 rung last_day", "01-06 00:00 breached", "01-06 09:00 rung overdue", "01-07 09:00 rung overdue",
			"01-07 10:00 stopped, stands",
		}, s.ledger())
		require.True(t, s.records[0].State.Clock.Provisional)
		require.False(t, s.last().Clock.Provisional)
		require.Equal(t, contract.CalendarVersion(1), s.last().Clock.Calendar)
		require.Equal(t, "01-05 23:59:59", day(s.last().Clock.Due))
	})
}

func TestABreachIsLiftedWhenTheDeadlineMovesBeyondThePresent(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := provisional(t, "2027-01-05 12:00")
		s.at("2027-01-05 15:00", li.claims())
		s.at("2027-01-05 15:10", li.accepts(7))
		s.at("2027-01-05 16:00", saysSolved())
		s.run()
		require.Equal(t, []string{
			"01-04 09:00 rung last_day", "01-05 00:00 breached", "01-05 09:00 rung overdue",
			"01-05 12:00 moved", "01-05 12:00 breach_lifted", "01-05 15:10 stopped, stands",
		}, s.ledger()[3:])
		require.Equal(t, ticket.InTime, s.last().Clock.SLA)
	})
}

func TestADeadlineThatMovesAndStaysPastFiresNothingTwice(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := provisional(t, "2027-01-07 09:00")
		s.at("2027-01-08 10:00", withdraws())
		s.run()
		require.Equal(t, []string{
			"01-04 09:00 rung last_day", "01-05 00:00 breached", "01-05 09:00 rung overdue", "01-06 09:00 rung overdue",
		}, s.ledger()[3:7])
		require.ElementsMatch(t, []string{"01-07 09:00 moved", "01-07 09:00 rung overdue"}, s.ledger()[7:9], "in one instant: both")
		require.Equal(t, "01-06 00:00", day(s.last().Clock.BreachedAt))
	})
}

func TestAnAnswerThatCameBackIsOwedUnderTheCalendarOfToday(t *testing.T) {
	s := provisional(t, "2026-12-29 12:00")
	s.at("2026-12-28 10:00", li.claims())
	s.at("2026-12-28 10:05", li.accepts(7))
	s.at("2026-12-31 10:00", li.sawBounce(8))
	s.at("2026-12-31 11:00", withdraws())
	s.run()
	require.Equal(t, "01-05 23:59:59", day(s.last().Clock.Due))
	require.False(t, s.last().Clock.Provisional)
}

func TestARolloutVisitsEveryOpenTicketAndGoesOnWhereItWas(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silence)
	env := suite.NewTestWorkflowEnvironment()
	workflows.Register(env)
	numbers := []ticket.Number{"DSR-20260301-AAAAAAAA", "DSR-20260301-BBBBBBBB", "DSR-20260301-CCCCCCCC"}
	var asked []contract.ReplanTickets
	env.RegisterActivityWithOptions(func(_ context.Context, in contract.OpenTickets) (contract.OpenTicketsPage, error) {
		for i, n := range numbers {
			if n > in.After {
				return contract.OpenTicketsPage{Numbers: numbers[i : i+1]}, nil
			}
		}
		return contract.OpenTicketsPage{}, nil
	}, activity.RegisterOptions{Name: contract.ActivityOpenTickets})
	env.RegisterActivityWithOptions(func(_ context.Context, in contract.ReplanTickets) (contract.Replanned, error) {
		asked = append(asked, in)
		return contract.Replanned{Moved: 1}, nil
	}, activity.RegisterOptions{Name: contract.ActivityReplanTickets})
	env.ExecuteWorkflow(contract.WorkflowCalendarRollout, contract.RolloutStart{Calendar: 3, After: numbers[0], Visited: 1})
	require.NoError(t, env.GetWorkflowError())
	var result contract.RolloutResult
	require.NoError(t, env.GetWorkflowResult(&result))
	require.Equal(t, contract.RolloutResult{Visited: 3, Moved: 2}, result)
	require.Len(t, asked, 2)
	require.Equal(t, contract.CalendarVersion(3), asked[0].Calendar)
}
