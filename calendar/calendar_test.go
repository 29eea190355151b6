package calendar

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

func TestTheBuiltInScheduleCoversItsFourYears(t *testing.T) {
	s := PublishedCN()
	assert.Equal(t, []int{2023, 2024, 2025, 2026}, s.Covered)
	assert.Empty(t, s.Partial)
	assert.Len(t, s.Days, 145)
}

func TestEachKindOfDayIsNamed(t *testing.T) {
	c := CN()
	for day, want := range map[string]Day{
		"2026-03-02": {Type: WorkingDay, Working: true},
		"2026-03-07": {Type: Weekend},
		"2026-02-20": {Type: Holiday, Name: "春节"},
		"2026-02-28": {Type: MakeUpWorkday, Name: "春节", Working: true},
		"2027-01-01": {Type: StatutoryHoliday, Name: "元旦", Provisional: true},
		"2027-02-06": {Type: StatutoryHoliday, Name: "春节", Provisional: true}, // a Saturday
		"2027-01-02": {Type: Weekend, Provisional: true},
		"2027-01-04": {Type: WorkingDay, Working: true, Provisional: true},
	} {
		want.Date = on(t, day)
		assert.Equal(t, want, c.Day(want.Date))
	}
}

func TestAnUnpublishedYearHasExactlyTheThirteenStatutoryDays(t *testing.T) {
	c := CN()
	assert.False(t, c.Covered(2027))
	var off []string
	for _, day := range c.Year(2027) {
		assert.True(t, day.Provisional)
		assert.NotEqual(t, MakeUpWorkday, day.Type, "nothing is made up")
		if day.Type == StatutoryHoliday {
			off = append(off, day.Date.String()[5:])
		}
	}
	assert.Equal(t, []string{"01-01", "02-05", "02-06", "02-07", "02-08", "04-05", "05-01", "05-02", "06-09", "09-15", "10-01", "10-02", "10-03"}, off)
}

func TestAYearListsEveryDayOnce(t *testing.T) {
	for year, days := range map[int]int{2024: 366, 2026: 365} {
		assert.Len(t, CN().Year(year), days)
	}
}

func TestLoadingThePublishedScheduleMovesAndSettlesTheDeadline(t *testing.T) {
	s := schedule(t, published2027)
	require.Equal(t, []int{2027}, s.Covered)
	c := CN(s)
	assert.True(t, c.Covered(2027))
	d := deadline(t, c, Count{From: at(t, c, "2026-12-11 10:00"), Term: fifteen})
	assert.Equal(t, "2027-01-03 23:59:59", d.Due.Format(time.DateTime))
	assert.False(t, d.Provisional)
	assert.Equal(t, Day{Date: on(t, "2027-02-09"), Type: Holiday, Name: "春节"}, c.Day(on(t, "2027-02-09")))
	assert.Equal(t, Day{Date: on(t, "2027-02-20"), Type: MakeUpWorkday, Name: "春节", Working: true}, c.Day(on(t, "2027-02-20")))

	assert.True(t, deadline(t, CN(), Count{From: at(t, c, "2026-12-11 10:00"), Term: fifteen}).Provisional, "another calendar is not touched")
}

func TestAFileThatNamesAFewDaysLeavesTheYearProvisional(t *testing.T) {
	s := schedule(t, "2027-01-01\tholiday\t元旦\n2027-01-02\tholiday\t元旦\n2027-01-03\tworkday\t元旦\n")
	assert.Empty(t, s.Covered)
	assert.Equal(t, []int{2027}, s.Partial)
	assert.Len(t, s.Missing(2027), 12)
	c := CN(s)
	d := deadline(t, c, Count{From: at(t, c, "2026-12-11 10:00"), Term: fifteen})
	assert.Equal(t, "2027-01-03 23:59:59", d.Due.Format(time.DateTime), "the known days are used")
	assert.True(t, d.Provisional)
	assert.Equal(t, StatutoryHoliday, c.Day(on(t, "2027-02-05")).Type, "the law fills the rest")
}

func TestANoticeMayNameDaysOfTheYearBefore(t *testing.T) {
	c := CN(schedule(t, "# covers: 2027\n2026-12-31\tholiday\t元旦\n"+published2027[3:]))
	assert.True(t, c.Covered(2026) && c.Covered(2027))
	assert.Equal(t, Holiday, c.Day(on(t, "2026-12-31")).Type)
	assert.Equal(t, Holiday, c.Day(on(t, "2026-10-01")).Type, "the rest of 2026 stays")
}

