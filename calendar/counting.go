package calendar

import (
	"errors"
	"time"

	"rightsdesk/ticket"
)

var errTooLong = errors.New("the period is longer than fifty years")

// counting walks the days of one question.
type counting struct {
	calendar    *Calendar
	from        time.Time
	roll        bool
	pauses      []Pause // merged
	days        []CountedDay
	n           int
	provisional bool
}

// on counts the term from the instant and gives the last second of it.
func (k *counting) on(start time.Time, term ticket.Term) (time.Time, error) {
	if length, ok := term.Exact(); ok {
		return k.exact(start, length)
	}
	first := DateOf(start, k.calendar.zone)
	if len(k.days) == 0 {
		k.days = append(k.days, CountedDay{Day: k.calendar.Day(first)})
	}
	last, err := k.count(first, term)
	if err != nil {
		return time.Time{}, err
	}
	if k.roll && term.Unit != ticket.WorkingDay {
		if last, err = k.rollOn(last); err != nil {
			return time.Time{}, err
		}
	}
	return last.End(k.calendar.zone), nil
}

// exact lengthens the time by each pause that begins before it runs out.
func (k *counting) exact(start time.Time, length time.Duration) (time.Time, error) {
	due := start.Add(length)
	for _, pause := range k.pauses {
		if !pause.From.Before(due) {
			break
		}
		if pause.From.Before(start) {
			pause.From = start
		}
		if pause.To.After(pause.From) {
			due = due.Add(pause.To.Sub(pause.From))
		}
		if due.Sub(k.from) > maxDays*24*time.Hour {
			return time.Time{}, errTooLong
		}
	}
	return due, nil
}

// count walks on from the first day, which does not count, to the day with
// which the term is complete.
func (k *counting) count(first Date, term ticket.Term) (Date, error) {
	left := term.Count
	if term.Unit == ticket.Month {
		if term.Count > maxDays/30 {
			return Date{}, errTooLong
		}
		left = first.DaysUntil(first.AddMonths(term.Count))
	}
	d := first
	for left > 0 {
		d = d.AddDays(1)
		if len(k.days) > maxDays {
			return Date{}, errTooLong
		}
		day := CountedDay{Day: k.calendar.Day(d), Paused: k.paused(d)}
		if term.Unit == ticket.WorkingDay {
			k.provisional = k.provisional || day.Provisional
			day.Counted = day.Working && !day.Paused
		} else {
			day.Counted = !day.Paused
		}
		if day.Counted {
			k.n++
			left--
			day.N = k.n
		}
		k.days = append(k.days, day)
	}
	return d, nil
}

// rollOn gives the day itself when it is a working day, and else the first
// working day after it on which the clock is not paused.
func (k *counting) rollOn(d Date) (Date, error) {
	day := k.calendar.Day(d)
	k.provisional = k.provisional || day.Provisional
	for paused := false; !day.Working || paused; {
		d = d.AddDays(1)
		if len(k.days) > maxDays {
			return Date{}, errTooLong
		}
		day, paused = k.calendar.Day(d), k.paused(d)
		k.provisional = k.provisional || day.Provisional
		k.days = append(k.days, CountedDay{Day: day, Paused: paused})
	}
	return d, nil
}

// paused reports that the clock stood still on the day: a pause began on an
// earlier day and had not ended before it.
func (k *counting) paused(d Date) bool {
	for _, pause := range k.pauses {
		began, ended := DateOf(pause.From, k.calendar.zone), DateOf(pause.To, k.calendar.zone)
		if d.After(began) && !d.After(ended) {
			return true
		}
	}
	return false
}
