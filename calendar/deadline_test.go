package calendar

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

func TestFifteenWorkingDaysAsThePolicyCounts(t *testing.T) {
	c := CN()
	for _, tt := range []struct {
		received    string
		due         string
		provisional bool
	}{
		{"2026-01-05", "2026-01-26", false},
		{"2026-02-13", "2026-03-12", false}, // 14 and 28 Feb made up, 15-23 Feb off
		{"2026-02-20", "2026-03-13", false}, // received on a holiday
		{"2026-09-11", "2026-10-09", false},
		{"2026-09-30", "2026-10-27", false},
		{"2026-12-09", "2026-12-30", false},
		{"2026-12-10", "2026-12-31", false},
		{"2026-12-11", "2027-01-04", true},
		{"2027-03-01", "2027-03-22", true},
		{"2022-12-31", "2023-01-28", false}, // the day of receipt itself is not looked at
	} {
		t.Run(tt.received, func(t *testing.T) {
			for _, clock := range []string{" 00:00", " 10:30", " 23:59:59"} {
				d := deadline(t, c, Count{From: at(t, c, tt.received+clock), Term: fifteen})
				assert.Equal(t, tt.due+" 23:59:59", d.Due.Format(time.DateTime))
				assert.Equal(t, "Asia/Shanghai", d.Due.Location().String())
				assert.Equal(t, tt.provisional, d.Provisional)
			}
		})
	}
}

func TestReceiptIsDatedInTheCalendarsZoneNotTheCallers(t *testing.T) {
	c := CN()
	evening := time.Date(2026, 1, 4, 16, 30, 0, 0, time.UTC) // 00:30 on the 5th in Beijing
	assert.Equal(t, "2026-01-26 23:59:59", due(t, c, Count{From: evening, Term: fifteen}))
}

// TestEveryReceiptDayAgreesWithANaiveCount counts again with strings and the
// rows of the file alone.
func TestEveryReceiptDayAgreesWithANaiveCount(t *testing.T) {
	rows, err := os.ReadFile("cn-workdays.tsv")
	require.NoError(t, err)
	kind := map[string]string{}
	for row := range strings.SplitSeq(string(rows), "\n") {
		if fields := strings.Split(row, "\t"); len(fields) == 3 && row[0] == '2' {
			kind[fields[0]] = fields[1]
		}
	}
	require.Len(t, kind, 145)
	for _, statutory := range []string{"2027-01-01", "2027-02-05", "2027-02-06", "2027-02-07", "2027-02-08"} {
		kind[statutory] = "holiday"
	}
	works := func(day time.Time) bool {
		switch kind[day.Format("2006-01-02")] {
		case "holiday":
			return false
		case "workday":
			return true
		}
		return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
	}

	c := CN()
	days := 0
	for received := time.Date(2023, 1, 1, 12, 0, 0, 0, time.UTC); received.Year() <= 2026; received = received.AddDate(0, 0, 1) {
		days++
		want := received
		for n := 0; n < 15; {
			if want = want.AddDate(0, 0, 1); works(want) {
				n++
			}
		}
		d := deadline(t, c, Count{From: received, Term: fifteen})
		require.Equal(t, want.Format("2006-01-02")+" 23:59:59", d.Due.Format(time.DateTime), "received %s", received)
		require.Equal(t, want.Year() == 2027, d.Provisional, "received %s", received)
		require.Equal(t, works(received), c.IsWorkingDay(DateOf(received, time.UTC)), "%s", received)
	}
	assert.Equal(t, 1461, days)
}

func TestTheDeadlineTellsWhyEachDayCounted(t *testing.T) {
	c := CN()
	d := deadline(t, c, Count{From: at(t, c, "2026-02-13 09:00"), Term: fifteen})
	require.Equal(t, on(t, "2026-02-13"), d.Days[0].Date)
	assert.False(t, d.Days[0].Counted, "the day of receipt")
	assert.Equal(t, CountedDay{Day: Day{Date: on(t, "2026-02-14"), Type: MakeUpWorkday, Name: "春节", Working: true}, Counted: true, N: 1}, d.Days[1])
	assert.Equal(t, CountedDay{Day: Day{Date: on(t, "2026-02-15"), Type: Holiday, Name: "春节"}}, d.Days[2])
	last := d.Days[len(d.Days)-1]
	assert.Equal(t, on(t, "2026-03-12"), last.Date)
	assert.Equal(t, 15, last.N)
}

func TestUnitsEndAsTheLawSays(t *testing.T) {
	c := CN()
	for _, tt := range []struct {
		name string
		from string
		term ticket.Term
		want string
	}{
		{"calendar days count every day", "2026-02-13 10:00", term(15, ticket.CalendarDay), "2026-02-28 23:59:59"},
		{"365 days of keeping on file", "2026-03-01 10:00", term(365, ticket.CalendarDay), "2027-03-01 23:59:59"},
		{"a month ends on the same day", "2026-03-15 10:00", term(1, ticket.Month), "2026-04-15 23:59:59"},
		{"or on the last of a short month", "2026-01-31 10:00", term(1, ticket.Month), "2026-02-28 23:59:59"},
		{"29 February in a leap year", "2028-01-31 10:00", term(1, ticket.Month), "2028-02-29 23:59:59"},
		{"three months over the year's end", "2026-11-30 10:00", term(3, ticket.Month), "2027-02-28 23:59:59"},
		{"hours are exact", "2026-01-05 10:15", term(48, ticket.Hour), "2026-01-07 10:15:00"},
		{"minutes are exact", "2026-12-31 23:50", term(15, ticket.Minute), "2027-01-01 00:05:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := deadline(t, c, Count{From: at(t, c, tt.from), Term: tt.term})
			assert.Equal(t, tt.want, d.Due.Format(time.DateTime))
			_, exact := tt.term.Exact()
			assert.Equal(t, exact, len(d.Days) == 0)
			assert.False(t, d.Provisional, "no working day was asked for")
		})
	}
}

