package calendar

import (
	"time"

	lunar "github.com/6tail/lunar-go/calendar"
)

// The festival days can be worked out for these years; asked for any other
// year the law is silent and only weekends are off.
const (
	firstFestivalYear = 1950
	lastFestivalYear  = 2299
)

// amendmentYear is the first year of the 2024 amendment (State Council decree
// 795, in force 2025-01-01), which added 除夕 and 2 May.
const amendmentYear = 2025

// StatutoryDays gives the festival days off for all citizens by art. 2 of
// 全国年节及纪念日放假办法 as in force in that year, by date: 11 days up to 2024,
// 13 from 2025. Where two festivals meet on one day (中秋节 on 1 October) both
// names stand there and the year has fewer dates.
//
// Lunar dates and the solar term 清明 are astronomy (lunar-go); no published
// or remembered holiday table takes part.
func StatutoryDays(year int) map[Date]string {
	days := make(map[Date]string, 13)
	if year < firstFestivalYear || year > lastFestivalYear {
		return days
	}
	add := func(d Date, festival string) {
		if other, ok := days[d]; ok {
			festival = other + "、" + festival
		}
		days[d] = festival
	}
	add(NewDate(year, time.January, 1), "元旦")
	springFestival := lunarDate(year, 1, 1)
	if year >= amendmentYear {
		add(springFestival.AddDays(-1), "春节")
	}
	for n := range 3 {
		add(springFestival.AddDays(n), "春节")
	}
	add(qingming(year), "清明节")
	add(NewDate(year, time.May, 1), "劳动节")
	if year >= amendmentYear {
		add(NewDate(year, time.May, 2), "劳动节")
	}
	add(lunarDate(year, 5, 5), "端午节")
	for n := range 3 {
		add(NewDate(year, time.October, 1+n), "国庆节")
	}
	add(lunarDate(year, 8, 15), "中秋节")
	return days
}

// lunarDate gives the civil day of a day of the Chinese lunar calendar.
func lunarDate(year, month, day int) Date {
	return fromSolar(lunar.NewLunarFromYmd(year, month, day).GetSolar())
}

// qingming gives the civil day on which the solar term 清明 begins, Beijing time.
func qingming(year int) Date {
	return fromSolar(lunar.NewLunarFromYmd(year, 3, 1).GetJieQiTable()["清明"])
}

func fromSolar(s *lunar.Solar) Date {
	return NewDate(s.GetYear(), time.Month(s.GetMonth()), s.GetDay())
}