func TestALaterScheduleReplacesTheWholeYearItCovers(t *testing.T) {
	first := schedule(t, published2027)
	amended := schedule(t, "# covers: 2027\n2027-01-01\tholiday\t元旦\n")
	c := CN(first, amended)
	assert.Equal(t, Weekend, c.Day(on(t, "2027-02-20")).Type, "no make-up day is left over")
	assert.Equal(t, WorkingDay, c.Day(on(t, "2027-02-05")).Type)
	assert.True(t, CN(amended, first).Day(on(t, "2027-02-20")).Working, "the last one counts")
}

func TestAPublishedYearThatWorksOnFestivalsIsDoubted(t *testing.T) {
	for year := 2023; year <= 2026; year++ {
		assert.Empty(t, CN().FestivalsWorked(year), year)
	}
	assert.Empty(t, CN().FestivalsWorked(2027), "the law's days hold where nothing is published")
	assert.Empty(t, CN(schedule(t, published2027)).FestivalsWorked(2027))
	part := CN(schedule(t, "# covers: 2027\n2027-01-01\tholiday\t元旦\n"))
	var worked []string
	for _, d := range part.FestivalsWorked(2027) {
		worked = append(worked, d.String())
	}
	assert.Equal(t, []string{"2027-02-05", "2027-02-08", "2027-04-05", "2027-06-09", "2027-09-15", "2027-10-01"}, worked,
		"those that fall on a weekend are off in any case")
	us, err := Named("us")
	require.NoError(t, err)
	assert.Empty(t, us.FestivalsWorked(2027))
}

func TestOtherRegimesHaveTheirOwnDaysOff(t *testing.T) {
	for name, days := range map[string]map[string]Day{
		"us": {
			"2026-11-26": {Type: Holiday, Name: "Thanksgiving Day"},
			"2026-11-27": {Type: WorkingDay, Working: true},
			"2026-07-03": {Type: Holiday, Name: "Independence Day"}, // the 4th is a Saturday
			"2027-12-31": {Type: Holiday, Name: "New Year's Day"},   // 1 January 2028 is a Saturday
			"2026-06-19": {Type: Holiday, Name: "Juneteenth"},
		},
		"eu": {
			"2026-04-03": {Type: Holiday, Name: "Good Friday"},
			"2026-04-06": {Type: Holiday, Name: "Easter Monday"},
			"2026-12-26": {Type: Holiday, Name: "Christmas Holiday"},
			"2026-12-28": {Type: WorkingDay, Working: true},
		},
	} {
		c := named(t, name)
		assert.Equal(t, name, c.Name())
		assert.True(t, c.Covered(2199), "nothing is provisional")
		for day, want := range days {
			want.Date = on(t, day)
			assert.Equal(t, want, c.Day(want.Date), name)
		}
	}
}

func TestAnOperatorMayAddDaysOffToAnotherRegime(t *testing.T) {
	c := named(t, "eu", schedule(t, "2026-07-14\tholiday\tFête nationale\n"))
	assert.Equal(t, "Fête nationale", c.Day(on(t, "2026-07-14")).Name)
	assert.Equal(t, "Good Friday", c.Day(on(t, "2026-04-03")).Name)
}

func TestTenBusinessDaysEndAtCaliforniasMidnightAcrossTheClockChange(t *testing.T) {
	c := named(t, "us")
	for _, tt := range []struct {
		from string
		term ticket.Term
		want string
	}{
		{"2026-02-27 10:00", term(10, ticket.WorkingDay), "2026-03-13T23:59:59-07:00"}, // PST to PDT on 8 March
		{"2026-10-23 10:00", term(10, ticket.WorkingDay), "2026-11-06T23:59:59-08:00"},
		{"2026-03-07 10:00", term(24, ticket.Hour), "2026-03-08T11:00:00-07:00"}, // an exact day of 24 hours
		{"2026-03-07 10:00", term(1, ticket.CalendarDay), "2026-03-08T23:59:59-07:00"},
	} {
		d := deadline(t, c, Count{From: at(t, c, tt.from), Term: tt.term})
		assert.Equal(t, tt.want, d.Due.Format(time.RFC3339))
	}
}

func TestAnUnknownCalendarIsRefusedWithTheNames(t *testing.T) {
	_, err := Named("jp")
	assert.EqualError(t, err, `no calendar is named "jp"; the names are cn, eu, us`)
	for _, name := range Names() {
		assert.Equal(t, name, named(t, name).Name())
	}
}

func TestACalendarMayBeAskedByManyAtOnce(t *testing.T) {
	c := CN()
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for year := range 20 {
				_, err := c.Deadline(Count{From: time.Date(2027+(year+n)%20, 2, 1, 0, 0, 0, 0, time.UTC), Term: fifteen})
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
}
