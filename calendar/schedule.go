package calendar

import (
	"maps"
	"slices"
)

// Schedule is a published schedule: which days are off and which weekend days
// are worked instead. ParseSchedule makes one; treat it as read-only.
type Schedule struct {
	Days    []ScheduledDay `json:"days"`              // by date, each date once
	Covered []int          `json:"covered"`           // years it speaks for as a whole, ascending
	Partial []int          `json:"partial,omitempty"` // years it only names some days of, ascending
}

// ScheduledDay is one line of a schedule: Holiday or MakeUpWorkday.
type ScheduledDay struct {
	Date Date    `json:"date"`
	Type DayType `json:"type"`
	Name string  `json:"name"`
}

// Covers reports that the schedule speaks for the whole year.
func (s Schedule) Covers(year int) bool { return slices.Contains(s.Covered, year) }

// Missing lists the statutory festival days of the year that the schedule does
// not name as days off. A year with missing days is not covered unless the
// file says so with "# covers:", so this is why a Partial year is partial.
func (s Schedule) Missing(year int) []Date {
	statutory := StatutoryDays(year)
	for _, day := range s.Days {
		if day.Type == Holiday {
			delete(statutory, day.Date)
		}
	}
	return slices.SortedFunc(maps.Keys(statutory), Date.Compare)
}

// newSchedule sorts the days and settles which years are covered: those the
// file declares, or, when it declares none, those for which it names every
// statutory festival day as a day off.
func newSchedule(days map[Date]ScheduledDay, declared map[int]bool) Schedule {
	s := Schedule{Days: slices.SortedFunc(maps.Values(days), func(a, b ScheduledDay) int {
		return a.Date.Compare(b.Date)
	})}
	years := make(map[int]bool)
	for _, day := range s.Days {
		years[day.Date.Year] = true
	}
	for _, year := range slices.Sorted(maps.Keys(years)) {
		covered := declared[year]
		if len(declared) == 0 {
			covered = len(s.Missing(year)) == 0
		}
		if covered {
			s.Covered = append(s.Covered, year)
		} else {
			s.Partial = append(s.Partial, year)
		}
	}
	return s
}
