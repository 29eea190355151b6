package deadline

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
)

func TestRemindersLeaveOnWorkingMorningsAndTheWaitEndsAtMidnight(t *testing.T) {
	p := NewPlanner(BuiltIn{}, BuiltIn{})
	for _, row := range []struct {
		name, from string
		days       []int
		expires    int
		reminders  []string
		end        string
	}{
		{"working week", "2026-03-02 10:00", []int{1, 3, 7}, 14,
			[]string{"2026-03-03 09:00:00", "2026-03-05 09:00:00", "2026-03-09 09:00:00"}, "2026-03-17 00:00:00"},
		{"a weekend puts it off to Monday", "2026-03-06 10:00", []int{1, 3, 7}, 14,
			[]string{"2026-03-09 09:00:00", "2026-03-13 09:00:00"}, "2026-03-21 00:00:00"},
		{"late at night the day is still the local one", "2026-03-02 23:59", []int{1}, 2,
			[]string{"2026-03-03 09:00:00"}, "2026-03-05 00:00:00"},
		{"a long holiday makes three reminders one", "2026-02-14 10:00", []int{1, 3, 7}, 14,
			[]string{"2026-02-24 09:00:00"}, "2026-03-01 00:00:00"},
		{"none leaves after the wait is over", "2026-02-14 10:00", []int{1, 3}, 5,
			nil, "2026-02-20 00:00:00"},
	} {
		t.Run(row.name, func(t *testing.T) {
			plan, err := p.PlanWait(t.Context(), contract.PlanWait{
				Policy: policyRef(t, "cn"), From: local(t, row.from), Reminders: row.days, Expires: row.expires,
			})
			require.NoError(t, err)
			var got []string
			for _, at := range plan.Reminders {
				got = append(got, at.Format(time.DateTime))
			}
			assert.Equal(t, row.reminders, got)
			assert.Equal(t, row.end, plan.Expires.Format(time.DateTime))
		})
	}
}

func TestAWaitNeedsABeginningAndAnEnd(t *testing.T) {
	p := NewPlanner(BuiltIn{}, BuiltIn{})
	_, err := p.PlanWait(t.Context(), contract.PlanWait{Policy: policyRef(t, "cn"), Expires: 3})
	assert.ErrorContains(t, err, "from")
	_, err = p.PlanWait(t.Context(), contract.PlanWait{Policy: policyRef(t, "cn"), From: local(t, "2026-03-02")})
	assert.ErrorContains(t, err, "expires")
}

func TestNextMorningIsStrictlyLater(t *testing.T) {
	p := NewPlanner(BuiltIn{}, BuiltIn{})
	for after, want := range map[string]string{
		"2026-03-13 08:59": "2026-03-13 09:00:00",
		"2026-03-13 09:00": "2026-03-16 09:00:00", // Friday to Monday
		"2026-09-30 12:00": "2026-10-08 09:00:00",
	} {
		got, err := p.NextMorning(t.Context(), contract.NextMorning{Policy: policyRef(t, "cn"), After: local(t, after)})
		require.NoError(t, err)
		assert.Equal(t, want, got.At.Format(time.DateTime), after)
	}
}
