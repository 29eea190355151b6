package calendar

import "time"

// DayType says why a day is a working day or a day off.
type DayType string

const (
	WorkingDay       DayType = "working_day"       // Monday to Friday, not a day off
	Weekend          DayType = "weekend"           // Saturday or Sunday, not made up
	Holiday          DayType = "holiday"           // a day off of the published schedule, or of the us and eu rules
	MakeUpWorkday    DayType = "make_up_workday"   // 调休上班: a Saturday or Sunday the schedule calls a working day
	StatutoryHoliday DayType = "statutory_holiday" // a festival day by law, in a year without a published schedule
)

// Day is what the calendar knows of one day.
type Day struct {
	Date        Date    `json:"date"`
	Type        DayType `json:"type"`
	Name        string  `json:"name,omitempty"` // festival, as the schedule or the law names it
	Working     bool    `json:"working"`
	Provisional bool    `json:"provisional,omitempty"` // its year has no published schedule yet
}

func isWeekend(d Date) bool {
	weekday := d.Weekday()
	return weekday == time.Saturday || weekday == time.Sunday
}
