package calendar

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Calendar knows which days are working days in one country and zone. It never
// changes once made and may be used by many goroutines at once; a newly loaded
// schedule makes a new Calendar.
type Calendar struct {
	name      string
	zone      *time.Location
	festivals func(year int) map[Date]string // days off by rule, for years no schedule covers
	byRule    DayType                        // what such a day is called
	published bool                           // whether a year needs a published schedule to be certain
	covered   map[int]bool
	known     map[Date]ScheduledDay
	years     *sync.Map // year to map[Date]string: festivals already worked out
}

// CN is the Chinese calendar: the built-in published schedule, then the loaded
// ones in order. A schedule that covers a year replaces that whole year. Days
// it names in a year it does not cover are merged into what is known of that
// year (a notice may name the last days of the year before), and such a year
// stays provisional unless another schedule covers it.
func CN(loaded ...Schedule) *Calendar {
	c := newCalendar("cn", "Asia/Shanghai")
	c.festivals, c.byRule, c.published = StatutoryDays, StatutoryHoliday, true
	c.apply(PublishedCN())
	c.apply(loaded...)
	return c
}

func newCalendar(name, zone string) *Calendar {
	return &Calendar{
		name:    name,
		zone:    mustLocation(zone),
		covered: make(map[int]bool),
		known:   make(map[Date]ScheduledDay),
		years:   new(sync.Map),
	}
}

// apply lays schedules over what is known. It is for constructors only.
func (c *Calendar) apply(schedules ...Schedule) {
	for _, s := range schedules {
		for _, year := range s.Covered {
			c.covered[year] = true
		}
		for date := range c.known {
			if s.Covers(date.Year) {
				delete(c.known, date)
			}
		}
		for _, day := range s.Days {
			c.known[day.Date] = day
		}
	}
}

// Name is the name the calendar is asked for by: "cn", "us" or "eu".
func (c *Calendar) Name() string { return c.name }

// Location is the zone in which the calendar's days begin and end.
func (c *Calendar) Location() *time.Location { return c.zone }

// Covered reports that the working days of the year are certain: a published
// schedule covers it, or the calendar needs none (us, eu).
func (c *Calendar) Covered(year int) bool { return !c.published || c.covered[year] }

// Day tells what the day is and why.
func (c *Calendar) Day(d Date) Day {
	day := Day{Date: d, Provisional: !c.Covered(d.Year)}
	if scheduled, ok := c.known[d]; ok {
		day.Type, day.Name, day.Working = scheduled.Type, scheduled.Name, scheduled.Type == MakeUpWorkday
		return day
	}
	if festival, ok := c.festival(d); ok {
		day.Type, day.Name = c.byRule, festival
		return day
	}
	if isWeekend(d) {
		day.Type = Weekend
		return day
	}
	day.Type, day.Working = WorkingDay, true
	return day
}

// festival names the day off that the rule makes of d. A covered year has
// none: its schedule has said everything.
func (c *Calendar) festival(d Date) (string, bool) {
	if c.covered[d.Year] {
		return "", false
	}
	festivals, ok := c.years.Load(d.Year)
	if !ok {
		festivals, _ = c.years.LoadOrStore(d.Year, c.festivals(d.Year))
	}
	name, ok := festivals.(map[Date]string)[d]
	return name, ok
}

// IsWorkingDay reports that the desk works on the day.
func (c *Calendar) IsWorkingDay(d Date) bool { return c.Day(d).Working }

// FestivalsWorked lists the statutory festival days of a covered year that count as
// working days all the same, in order. A schedule that was published as a whole leaves
// none; one that is a part of it has deadlines end on them.
func (c *Calendar) FestivalsWorked(year int) []Date {
	if !c.published || !c.covered[year] {
		return nil
	}
	var worked []Date
	for _, d := range slices.SortedFunc(maps.Keys(c.festivals(year)), Date.Compare) {
		if c.IsWorkingDay(d) {
			worked = append(worked, d)
		}
	}
	return worked
}

// Year lists every day of the year.
func (c *Calendar) Year(year int) []Day {
	days := make([]Day, 0, 366)
	for d := NewDate(year, time.January, 1); d.Year == year; d = d.AddDays(1) {
		days = append(days, c.Day(d))
	}
	return days
}
