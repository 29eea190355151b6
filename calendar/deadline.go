package calendar

import (
	"errors"
	"fmt"
	"time"

	"rightsdesk/ticket"
)

// maxDays bounds a count: a period longer than fifty years is a mistake.
const maxDays = 50 * 366

// A count may start in these years.
const (
	firstCountYear = 1950
	lastCountYear  = 2199
)

// Count is one question to the clock: from when, how long, and what stops it.
type Count struct {
	// From is the receipt (or the appeal). Its day in the calendar's zone does
	// not count (Civil Code 民法典 art. 201).
	From time.Time
	// Term is the period promised.
	Term ticket.Term
	// Extension lengthens it; zero is none. An extension in the unit of the
	// term makes one longer term of the two, counted from From (two more
	// months are three months from receipt); in another unit it is counted on
	// from the day the term was due.
	Extension ticket.Term
	// Pauses are the times the clock stood still, in any order; they may
	// overlap.
	Pauses []Pause
	// Roll moves a period of calendar days or months that would end on a day
	// off to the end of the next working day (Regulation 1182/71 art. 3(4);
	// Civil Code art. 203).
	Roll bool
}

// Pause is a time during which the clock stood still. A period in days leaves
// out the days after the one it began on, up to and including the one it ended
// on, so a pause within one day costs nothing; one in months ends so many days
// later; one in hours or minutes is lengthened by exactly the time paused.
//
// Both ends must be set. For a pause that is still open the caller gives the
// present as To: the answer is the deadline as if the clock resumed now.
type Pause struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// CountedDay is one day of the count and why it counted or not.
type CountedDay struct {
	Day
	Counted bool `json:"counted"`
	N       int  `json:"n,omitempty"` // its number in the count, from 1, when counted
	Paused  bool `json:"paused,omitempty"`
}

// Deadline is the answer to a Count.
type Deadline struct {
	// Due is the last second of the period, in the calendar's zone: 23:59:59 of
	// the last day, or the exact instant of a term in hours or minutes.
	Due time.Time `json:"due"`
	// Provisional says that a day whose being a working day mattered lies in a
	// year without a published schedule, so that Due may still move. A term in
	// calendar days or months asks that only of the days Roll looks at.
	Provisional bool `json:"provisional"`
	// Days holds each day from the day of receipt, which never counts, to the
	// last. It is empty for a term in hours or minutes.
	Days []CountedDay `json:"days,omitempty"`
}

// Deadline answers when the period of the question ends.
//
// A term of working days ends with the Nth working day after receipt, one of
// calendar days with the Nth day, one of months with the same day of the month
// or the month's last day, each at 24:00 (Civil Code art. 203). An error says
// what in the question makes no sense.
func (c *Calendar) Deadline(q Count) (Deadline, error) {
	if err := q.check(c.zone); err != nil {
		return Deadline{}, fmt.Errorf("counting a deadline: %w", err)
	}
	run := counting{calendar: c, from: q.From.In(c.zone), roll: q.Roll, pauses: merged(q.Pauses)}
	due := run.from
	for _, term := range q.terms() {
		var err error
		if due, err = run.on(due, term); err != nil {
			return Deadline{}, fmt.Errorf("counting %s from %s: %w", term, DateOf(q.From, c.zone), err)
		}
	}
	return Deadline{Due: due, Provisional: run.provisional, Days: run.days}, nil
}

func (q Count) check(zone *time.Location) error {
	if q.From.IsZero() {
		return errors.New("from: no time of receipt is set")
	}
	if year := q.From.In(zone).Year(); year < firstCountYear || year > lastCountYear {
		return fmt.Errorf("from: the year %d is not between %d and %d", year, firstCountYear, lastCountYear)
	}
	if err := q.Term.Check("term"); err != nil {
		return err
	}
	if !q.Extension.IsZero() {
		if err := q.Extension.Check("extension"); err != nil {
			return err
		}
	}
	for i, pause := range q.Pauses {
		if pause.From.IsZero() || pause.To.IsZero() {
			return fmt.Errorf("pauses[%d]: from and to must both be set; give the present as the end of an open pause", i)
		}
		if pause.To.Before(pause.From) {
			return fmt.Errorf("pauses[%d]: ends before it begins", i)
		}
	}
	return nil
}

// terms gives what is counted, one after the other.
func (q Count) terms() []ticket.Term {
	switch {
	case q.Extension.IsZero():
		return []ticket.Term{q.Term}
	case q.Extension.Unit == q.Term.Unit:
		return []ticket.Term{{Count: q.Term.Count + q.Extension.Count, Unit: q.Term.Unit}}
	}
	return []ticket.Term{q.Term, q.Extension}
}

// Late reports that the instant lies past the end of a period that Deadline
// gave as due. The whole of the last second still belongs to the period, since
// it ends at 24:00 and is shown as 23:59:59.
func Late(at, due time.Time) bool { return at.Sub(due) >= time.Second }
