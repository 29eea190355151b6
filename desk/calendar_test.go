package desk

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
)

const schedule2027 = "# covers: 2027\n2027-01-01\tholiday\t元旦\n"

func TestALoadedScheduleStartsItsRolloutOnce(t *testing.T) {
	o := newOffice(t)
	for range 2 {
		version, err := o.LoadCalendar(t.Context(), "cn", []byte(schedule2027), "li.wei")
		require.NoError(t, err)
		assert.Equal(t, contract.CalendarVersion(1), version)
	}
	require.Len(t, o.temporal.started, 1)
	assert.Equal(t, "calendar-rollout-cn-1", o.temporal.started[0].ID)
	assert.Equal(t, contract.RolloutStart{Calendar: 1}, o.temporal.starts[0])
}

func TestARolloutWaitsForTemporal(t *testing.T) {
	o := newOffice(t)
	o.temporal.set(func(s *temporalStub) { s.away = true })
	_, err := o.LoadCalendar(t.Context(), "cn", []byte(schedule2027), "li.wei")
	require.NoError(t, err)
	assert.Empty(t, o.temporal.started)
	o.temporal.set(func(s *temporalStub) { s.away = false })
	drain(t, o)
	assert.Len(t, o.temporal.started, 1)
}

func TestAWrongScheduleIsRefusedBeforeItIsStored(t *testing.T) {
	o := newOffice(t)
	_, err := o.LoadCalendar(t.Context(), "cn", []byte("2027-13-01\tholiday\tx\n"), "li.wei")
	assert.ErrorContains(t, err, "line 1")
	_, err = o.LoadCalendar(t.Context(), "mars", []byte(schedule2027), "li.wei")
	assert.ErrorContains(t, err, "mars")
	version, err := o.store.CalendarVersion(t.Context(), "cn")
	require.NoError(t, err)
	assert.Zero(t, version)
}
