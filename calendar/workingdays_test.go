package calendar

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWorkingDaysLeftCountsDownToZeroOnTheDueDay(t *testing.T) {
	c := CN()
	due := at(t, c, "2026-03-06 23:59:59") // a Friday
	for now, want := range map[string]int{
		"2026-02-27 10:00":    6, // 28 February is made up
		"2026-02-28 10:00":    5,
		"2026-03-01 10:00":    5,
		"2026-03-05 23:59:59": 1,
		"2026-03-06 00:00":    0,
		"2026-03-06 23:59:59": 0,
		"2026-03-07 10:00":    0, // past, but no working day late
		"2026-03-09 00:00":    -1,
		"2026-03-16 10:00":    -6,
	} {
		assert.Equal(t, want, c.WorkingDaysLeft(at(t, c, now), due), now)
	}
}

func TestAddWorkingDaysGoesBothWays(t *testing.T) {
	c := CN()
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-02-13", 1, "2026-02-14"},
		{"2026-02-14", 1, "2026-02-24"},
		{"2026-02-24", -1, "2026-02-14"},
		{"2026-02-20", 0, "2026-02-20"},
		{"2026-01-05", 15, "2026-01-26"},
		{"2026-01-26", -15, "2026-01-05"},
	} {
		assert.Equal(t, tt.want, c.AddWorkingDays(on(t, tt.from), tt.n).String(), "%s %+d", tt.from, tt.n)
	}
	assert.Panics(t, func() { c.AddWorkingDays(on(t, "2026-01-05"), 1<<40) })
}