func TestAPeriodOfDaysThatEndsOnADayOffRollsOnWhenAsked(t *testing.T) {
	for _, tt := range []struct {
		calendar, from string
		term           ticket.Term
		want           string
		provisional    bool
	}{
		{"eu", "2026-03-03", term(1, ticket.Month), "2026-04-07", false}, // Good Friday to Easter Monday
		{"eu", "2026-03-02", term(1, ticket.Month), "2026-04-02", false}, // a working day stays
		{"cn", "2026-09-16", term(15, ticket.CalendarDay), "2026-10-08", false},
		{"cn", "2026-02-13", term(15, ticket.CalendarDay), "2026-02-28", false}, // a make-up Saturday is a working day
		{"cn", "2026-12-17", term(15, ticket.CalendarDay), "2027-01-04", true},
		{"cn", "2026-02-13", term(2, ticket.WorkingDay), "2026-02-24", false}, // working days never need it
	} {
		c := named(t, tt.calendar)
		d := deadline(t, c, Count{From: at(t, c, tt.from+" 12:00"), Term: tt.term, Roll: true})
		assert.Equal(t, tt.want+" 23:59:59", d.Due.Format(time.DateTime), "%+v", tt)
		assert.Equal(t, tt.provisional, d.Provisional, "%+v", tt)
		assert.Equal(t, tt.want, d.Days[len(d.Days)-1].Date.String())
	}
}

func TestAnExtensionLengthensThePeriod(t *testing.T) {
	for _, tt := range []struct {
		name, calendar, from string
		term, extension      ticket.Term
		roll                 bool
		want                 string
	}{
		{"working days go on counting", "cn", "2026-01-05", fifteen, term(5, ticket.WorkingDay), false, "2026-02-02 23:59:59"},
		{"months are counted together from receipt", "eu", "2026-01-31", term(1, ticket.Month), term(2, ticket.Month), false, "2026-04-30 23:59:59"},
		{"45 and 45 days", "us", "2026-01-05", term(45, ticket.CalendarDay), term(45, ticket.CalendarDay), false, "2026-04-05 23:59:59"},
		{"another unit counts on from the due day", "cn", "2026-01-05", fifteen, term(1, ticket.Month), false, "2026-02-26 23:59:59"},
		{"and so do working days after a month", "eu", "2026-03-03", term(1, ticket.Month), term(2, ticket.WorkingDay), false, "2026-04-08 23:59:59"},
		{"from the day the month was due after rolling", "eu", "2026-03-03", term(1, ticket.Month), term(2, ticket.WorkingDay), true, "2026-04-09 23:59:59"},
		{"days after hours", "cn", "2026-01-05", term(36, ticket.Hour), term(1, ticket.WorkingDay), false, "2026-01-08 23:59:59"},
		{"minutes after hours", "cn", "2026-01-05", term(1, ticket.Hour), term(30, ticket.Minute), false, "2026-01-05 13:30:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := named(t, tt.calendar)
			q := Count{From: at(t, c, tt.from+" 12:00"), Term: tt.term, Extension: tt.extension, Roll: tt.roll}
			assert.Equal(t, tt.want, due(t, c, q))
		})
	}
}

func TestAQuestionThatMakesNoSenseIsRefused(t *testing.T) {
	c := CN()
	from := at(t, c, "2026-01-05 10:00")
	for name, q := range map[string]Count{
		"from: no time":                      {Term: fifteen},
		"from: the year 1800":                {From: from.AddDate(-226, 0, 0), Term: fifteen},
		"term.unit: \"\"":                    {From: from},
		"term.count":                         {From: from, Term: term(0, ticket.Month)},
		"term.unit: \"fortnight\"":           {From: from, Term: term(1, "fortnight")},
		"extension.count":                    {From: from, Term: fifteen, Extension: term(-1, ticket.WorkingDay)},
		"pauses[0]: from and to must":        {From: from, Term: fifteen, Pauses: []Pause{{From: from}}},
		"pauses[0]: ends before it begins":   {From: from, Term: fifteen, Pauses: []Pause{{From: from, To: from.Add(-1)}}},
		"longer than fifty years":            {From: from, Term: term(10000, ticket.Month)},
		"15000 working_day from 2026-01-05:": {From: from, Term: term(10000, ticket.WorkingDay), Extension: term(5000, ticket.WorkingDay)},
		"1 hour from 2026-01-05: the period": {From: from, Term: term(1, ticket.Hour), Pauses: []Pause{{From: from, To: from.AddDate(60, 0, 0)}}},
		"15 working_day from 2026-01-05: th": {From: from, Term: fifteen, Pauses: []Pause{{From: from, To: from.AddDate(60, 0, 0)}}},
	} {
		_, err := c.Deadline(q)
		assert.ErrorContains(t, err, name)
	}
}

func TestTheWholeLastSecondBelongsToThePeriod(t *testing.T) {
	c := CN()
	due := at(t, c, "2026-01-26 23:59:59")
	assert.False(t, Late(due, due))
	assert.False(t, Late(due.Add(999*time.Millisecond), due))
	assert.True(t, Late(due.Add(time.Second), due))
}

func BenchmarkDeadline(b *testing.B) {
	c := CN()
	for name, received := range map[string]string{"published": "2026-09-11 10:00", "provisional": "2026-12-11 10:00"} {
		q := Count{From: at(b, c, received), Term: fifteen}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Deadline(q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
