package calendar

import (
	"fmt"
	"time"
)

// WorkingDaysLeft counts the working days after today up to and including the
// due day: 1 on the working day before a due working day, 0 on the due day
// itself. Past the due day it is negative: the working days after it up to and
// including today, so still 0 on the weekend after a Friday; Late tells
// whether the deadline has passed.
// It looks at most fifty years ahead or back.
func (c *Calendar) WorkingDaysLeft(now, due time.Time) int {
	today, last := DateOf(now, c.zone), DateOf(due, c.zone)
	if today.After(last) {
		return -c.workingDaysBetween(last, today)
	}
	return c.workingDaysBetween(today, last)
}

// workingDaysBetween counts the working days d with after < d <= upTo.
func (c *Calendar) workingDaysBetween(after, upTo Date) int {
	days := min(after.DaysUntil(upTo), maxDays)
	n := 0
	for i := 1; i <= days; i++ {
		if c.IsWorkingDay(after.AddDays(i)) {
			n++
		}
	}
	return n
}

// AddWorkingDays gives the nth working day after the day, before it when n is
// negative, and the day itself when n is 0. It panics past 20 000 days, which
// no policy can ask for.
func (c *Calendar) AddWorkingDays(d Date, n int) Date {
	const most = 20000
	if n > most || n < -most {
		panic(fmt.Sprintf("calendar: %d working days is past any policy", n))
	}
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		d = d.AddDays(step)
		if c.IsWorkingDay(d) {
			n--
		}
	}
	return d
}
