package calendar

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseDateReadsOneFormAndNoImpossibleDay(t *testing.T) {
	d, err := ParseDate("2024-02-29")
	require.NoError(t, err)
	assert.Equal(t, Date{2024, time.February, 29}, d)
	assert.Equal(t, "2024-02-29", d.String())
	for _, bad := range []string{"", "2023-02-29", "2026-2-3", "2026/02/03", "2026-13-01", "0000-01-01", "2026-01-01 ", "二〇二六"} {
		_, err := ParseDate(bad)
		assert.Error(t, err, bad)
	}
}

func TestADayIsThatOfTheZone(t *testing.T) {
	evening := time.Date(2026, 1, 5, 16, 30, 0, 0, time.UTC)
	assert.Equal(t, Date{2026, time.January, 6}, DateOf(evening, CN().Location()))
	assert.Equal(t, Date{2026, time.January, 5}, DateOf(evening, named(t, "us").Location()))
}

func TestDaysOrderAndAdd(t *testing.T) {
	a, b := on(t, "2026-12-31"), on(t, "2027-01-01")
	assert.Equal(t, b, a.AddDays(1))
	assert.Equal(t, a, b.AddDays(-1))
	assert.Equal(t, 1, a.DaysUntil(b))
	assert.Equal(t, -1, b.DaysUntil(a))
	assert.True(t, a.Before(b) && b.After(a) && !a.After(a) && !a.Before(a))
	assert.Equal(t, time.Thursday, a.Weekday())
}

func TestAMonthLaterIsTheSameDayOrTheLastOfTheMonth(t *testing.T) {
	for _, tt := range []struct {
		from   string
		months int
		want   string
	}{
		{"2026-01-31", 1, "2026-02-28"},
		{"2024-01-31", 1, "2024-02-29"},
		{"2026-01-31", 3, "2026-04-30"},
		{"2026-03-15", 1, "2026-04-15"},
		{"2026-11-30", 3, "2027-02-28"},
		{"2026-12-31", 12, "2027-12-31"},
		{"2026-03-31", -1, "2026-02-28"},
	} {
		assert.Equal(t, tt.want, on(t, tt.from).AddMonths(tt.months).String(), "%s + %d", tt.from, tt.months)
	}
}

func TestADayEndsAtItsLastSecondAlsoWhenClocksChange(t *testing.T) {
	la := named(t, "us").Location()
	for day, hours := range map[string]int{"2026-03-08": 23, "2026-11-01": 25, "2026-06-01": 24} {
		d := on(t, day)
		assert.Equal(t, time.Duration(hours)*time.Hour-time.Second, d.End(la).Sub(d.Start(la)), day)
	}
}

func TestADaySurvivesJSON(t *testing.T) {
	for _, d := range []Date{{}, on(t, "2026-02-03")} {
		text, err := json.Marshal(map[Date]Date{d: d})
		require.NoError(t, err)
		var back map[Date]Date
		require.NoError(t, json.Unmarshal(text, &back))
		assert.Equal(t, map[Date]Date{d: d}, back)
	}
	var d Date
	assert.Error(t, json.Unmarshal([]byte(`"tomorrow"`), &d))
}
