package calendar

import (
	_ "embed"
	"strings"
)

//go:embed cn-workdays.tsv
var publishedCN string

// PublishedCN is the schedule built into the program: the State Council
// notices for the years it covers. Each call gives a fresh copy.
func PublishedCN() Schedule {
	s, err := ParseSchedule(strings.NewReader(publishedCN))
	if err != nil {
		panic("calendar: built-in cn-workdays.tsv: " + err.Error())
	}
	return s
}
