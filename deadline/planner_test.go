package deadline

import (
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

func TestALoadedScheduleMovesTheProvisionalDeadline(t *testing.T) {
	schedules := &loaded{}
	p := NewPlanner(schedules, BuiltIn{})
	ask := contract.PlanClock{Policy: policyRef(t, "cn"), From: local(t, "2026-12-11"), Term: fifteen}
	before, err := p.PlanClock(t.Context(), ask)
	require.NoError(t, err)
	require.True(t, before.Provisional)

	// as if 2027 were published with 1 to 4 January off
	schedules.load("cn", "# covers: 2027\n2027-01-01\tholiday\t元旦\n2027-01-02\tholiday\t元旦\n2027-01-03\tholiday\t元旦\n2027-01-04\tholiday\t元旦\n")
	after, err := p.PlanClock(t.Context(), ask)
	require.NoError(t, err)
	assert.False(t, after.Provisional)
	assert.Equal(t, contract.CalendarVersion(1), after.Calendar)
	assert.Equal(t, "2027-01-05 23:59:59", after.Due.Format(time.DateTime))

	us, err := p.PlanClock(t.Context(), contract.PlanClock{Policy: policyRef(t, "ccpa"), From: local(t, "2026-12-11"), Term: fifteen})
	require.NoError(t, err)
	assert.Zero(t, us.Calendar, "another calendar's version")
}

func TestAScheduleIsReadOnceAndItsZoneNeverAgain(t *testing.T) {
	schedules := &loaded{}
	schedules.load("cn", "# covers: 2027\n2027-01-01\tholiday\t元旦\n")
	p := NewPlanner(schedules, BuiltIn{})
	for range 3 {
		_, version, err := p.Calendar(t.Context(), "cn")
		require.NoError(t, err)
		assert.EqualValues(t, 1, version)
	}
	assert.EqualValues(t, 1, schedules.reads.Load())
	assert.EqualValues(t, 3, schedules.questions.Load(), "which version holds is asked each time")
	schedules.load("cn", "# covers: 2027\n2027-01-01\tholiday\t元旦\n")
	_, version, err := p.Calendar(t.Context(), "cn")
	require.NoError(t, err)
	assert.EqualValues(t, 2, version)

	asked := schedules.questions.Load()
	zone, err := p.Zone(t.Context(), "cn")
	require.NoError(t, err)
	assert.Equal(t, "Asia/Shanghai", zone.String())
	assert.Equal(t, asked, schedules.questions.Load())
	zone, err = p.Zone(t.Context(), "us")
	require.NoError(t, err)
	assert.Equal(t, "America/Los_Angeles", zone.String())
	_, err = p.Zone(t.Context(), "mars")
	assert.ErrorContains(t, err, "mars")
}

func TestABrokenScheduleIsNamed(t *testing.T) {
	schedules := &loaded{}
	schedules.load("cn", "2027-13-01\tholiday\tx\n")
	_, _, err := NewPlanner(schedules, BuiltIn{}).Calendar(t.Context(), "cn")
	assert.ErrorContains(t, err, "calendar cn, schedule 1 of 1")
	_, _, err = NewPlanner(BuiltIn{}, BuiltIn{}).Calendar(t.Context(), "mars")
	assert.ErrorContains(t, err, "mars")
}

func TestATicketKeepsThePolicyItWasReceivedUnder(t *testing.T) {
	text, err := os.ReadFile("../ticket/policies/cn.yaml")
	require.NoError(t, err)
	older := []byte(strings.ReplaceAll(string(text), `version: "2026.1"`, `version: "2025.1"`))
	older = []byte(strings.ReplaceAll(string(older), "reminders_leave_at: 9", "reminders_leave_at: 8"))
	old, err := ticket.ParsePolicy(older)
	require.NoError(t, err)
	current, err := ticket.ParsePolicy(text)
	require.NoError(t, err)
	require.NotEqual(t, old.Ref().Digest, current.Ref().Digest)

	policies := &kept{texts: map[string][]byte{old.Ref().Digest: older, current.Ref().Digest: text}}
	p := NewPlanner(BuiltIn{}, policies)
	for ref, hour := range map[ticket.PolicyRef]int{old.Ref(): 8, current.Ref(): 9} {
		for range 3 {
			m, err := p.NextMorning(t.Context(), contract.NextMorning{Policy: ref, After: local(t, "2026-03-13 00:00")})
			require.NoError(t, err)
			assert.Equal(t, hour, m.At.Hour())
		}
	}
	assert.Equal(t, 2, policies.reads, "each is read once")
}

func TestAPolicyTextThatWasChangedIsRefused(t *testing.T) {
	text, err := os.ReadFile("../ticket/policies/cn.yaml")
	require.NoError(t, err)
	ref := policyRef(t, "cn")
	changed := []byte(strings.Replace(string(text), "count: 15", "count: 99", 1))
	p := NewPlanner(BuiltIn{}, &kept{texts: map[string][]byte{ref.Digest: changed}})
	_, err = p.Policy(t.Context(), ref)
	assert.ErrorContains(t, err, "not the one the ticket was received under")

	_, err = p.Policy(t.Context(), ticket.PolicyRef{Name: "cn", Version: "0", Digest: "none"})
	assert.Error(t, err)
}

func TestThePolicyOfNewTicketsNeedNotBeStoredYet(t *testing.T) {
	current, _, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)
	p := NewPlanner(BuiltIn{}, &kept{})
	_, err = p.Policy(t.Context(), current.Ref())
	require.Error(t, err)
	p.Know(current)
	got, err := p.Policy(t.Context(), current.Ref())
	require.NoError(t, err)
	assert.Same(t, current, got)
}

func TestDaysLeft(t *testing.T) {
	p := NewPlanner(BuiltIn{}, BuiltIn{})
	due := local(t, "2026-03-12 23:59:59")
	for now, want := range map[string]int{"2026-02-13": 15, "2026-03-11": 1, "2026-03-12": 0, "2026-03-13": -1} {
		n, err := p.DaysLeft(t.Context(), policyRef(t, "cn"), local(t, now), due)
		require.NoError(t, err)
		assert.Equal(t, want, n, now)
	}
}

func TestOnePlannerServesMany(t *testing.T) {
	p := NewPlanner(BuiltIn{}, BuiltIn{})
	var wg sync.WaitGroup
	for _, name := range []string{"cn", "gdpr", "ccpa", "cn", "gdpr", "ccpa"} {
		ref := policyRef(t, name)
		wg.Go(func() {
			for range 20 {
				_, err := p.PlanClock(t.Context(), contract.PlanClock{Policy: ref, From: local(t, "2026-03-02"), Term: fifteen})
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
}
