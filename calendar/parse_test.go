package calendar

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAScheduleFileMayComeFromAnyEditor(t *testing.T) {
	s := schedule(t, "\ufeff# a comment\r\n\r\n2027-10-02\tholiday\t国庆节\r\n  \r\n2027-10-01\tholiday\t国庆节\r\n2027-10-09\tworkday\t国庆节")
	require.Len(t, s.Days, 3)
	assert.Equal(t, ScheduledDay{Date: on(t, "2027-10-01"), Type: Holiday, Name: "国庆节"}, s.Days[0], "in order of date")
	assert.Equal(t, MakeUpWorkday, s.Days[2].Type)
	assert.Equal(t, s, schedule(t, "2027-10-01\tholiday\t国庆节\n2027-10-01\tholiday\t国庆节\n2027-10-02\tholiday\t国庆节\n2027-10-09\tworkday\t国庆节\n"), "a repeated line does no harm")
}

func TestAYearIsCoveredOnlyWhenDeclaredOrWhole(t *testing.T) {
	day := func(year string) string { return year + "-01-01\tholiday\t元旦\n" }
	whole := published2027[3:] // without the byte order mark
	for _, tt := range []struct {
		name, text       string
		covered, partial []int
	}{
		{"some days", day("2027"), nil, []int{2027}},
		{"every statutory day", whole, []int{2027}, nil},
		{"all but one", strings.Replace(whole, "2027-06-09\tholiday\t端午节\r\n", "", 1), nil, []int{2027}},
		{"a neighbour's days", "2028-01-01\tholiday\t元旦\n2026-12-31\tholiday\t元旦\n" + whole, []int{2027}, []int{2026, 2028}},
		{"declared", "# covers: 2027\n" + day("2027") + day("2028"), []int{2027}, []int{2028}},
		{"declared as a range", "#covers:2023-2025\n" + day("2023") + day("2024") + day("2025") + day("2026"), []int{2023, 2024, 2025}, []int{2026}},
		{"declared as a list", "# Covers: 2023, 2025-2026\n" + day("2023") + day("2025") + day("2026"), []int{2023, 2025, 2026}, nil},
		{"declared on a Chinese keyboard", "# covers：2023，2025\n" + day("2023") + day("2025"), []int{2023, 2025}, nil},
		{"a declaration speaks for the file", "# covers: 2028\n" + day("2028") + whole, []int{2028}, []int{2027}},
		{"11 days were enough in 2024", published2024(t), []int{2024}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := schedule(t, tt.text)
			assert.Equal(t, tt.covered, s.Covered)
			assert.Equal(t, tt.partial, s.Partial)
		})
	}
}

func published2024(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	for row := range strings.SplitSeq(publishedCN, "\n") {
		if strings.HasPrefix(row, "2024-") {
			text.WriteString(row + "\n")
		}
	}
	return text.String()
}

func TestAnErrorSaysWhereWhatAndHowToMendIt(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"empty file", "", `schedule: the file names no day; write one day a line: date, kind and name separated by tabs`},
		{"only comments", "# covers: 2027\n", `names no day`},
		{"bad date", "# x\n2027-02-30\tholiday\t春节\n", `schedule line 2: date "2027-02-30" is not a day of the calendar; write it as YYYY-MM-DD`},
		{"date of another form", "2027/02/03\tholiday\t春节\n", `write it as YYYY-MM-DD`},
		{"year of a slipped finger", "2207-01-01\tholiday\t元旦\n", `schedule line 1: date "2207-01-01" is not in the years 2000 to 2199; check the year`},
		{"unknown kind", "2027-01-01\tfestival\t元旦\n", `schedule line 1: kind "festival" is unknown; write "holiday" for a day off or "workday"`},
		{"make-up on a weekday", "2027-01-04\tworkday\t元旦\n", `kind "workday" can't stand for 2027-01-04, a Monday`},
		{"contradiction", "2027-01-02\tholiday\t元旦\n\n2027-01-02\tworkday\t元旦\n", `schedule line 3: kind "workday" contradicts line 1`},
		{"spaces for tabs", "2027-01-01 holiday 元旦\n", `has 1 fields; write date, kind and name separated by single tabs`},
		{"no name", "2027-01-01\tholiday\n", `has 2 fields`},
		{"blank name", "2027-01-01\tholiday\t \u3000\t\n2027-01-01\tholiday\t", `schedule line 1`},
		{"long name", "2027-01-01\tholiday\t" + strings.Repeat("元", 65), `is longer than 64 characters`},
		{"control character", "2027-01-01\tholiday\t元\x1b旦", `has a control character`},
		{"not UTF-8", "2027-01-01\tholiday\t\xd4\xaa\xb5\xa9\n", `is not UTF-8; save the file as UTF-8`},
		{"covers without days", "# covers: 2027, 2028\n2027-01-01\tholiday\t元旦\n", `schedule line 1: covers "2028" has no day off in this file`},
		{"covers no year", "# covers: all\n2027-01-01\tholiday\t元旦\n", `schedule line 1: covers "all" is no year`},
		{"covers backwards", "# covers: 2027-2023\n2027-01-01\tholiday\t元旦\n", `is not a year or rising range`},
		{"covers everything", "# covers: 1-999999999\n2027-01-01\tholiday\t元旦\n", `is not a year or rising range`},
		{"over-long line", "2027-01-01\tholiday\t元旦\n#" + strings.Repeat("x", 5000), `schedule line 2: line is longer than 1000 bytes`},
		{"too many lines", strings.Repeat("\n", 3000), `schedule: the file has more than 2000 lines`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := ParseSchedule(strings.NewReader(tt.text))
			assert.ErrorContains(t, err, tt.want)
			assert.Empty(t, s.Days)
		})
	}
}

// FuzzParseSchedule: whatever the file, ParseSchedule answers with an error or
// with a schedule that keeps its promises and that a calendar can use.
func FuzzParseSchedule(f *testing.F) {
	for _, seed := range []string{"", publishedCN, published2027, "# covers: 2023-2026, 2028\n2028-01-01\tholiday\t元旦\n",
		"2027-01-03\tworkday\tx\n2027-01-03\tholiday\tx\n", "2027-01-01\tholiday\t\xff\n", "\ufeff\ufeff#covers:,-\r\r\n", "# covers: 99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSchedule(strings.NewReader(text))
		if err != nil {
			assert.True(t, strings.HasPrefix(err.Error(), "schedule line ") || strings.HasPrefix(err.Error(), "schedule: the file "), err)
			return
		}
		for i, day := range s.Days {
			if i > 0 && !s.Days[i-1].Date.Before(day.Date) {
				t.Errorf("%s stands before %s", s.Days[i-1].Date, day.Date)
			}
			if day.Type != Holiday && (day.Type != MakeUpWorkday || !isWeekend(day.Date)) {
				t.Errorf("%+v", day)
			}
		}
		c := CN(s)
		for _, year := range s.Covered {
			if !c.Covered(year) {
				t.Errorf("%d is not covered", year)
			}
		}
		if _, err := c.Deadline(Count{From: c.Year(2027)[0].Date.Start(c.Location()), Term: fifteen}); err != nil {
			t.Error(err)
		}
	})
}
