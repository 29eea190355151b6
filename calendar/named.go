package calendar

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ecb"
	"github.com/rickar/cal/v2/us"
)

// Names lists the calendars a policy may ask for.
func Names() []string { return []string{"cn", "eu", "us"} }

// Named gives a calendar by the name a policy uses:
//
//   - "cn": mainland China, Asia/Shanghai, see CN;
//   - "eu": closing days of the European Central Bank's TARGET system,
//     Europe/Brussels; national holidays are loaded as a schedule;
//   - "us": US federal holidays on the day they are observed,
//     America/Los_Angeles, the zone of the CCPA's regulator.
//
// Loaded schedules are applied in order, as for CN; in "eu" and "us" nothing is
// ever provisional.
func Named(name string, loaded ...Schedule) (*Calendar, error) {
	switch name {
	case "cn":
		return CN(loaded...), nil
	case "eu":
		return byRule("eu", "Europe/Brussels", ecb.Holidays, loaded), nil
	case "us":
		return byRule("us", "America/Los_Angeles", us.Holidays, loaded), nil
	}
	return nil, fmt.Errorf("no calendar is named %q; the names are %s", name, strings.Join(Names(), ", "))
}

func byRule(name, zone string, holidays []*cal.Holiday, loaded []Schedule) *Calendar {
	c := newCalendar(name, zone)
	c.byRule = Holiday
	c.festivals = func(year int) map[Date]string { return observed(holidays, year) }
	c.apply(loaded...)
	return c
}

// observed gives the days of the year on which the holidays are kept, both the
// day itself and the weekday it is moved to when it falls on a weekend. The day
// observed may lie in the year before (1 January 2028 is kept on 31 December
// 2027).
func observed(holidays []*cal.Holiday, year int) map[Date]string {
	days := make(map[Date]string)
	for _, holiday := range holidays {
		for _, of := range []int{year - 1, year, year + 1} {
			actual, moved := holiday.Calc(of)
			if actual.IsZero() {
				continue
			}
			for _, t := range slices.Compact([]Date{DateOf(actual, actual.Location()), DateOf(moved, moved.Location())}) {
				if t.Year == year {
					days[t] = holiday.Name
				}
			}
		}
	}
	return days
}
