package calendar

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a schedule file. A year has about 35 lines.
const (
	maxScheduleLines = 2000
	maxLineBytes     = 1000
	maxNameRunes     = 64
	firstScheduleYr  = 2000
	lastScheduleYr   = 2199
)

// ParseSchedule reads a schedule: one day a line, its date (YYYY-MM-DD), its
// kind ("holiday", a day off, or "workday", a Saturday or Sunday made up as a
// working day) and the festival's name, separated by tabs, in UTF-8. Blank
// lines and lines that begin with # are passed over, except "# covers: 2027",
// "# covers: 2023-2026" or a comma list of these, which names the years the
// file speaks for as a whole.
//
// Without such a line a year is covered only when the file names each of its
// statutory festival days as a day off, never because some days are known: a
// notice can name days of the neighbouring year.
//
// An error names the line, the field, the value found and what to write.
func ParseSchedule(r io.Reader) (Schedule, error) {
	p := parser{days: make(map[Date]ScheduledDay), lineOf: make(map[Date]int), covers: make(map[int]int)}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, maxLineBytes), maxLineBytes)
	for lines.Scan() {
		p.line++
		if p.line > maxScheduleLines {
			return Schedule{}, p.errorf("file", "", "has more than %d lines; a year has about 35, so load only the years in question", maxScheduleLines)
		}
		if err := p.read(lines.Text()); err != nil {
			return Schedule{}, err
		}
	}
	if err := lines.Err(); err != nil {
		p.line++
		if errors.Is(err, bufio.ErrTooLong) {
			return Schedule{}, p.errorf("line", "", "is longer than %d bytes; write one day a line, three fields separated by tabs", maxLineBytes)
		}
		return Schedule{}, fmt.Errorf("schedule line %d: reading: %w", p.line, err)
	}
	return p.finish()
}

type parser struct {
	line   int
	days   map[Date]ScheduledDay
	lineOf map[Date]int
	covers map[int]int // year to the line that declares it
}

func (p *parser) read(text string) error {
	if p.line == 1 {
		text = strings.TrimPrefix(text, "\ufeff")
	}
	if !utf8.ValidString(text) {
		return p.errorf("line", text, "is not UTF-8; save the file as UTF-8")
	}
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil
	case strings.HasPrefix(text, "#"):
		return p.comment(text)
	}
	return p.day(text)
}

func (p *parser) day(text string) error {
	fields := strings.Split(text, "\t")
	if len(fields) != 3 {
		return p.errorf("line", text, "has %d fields; write date, kind and name separated by single tabs", len(fields))
	}
	date, err := ParseDate(strings.TrimSpace(fields[0]))
	if err != nil {
		return p.errorf("date", fields[0], "is not a day of the calendar; write it as YYYY-MM-DD")
	}
	if date.Year < firstScheduleYr || date.Year > lastScheduleYr {
		return p.errorf("date", fields[0], "is not in the years %d to %d; check the year", firstScheduleYr, lastScheduleYr)
	}
	kind, err := p.kind(strings.TrimSpace(fields[1]), date)
	if err != nil {
		return err
	}
	name, err := p.name(strings.TrimSpace(fields[2]))
	if err != nil {
		return err
	}
	if earlier, ok := p.days[date]; ok {
		if earlier.Type != kind {
			return p.errorf("kind", fields[1], "contradicts line %d, which gives %s the other kind; keep one of the two lines", p.lineOf[date], date)
		}
		return nil
	}
	p.days[date], p.lineOf[date] = ScheduledDay{Date: date, Type: kind, Name: name}, p.line
	return nil
}

func (p *parser) kind(text string, date Date) (DayType, error) {
	switch text {
	case "holiday":
		return Holiday, nil
	case "workday":
		if !isWeekend(date) {
			return "", p.errorf("kind", text, "can't stand for %s, a %s: only a Saturday or Sunday is made up; check the date, or take the line out", date, date.Weekday())
		}
		return MakeUpWorkday, nil
	}
	return "", p.errorf("kind", text, `is unknown; write "holiday" for a day off or "workday" for a make-up working day`)
}

func (p *parser) name(text string) (string, error) {
	switch {
	case text == "":
		return "", p.errorf("name", text, "is empty; write the festival's name, as in the notice")
	case utf8.RuneCountInString(text) > maxNameRunes:
		return "", p.errorf("name", text, "is longer than %d characters; write only the festival's name", maxNameRunes)
	case strings.ContainsFunc(text, unicode.IsControl):
		return "", p.errorf("name", text, "has a control character; write only the festival's name")
	}
	return text, nil
}

func (p *parser) finish() (Schedule, error) {
	if len(p.days) == 0 {
		return Schedule{}, p.errorf("file", "", "names no day; write one day a line: date, kind and name separated by tabs")
	}
	declared := make(map[int]bool, len(p.covers))
	for year, line := range p.covers {
		declared[year] = true
		if !p.hasDayOff(year) {
			p.line = line
			return Schedule{}, p.errorf("covers", fmt.Sprint(year), "has no day off in this file; add its days or take the year off the list")
		}
	}
	return newSchedule(p.days, declared), nil
}

func (p *parser) hasDayOff(year int) bool {
	for date, day := range p.days {
		if date.Year == year && day.Type == Holiday {
			return true
		}
	}
	return false
}

// errorf says where, which field, what stands there and how to mend it.
func (p *parser) errorf(field, value, format string, args ...any) error {
	said := fmt.Sprintf(format, args...)
	if field == "file" {
		return fmt.Errorf("schedule: the file %s", said)
	}
	if value == "" && field != "name" {
		return fmt.Errorf("schedule line %d: %s %s", p.line, field, said)
	}
	const longest = 40
	if runes := []rune(value); len(runes) > longest {
		value = string(runes[:longest]) + "…"
	}
	return fmt.Errorf("schedule line %d: %s %q %s", p.line, field, value, said)
}
