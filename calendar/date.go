package calendar

import (
	"cmp"
	"fmt"
	"time"
)

const dateLayout = "2006-01-02"

// Date is a civil day without a time zone. It is comparable and may key a map.
// The zero Date is no day; it reads and writes as the empty text.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// NewDate gives the civil day; a day past the end of its month runs on into
// the next (31 April is 1 May).
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC), time.UTC)
}

// ParseDate reads a day written as 2006-01-02, and nothing looser.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(dateLayout, text)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("%q is not a day of the calendar written YYYY-MM-DD", text)
	}
	return DateOf(t, time.UTC), nil
}

// DateOf gives the civil day on which the instant falls in the zone.
func DateOf(t time.Time, loc *time.Location) Date {
	year, month, day := t.In(loc).Date()
	return Date{Year: year, Month: month, Day: day}
}

// IsZero reports that no day is set.
func (d Date) IsZero() bool { return d == Date{} }

// String writes the day as 2006-01-02.
func (d Date) String() string {
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// AddDays gives the day n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date { return NewDate(d.Year, d.Month, d.Day+n) }

// AddMonths gives the same day of the month n months later, or the last day of
// that month when it has no such day (31 January and one month is 28 February).
func (d Date) AddMonths(n int) Date {
	first := NewDate(d.Year, d.Month+time.Month(n), 1)
	last := NewDate(first.Year, first.Month+1, 0)
	return Date{Year: first.Year, Month: first.Month, Day: min(d.Day, last.Day)}
}

// DaysUntil counts the days from d to the other day; negative when it is past.
func (d Date) DaysUntil(other Date) int {
	return int(other.Start(time.UTC).Sub(d.Start(time.UTC)) / (24 * time.Hour))
}

// Weekday gives the day of the week.
func (d Date) Weekday() time.Weekday { return d.Start(time.UTC).Weekday() }

// Compare is -1 when d is before the other day, 0 when they are the same day
// and +1 when d is after it.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// Before reports that d is earlier than the other day.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After reports that d is later than the other day.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// Start is 00:00:00 of the day in the zone.
func (d Date) Start(loc *time.Location) time.Time { return d.at(0, 0, 0, loc) }

// End is 23:59:59 of the day in the zone. A period ends at 24:00 of its last
// day (Civil Code 民法典 art. 203), shown as its last second.
func (d Date) End(loc *time.Location) time.Time { return d.at(23, 59, 59, loc) }

func (d Date) at(hour, minute, second int, loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, minute, second, 0, loc)
}

// MarshalText writes the day as 2006-01-02, and no day as the empty text.
func (d Date) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return []byte{}, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
