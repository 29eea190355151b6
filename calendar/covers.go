package calendar

import (
	"strconv"
	"strings"
)

// punctuation takes what a Chinese keyboard types for what the format wants.
var punctuation = strings.NewReplacer("：", ":", "，", ",", "、", ",", "–", "-", "—", "-")

// comment passes over a comment, unless it declares the covered years.
func (p *parser) comment(text string) error {
	text = strings.TrimSpace(strings.TrimLeft(text, "#"))
	text = punctuation.Replace(text)
	const word = "covers"
	if len(text) < len(word) || !strings.EqualFold(text[:len(word)], word) {
		return nil
	}
	list, ok := strings.CutPrefix(strings.TrimSpace(text[len(word):]), ":")
	if !ok {
		return nil
	}
	for item := range strings.SplitSeq(list, ",") {
		if err := p.coveredYears(strings.TrimSpace(item)); err != nil {
			return err
		}
	}
	return nil
}

// coveredYears reads one year, or a range of years joined by a hyphen.
func (p *parser) coveredYears(item string) error {
	from, to, isRange := strings.Cut(item, "-")
	if !isRange {
		to = from
	}
	first, errFirst := strconv.Atoi(strings.TrimSpace(from))
	last, errLast := strconv.Atoi(strings.TrimSpace(to))
	if errFirst != nil || errLast != nil {
		return p.errorf("covers", item, "is no year; write a year (2027), a range (2023-2026) or several of these separated by commas")
	}
	if first < firstScheduleYr || last > lastScheduleYr || first > last {
		return p.errorf("covers", item, "is not a year or rising range within %d to %d; check the years", firstScheduleYr, lastScheduleYr)
	}
	for year := first; year <= last; year++ {
		if _, ok := p.covers[year]; !ok {
			p.covers[year] = p.line
		}
	}
	return nil
}
