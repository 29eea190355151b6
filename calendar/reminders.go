package calendar

import (
	"math"
	"time"
)

// Milestone is a named instant on the way to a deadline, such as a reminder.
type Milestone struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

// Fraction gives the instant at which to speak up because the share (0 to 1)
// of the time has gone.
//
// For a period of days: once ceil(share × N) of its N counted days have
// passed, hour:00 of the first working day after them, but never later than
// LastDay. Of 15 working days 50 % is the morning of the 9th and 80 % that of
// the 13th. Periods of calendar days and months count their calendar days. For
// a period of hours or minutes it is the exact instant between From and Due.
//
// A period without a working morning of its own (received on a Saturday, due
// on the Sunday) gives an instant before q.From.
func (c *Calendar) Fraction(d Deadline, q Count, share float64, hour int) time.Time {
	if !(share > 0) {
		share = 0
	}
	share = min(share, 1)
	if len(d.Days) == 0 {
		return c.between(q.From, d.Due, share)
	}
	morning := c.Morning(d.gone(share).End(c.zone), hour)
	if last := c.LastDay(d, q, hour); morning.After(last) {
		return last
	}
	return morning
}

// gone gives the day with which the share of the counted days has passed.
func (d Deadline) gone(share float64) Date {
	total := 0
	for _, day := range d.Days {
		total = max(total, day.N)
	}
	const rounding = 1e-9 // a share is a decimal fraction such as 0.8, which a float only comes near
	passed := int(math.Ceil(share*float64(total) - rounding))
	for _, day := range d.Days {
		if day.Counted && day.N == passed {
			return day.Date
		}
	}
	return d.Days[0].Date
}

// LastDay gives hour:00 of the last working day on or before the due day. For
// a period of hours or minutes, which has no last day, it is the instant at
// which a tenth of the time is left.
func (c *Calendar) LastDay(d Deadline, q Count, hour int) time.Time {
	if len(d.Days) == 0 {
		return c.between(q.From, d.Due, 0.9)
	}
	day := DateOf(d.Due, c.zone)
	for !c.IsWorkingDay(day) || day.at(hour, 0, 0, c.zone).After(d.Due) {
		day = day.AddDays(-1)
	}
	return day.at(hour, 0, 0, c.zone)
}

// Morning gives the first hour:00 of a working day strictly after the instant.
func (c *Calendar) Morning(after time.Time, hour int) time.Time {
	day := DateOf(after, c.zone)
	for !c.IsWorkingDay(day) || !day.at(hour, 0, 0, c.zone).After(after) {
		day = day.AddDays(1)
	}
	return day.at(hour, 0, 0, c.zone)
}

func (c *Calendar) between(from, to time.Time, share float64) time.Time {
	return from.Add(time.Duration(float64(to.Sub(from)) * share)).In(c.zone)
}
