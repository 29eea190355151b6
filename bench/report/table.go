package report

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Table is a table in Markdown.
type Table struct {
	header []string
	rows   [][]string
}

// NewTable begins one. A column whose name begins with "#" holds figures, which
// stand to the right.
func NewTable(header ...string) *Table { return &Table{header: header} }

// Row adds a row: strings as they are, floats and durations written for reading.
func (t *Table) Row(cells ...any) {
	row := make([]string, len(t.header))
	for i, c := range cells {
		row[i] = cell(c)
	}
	t.rows = append(t.rows, row)
}

func cell(c any) string {
	switch c := c.(type) {
	case float64:
		return Number(c)
	case time.Duration:
		return Milliseconds(c)
	}
	return fmt.Sprint(c)
}

// Number writes a figure with about three digits.
func Number(f float64) string {
	switch {
	case f >= 100 || f == 0:
		return fmt.Sprintf("%.0f", f)
	case f >= 10:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.2f", f)
}

// Milliseconds writes a duration as a number of milliseconds.
func Milliseconds(d time.Duration) string {
	return Number(float64(d) / float64(time.Millisecond))
}

// String is the Markdown.
func (t *Table) String() string {
	names, right := make([]string, len(t.header)), make([]bool, len(t.header))
	width := make([]int, len(t.header))
	for i, h := range t.header {
		names[i], right[i] = strings.CutPrefix(h, "#")
		width[i] = max(utf8.RuneCountInString(names[i]), 3)
		for _, r := range t.rows {
			width[i] = max(width[i], utf8.RuneCountInString(r[i]))
		}
	}
	var b strings.Builder
	line := func(cells []string) {
		for i, c := range cells {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if right[i] {
				c = pad + c
			} else {
				c += pad
			}
			b.WriteString("| " + c + " ")
		}
		b.WriteString("|\n")
	}
	line(names)
	rule := make([]string, len(names))
	for i := range rule {
		rule[i] = strings.Repeat("-", width[i])
		if right[i] {
			rule[i] = rule[i][1:] + ":"
		}
	}
	line(rule)
	for _, r := range t.rows {
		line(r)
	}
	return b.String()
}
