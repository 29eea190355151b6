package deadline

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

func TestReplyIsDueFifteenWorkingDaysAfterReceipt(t *testing.T) {
	p := NewPlanner(&loaded{}, BuiltIn{})
	for _, row := range []struct {
		received, due string
		provisional   bool
	}{
		{"2026-01-05", "2026-01-26", false},
		{"2026-02-13", "2026-03-12", false},
		{"2026-02-20", "2026-03-13", false},
		{"2026-09-11", "2026-10-09", false},
		{"2026-09-30", "2026-10-27", false},
		{"2026-12-11", "2027-01-04", true},
	} {
		t.Run(row.received, func(t *testing.T) {
			plan, err := p.PlanClock(t.Context(), contract.PlanClock{
				Policy: policyRef(t, "cn"), From: local(t, row.received), Term: fifteen,
			})
			require.NoError(t, err)
			assert.Equal(t, row.due+" 23:59:59", plan.Due.Format(time.DateTime))
			assert.Equal(t, row.provisional, plan.Provisional)
			assert.Zero(t, plan.Calendar)
			assert.True(t, slices.IsSortedFunc(plan.Rungs, func(a, b contract.Rung) int { return a.At.Compare(b.At) }))
		})
	}
}

func TestRungsOfAnOrdinaryTicket(t *testing.T) {
	p := NewPlanner(BuiltIn{}, BuiltIn{})
	ask := contract.PlanClock{Policy: policyRef(t, "cn"), From: local(t, "2026-02-13 10:00"), Term: fifteen}
	plan, err := p.PlanClock(t.Context(), ask)
	require.NoError(t, err)
	assert.Equal(t, map[ticket.Rung]string{
		ticket.RungUnassigned: "2026-02-24 09:00:00", // Saturday the 14th is made up and passes first
		ticket.RungHalf:       "2026-03-04 09:00:00",
		ticket.RungAtRisk:     "2026-03-10 09:00:00",
		ticket.RungLastDay:    "2026-03-12 09:00:00",
		ticket.RungBreach:     "2026-03-13 00:00:00",
		ticket.RungOverdue:    "2026-03-13 09:00:00",
	}, rungs(plan))

	ask.Assigned = true
	plan, err = p.PlanClock(t.Context(), ask)
	require.NoError(t, err)
	assert.NotContains(t, rungs(plan), ticket.RungUnassigned)
	assert.Len(t, plan.Rungs, 5)
}

func TestFirstOverdueMorningSkipsTheHoliday(t *testing.T) {
	p := NewPlanner(BuiltIn{}, BuiltIn{})
	// due on 30 September 2026; 1 to 7 October are off
	plan, err := p.PlanClock(t.Context(), contract.PlanClock{
		Policy: policyRef(t, "cn"), From: local(t, "2026-09-29"), Term: ticket.Term{Count: 1, Unit: ticket.WorkingDay},
	})
	require.NoError(t, err)
	assert.Equal(t, "2026-10-01 00:00:00", rungs(plan)[ticket.RungBreach])
	assert.Equal(t, "2026-10-08 09:00:00", rungs(plan)[ticket.RungOverdue])
	assert.NotContains(t, rungs(plan), ticket.RungUnassigned, "it would come after the deadline")
}

func TestRungsWithoutAWorkingMorningAreLeftOut(t *testing.T) {
	p := NewPlanner(BuiltIn{}, BuiltIn{})
	// received on a Saturday, due on the Sunday
	plan, err := p.PlanClock(t.Context(), contract.PlanClock{
		Policy: policyRef(t, "cn"), From: local(t, "2026-03-07"), Term: ticket.Term{Count: 1, Unit: ticket.CalendarDay},
	})
	require.NoError(t, err)
	assert.Equal(t, map[ticket.Rung]string{
		ticket.RungBreach:  "2026-03-09 00:00:00",
		ticket.RungOverdue: "2026-03-09 09:00:00",
	}, rungs(plan))
}

func TestTermsOfMinutesAndHoursAreExact(t *testing.T) {
	p := NewPlanner(BuiltIn{}, BuiltIn{})
	from := local(t, "2026-03-07 23:00") // a Saturday night
	plan, err := p.PlanClock(t.Context(), contract.PlanClock{
		Policy: policyRef(t, "cn"), From: from, Term: ticket.Term{Count: 10, Unit: ticket.Minute},
	})
	require.NoError(t, err)
	assert.Equal(t, map[ticket.Rung]string{
		ticket.RungUnassigned: "2026-03-07 23:05:00",
		ticket.RungHalf:       "2026-03-07 23:05:00",
		ticket.RungAtRisk:     "2026-03-07 23:08:00",
		ticket.RungLastDay:    "2026-03-07 23:09:00",
		ticket.RungBreach:     "2026-03-07 23:10:01",
		ticket.RungOverdue:    "2026-03-07 23:10:02",
	}, rungs(plan))

	plan, err = p.PlanClock(t.Context(), contract.PlanClock{
		Policy: policyRef(t, "cn"), From: from, Term: ticket.Term{Count: 10, Unit: ticket.Hour},
	})
	require.NoError(t, err)
	assert.Equal(t, "2026-03-08 09:00:01", rungs(plan)[ticket.RungBreach])
	assert.Equal(t, "2026-03-09 09:00:00", rungs(plan)[ticket.RungOverdue])
}

func TestPausesAndExtensionsMoveTheDeadline(t *testing.T) {
	p := NewPlanner(BuiltIn{}, BuiltIn{})
	ask := contract.PlanClock{Policy: policyRef(t, "cn"), From: local(t, "2026-01-05"), Term: fifteen}
	ask.Pauses = []contract.Pause{{From: local(t, "2026-01-07"), To: local(t, "2026-01-09")}}
	plan, err := p.PlanClock(t.Context(), ask)
	require.NoError(t, err)
	assert.Equal(t, "2026-01-28 23:59:59", plan.Due.Format(time.DateTime), "two working days stood still")

	ask.Extend = ticket.Term{Count: 5, Unit: ticket.WorkingDay}
	plan, err = p.PlanClock(t.Context(), ask)
	require.NoError(t, err)
	assert.Equal(t, "2026-02-04 23:59:59", plan.Due.Format(time.DateTime))

	ask.Pauses = []contract.Pause{{From: local(t, "2026-01-07")}}
	_, err = p.PlanClock(t.Context(), ask)
	assert.ErrorContains(t, err, "pauses[0]")
}

func TestExplainListsEveryDayAndWhy(t *testing.T) {
	p := NewPlanner(BuiltIn{}, BuiltIn{})
	d, c, err := p.Explain(t.Context(), contract.PlanClock{
		Policy: policyRef(t, "cn"), From: local(t, "2026-02-13 10:00"), Term: fifteen,
	})
	require.NoError(t, err)
	assert.Equal(t, "cn", c.Name())
	require.Len(t, d.Days, 28)
	assert.False(t, d.Days[0].Counted, "the day of receipt")
	assert.Equal(t, 1, d.Days[1].N, "Saturday the 14th is made up")
	assert.Equal(t, 15, d.Days[len(d.Days)-1].N)
}
