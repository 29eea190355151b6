package ticket

import (
	"fmt"
	"time"
)

// Unit is what a Term counts in.
type Unit string

const (
	WorkingDay  Unit = "working_day"  // days the calendar calls working; ends at 24:00 of the last
	CalendarDay Unit = "calendar_day" // every day; ends at 24:00 of the last
	Month       Unit = "month"        // calendar months; ends at 24:00 of the same day of the month, or its last
	Hour        Unit = "hour"         // exact hours from the instant
	Minute      Unit = "minute"       // exact minutes from the instant
)

// Term is a length of time as a policy writes it: so many of a unit.
type Term struct {
	Count int  `yaml:"count" json:"count"`
	Unit  Unit `yaml:"unit" json:"unit"`
}

// IsZero reports that no term is set.
func (t Term) IsZero() bool { return t.Count == 0 }

// Exact reports that the term is counted from the instant of receipt rather
// than in whole days, and the length of it.
func (t Term) Exact() (time.Duration, bool) {
	switch t.Unit {
	case Hour:
		return time.Duration(t.Count) * time.Hour, true
	case Minute:
		return time.Duration(t.Count) * time.Minute, true
	}
	return 0, false
}

// Check says what is wrong with the term, naming it as field.
func (t Term) Check(field string) error {
	switch t.Unit {
	case WorkingDay, CalendarDay, Month, Hour, Minute:
	default:
		return fmt.Errorf("%s.unit: %q is none of working_day, calendar_day, month, hour, minute", field, t.Unit)
	}
	if t.Count < 1 || t.Count > 10000 {
		return fmt.Errorf("%s.count: %d is not between 1 and 10000", field, t.Count)
	}
	return nil
}

func (t Term) String() string { return fmt.Sprintf("%d %s", t.Count, t.Unit) }
