package calendar

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestTheLawsFestivalDays checks whole years against dates known from the
// published calendars.
func TestTheLawsFestivalDays(t *testing.T) {
	for year, want := range map[int][]string{
		2024: {"2024-01-01", "2024-02-10", "2024-02-11", "2024-02-12", "2024-04-04", "2024-05-01", "2024-06-10", "2024-09-17", "2024-10-01", "2024-10-02", "2024-10-03"},
		2025: {"2025-01-01", "2025-01-28", "2025-01-29", "2025-01-30", "2025-01-31", "2025-04-04", "2025-05-01", "2025-05-02", "2025-05-31", "2025-10-01", "2025-10-02", "2025-10-03", "2025-10-06"},
		2027: {"2027-01-01", "2027-02-05", "2027-02-06", "2027-02-07", "2027-02-08", "2027-04-05", "2027-05-01", "2027-05-02", "2027-06-09", "2027-09-15", "2027-10-01", "2027-10-02", "2027-10-03"},
	} {
		var got []string
		for _, d := range slices.SortedFunc(maps.Keys(StatutoryDays(year)), Date.Compare) {
			got = append(got, d.String())
		}
		assert.Equal(t, want, got)
	}
}

func TestTwoFestivalsOnOneDayKeepBothNames(t *testing.T) {
	days := StatutoryDays(2031)
	assert.Equal(t, "国庆节、中秋节", days[on(t, "2031-10-01")])
	assert.Len(t, days, 12)
}

func TestTheLawsFestivalDaysAreOffInThePublishedSchedule(t *testing.T) {
	c, s := CN(), PublishedCN()
	for year := 2023; year <= 2026; year++ {
		assert.Empty(t, s.Missing(year))
		for d, festival := range StatutoryDays(year) {
			assert.Equal(t, Holiday, c.Day(d).Type, "%s %s", d, festival)
		}
	}
}

func TestEveryYearOfALifetimeHasItsFestivals(t *testing.T) {
	for year := firstFestivalYear; year <= lastFestivalYear; year++ {
		days := StatutoryDays(year)
		want := 11
		if year >= amendmentYear {
			want = 13
		}
		if len(days) < want-1 || len(days) > want {
			t.Errorf("%d has %d days", year, len(days))
		}
		for d := range days {
			if d.Year != year {
				t.Errorf("%d: %s", year, d)
			}
		}
	}
	assert.Empty(t, StatutoryDays(-4))
	assert.Empty(t, StatutoryDays(1<<40))
}
