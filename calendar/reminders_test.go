package calendar

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"rightsdesk/ticket"
)

func TestRemindersLeaveOnTheMorningOfAWorkingDay(t *testing.T) {
	for _, tt := range []struct {
		name, calendar, from string
		term                 ticket.Term
		half, most, last     string
	}{
		{"fifteen plain working days", "cn", "2026-03-02 10:00", fifteen, "2026-03-13 09:00", "2026-03-19 09:00", "2026-03-23 09:00"},
		{"around the Spring Festival", "cn", "2026-02-13 10:00", fifteen, "2026-03-04 09:00", "2026-03-10 09:00", "2026-03-12 09:00"},
		{"on a make-up Saturday", "cn", "2026-02-13 10:00", term(1, ticket.WorkingDay), "2026-02-14 09:00", "2026-02-14 09:00", "2026-02-14 09:00"},
		{"never past the last morning", "cn", "2026-03-02 10:00", term(2, ticket.WorkingDay), "2026-03-04 09:00", "2026-03-04 09:00", "2026-03-04 09:00"},
		{"a month due on a Sunday", "eu", "2026-04-03 10:00", term(1, ticket.Month), "2026-04-20 09:00", "2026-04-28 09:00", "2026-04-30 09:00"},
		{"calendar days over a holiday", "cn", "2026-09-24 10:00", term(10, ticket.CalendarDay), "2026-09-30 09:00", "2026-09-30 09:00", "2026-09-30 09:00"},
		{"hours are exact, nights included", "cn", "2026-03-06 20:00", term(10, ticket.Hour), "2026-03-07 01:00", "2026-03-07 04:00", "2026-03-07 05:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := named(t, tt.calendar)
			q := Count{From: at(t, c, tt.from), Term: tt.term}
			d := deadline(t, c, q)
			text := func(instant time.Time) string { return instant.Format("2006-01-02 15:04") }
			assert.Equal(t, tt.half, text(c.Fraction(d, q, 0.5, 9)), "50 %%")
			assert.Equal(t, tt.most, text(c.Fraction(d, q, 0.8, 9)), "80 %%")
			assert.Equal(t, tt.last, text(c.LastDay(d, q, 9)), "last day")
		})
	}
}

func TestRemindersOfEveryReceiptDayAreOnTimeAndInOrder(t *testing.T) {
	c := CN()
	for day := on(t, "2023-01-01"); day.Year <= 2026; day = day.AddDays(1) {
		q := Count{From: day.at(15, 0, 0, c.Location()), Term: fifteen}
		d := deadline(t, c, q)
		half, most, last := c.Fraction(d, q, 0.5, 9), c.Fraction(d, q, 0.8, 9), c.LastDay(d, q, 9)
		for _, reminder := range []time.Time{half, most, last} {
			if !c.IsWorkingDay(DateOf(reminder, c.Location())) || reminder.Hour() != 9 {
				t.Fatalf("received %s: reminder at %s", day, reminder)
			}
		}
		if !q.From.Before(half) || !half.Before(most) || !most.Before(last) || !last.Before(d.Due) {
			t.Fatalf("received %s: %s, %s, %s, due %s", day, half, most, last, d.Due)
		}
		if left := c.WorkingDaysLeft(half, d.Due); left != 6 {
			t.Fatalf("received %s: %d working days left on the morning of the 9th", day, left)
		}
	}
}

func TestSharesOutsideZeroToOneAreHeldToIt(t *testing.T) {
	c := CN()
	q := Count{From: at(t, c, "2026-03-02 10:00"), Term: fifteen}
	d := deadline(t, c, q)
	for share, want := range map[float64]string{-1: "2026-03-03 09:00", 0: "2026-03-03 09:00", 1: "2026-03-23 09:00", 7: "2026-03-23 09:00"} {
		assert.Equal(t, at(t, c, want), c.Fraction(d, q, share, 9), "%v", share)
	}
}

func TestAPeriodWithoutAWorkingMorningRemindsBeforeReceipt(t *testing.T) {
	c := named(t, "eu")
	q := Count{From: at(t, c, "2026-03-07 10:00"), Term: term(1, ticket.CalendarDay)} // Saturday, due Sunday
	d := deadline(t, c, q)
	assert.Equal(t, at(t, c, "2026-03-06 09:00"), c.Fraction(d, q, 0.5, 9))
}

func TestMorningIsTheNextOneStrictlyAfter(t *testing.T) {
	c := CN()
	for after, want := range map[string]string{
		"2026-03-02 08:59": "2026-03-02 09:00",
		"2026-03-02 09:00": "2026-03-03 09:00",
		"2026-03-06 18:00": "2026-03-09 09:00",
		"2026-02-13 18:00": "2026-02-14 09:00", // made up
		"2026-02-14 18:00": "2026-02-24 09:00",
		"2026-12-31 18:00": "2027-01-04 09:00",
	} {
		assert.Equal(t, at(t, c, want), c.Morning(at(t, c, after), 9), after)
	}
}
