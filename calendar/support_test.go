package calendar

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

// on reads a day.
func on(t testing.TB, text string) Date {
	t.Helper()
	d, err := ParseDate(text)
	require.NoError(t, err)
	return d
}

// at reads an instant of the calendar's zone, "2026-01-05 10:00" or with seconds.
func at(t testing.TB, c *Calendar, text string) time.Time {
	t.Helper()
	layout := "2006-01-02 15:04"
	if len(text) > len(layout) {
		layout = "2006-01-02 15:04:05"
	}
	instant, err := time.ParseInLocation(layout, text, c.Location())
	require.NoError(t, err)
	return instant
}

func schedule(t testing.TB, text string) Schedule {
	t.Helper()
	s, err := ParseSchedule(strings.NewReader(text))
	require.NoError(t, err)
	return s
}

func named(t testing.TB, name string, loaded ...Schedule) *Calendar {
	t.Helper()
	c, err := Named(name, loaded...)
	require.NoError(t, err)
	return c
}

func term(count int, unit ticket.Unit) ticket.Term { return ticket.Term{Count: count, Unit: unit} }

var fifteen = term(15, ticket.WorkingDay)

func deadline(t testing.TB, c *Calendar, q Count) Deadline {
	t.Helper()
	d, err := c.Deadline(q)
	require.NoError(t, err)
	return d
}

// due gives the due instant as text of the calendar's zone.
func due(t testing.TB, c *Calendar, q Count) string {
	t.Helper()
	return deadline(t, c, q).Due.Format(time.DateTime)
}

// published2027 is made up: no notice for 2027 was at hand. It makes up Sunday
// 2027-01-03, so that a deadline near New Year moves forward.
const published2027 = "\ufeff# date\tkind\tname (made up for the test)\r\n" +
	"\r\n" +
	"2027-01-01\tholiday\t元旦\r\n" +
	"2027-01-02\tholiday\t元旦\r\n" +
	"2027-01-03\tworkday\t元旦\r\n" +
	"2027-02-05\tholiday\t春节\r\n2027-02-06\tholiday\t春节\r\n2027-02-07\tholiday\t春节\r\n" +
	"2027-02-08\tholiday\t春节\r\n2027-02-09\tholiday\t春节\r\n2027-02-10\tholiday\t春节\r\n" +
	"2027-02-11\tholiday\t春节\r\n2027-02-20\tworkday\t春节\r\n" +
	"2027-04-05\tholiday\t清明节\r\n" +
	"2027-05-01\tholiday\t劳动节\r\n2027-05-02\tholiday\t劳动节\r\n2027-05-03\tholiday\t劳动节\r\n" +
	"2027-06-09\tholiday\t端午节\r\n2027-09-15\tholiday\t中秋节\r\n" +
	"2027-10-01\tholiday\t国庆节\r\n2027-10-02\tholiday\t国庆节\r\n2027-10-03\tholiday\t国庆节\r\n"
