package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/calendar"
	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// calendarView says which years are published, and takes a schedule.
type calendarView struct {
	templates.Frame
	Name    string
	Version contract.CalendarVersion
	Years   []yearLine
	MayLoad bool
	Rollout *rolloutView
	Partial []int // years that the file just loaded has days of, without speaking for them
}

type yearLine struct {
	Year      int
	Published bool
	Holidays  int // days off that would have been working days
	MadeUp    int // weekends worked instead
	Working   int

	// Festivals are statutory festival days that it says are worked: the file it was
	// published by was hardly whole.
	Festivals []time.Time
}

// rolloutView is how the recomputation of the open tickets stands.
type rolloutView struct {
	contract.RolloutResult
	Version contract.CalendarVersion
	Running bool
}

// The years shown, relative to the present one.
const yearsBack, yearsAhead = 1, 2

// rolloutPatience is how long the page waits for the recomputation before it
// says that it goes on.
const rolloutPatience = 2 * time.Second

func (k *console) calendar(c *gin.Context) {
	v := calendarView{}
	if version, err := strconv.Atoi(c.Query("version")); err == nil && version > 0 {
		v.Rollout = k.rollout(c.Request.Context(), contract.CalendarVersion(version))
		v.Partial = partialYears(c.Query("partial"))
	}
	k.showCalendar(c, http.StatusOK, v)
}

func (k *console) showCalendar(c *gin.Context, status int, v calendarView) {
	found, version, err := k.Planner.Calendar(c.Request.Context(), k.Policy.Calendar)
	if err != nil {
		k.failed(c, err)
		return
	}
	problems := v.Problems
	v.Frame = k.staffFrame(c, "console.calendar.title")
	v.Path, v.Problems = "/desk/calendar", problems
	v.Name, v.Version, v.MayLoad = found.Name(), version, memberOf(c).Role.May(ticket.MayLoadCalendar)
	this := k.Now().In(found.Location()).Year()
	for year := this - yearsBack; year <= this+yearsAhead; year++ {
		line := countYear(found, year)
		for _, day := range found.FestivalsWorked(year) {
			line.Festivals = append(line.Festivals, day.Start(found.Location()))
		}
		v.Years = append(v.Years, line)
	}
	k.page(c, status, "console/calendar", v)
}

func countYear(cal *calendar.Calendar, year int) yearLine {
	line := yearLine{Year: year, Published: cal.Covered(year)}
	for _, day := range cal.Year(year) {
		switch day.Type {
		case calendar.Holiday, calendar.StatutoryHoliday:
			if wd := day.Date.Weekday(); wd != time.Saturday && wd != time.Sunday {
				line.Holidays++
			}
		case calendar.MakeUpWorkday:
			line.MadeUp++
		}
		if day.Working {
			line.Working++
		}
	}
	return line
}

// loadCalendar takes a published schedule and has every open deadline worked out
// anew. What is wrong with the file is said with its line and the mend.
func (k *console) loadCalendar(c *gin.Context) {
	ctx := c.Request.Context()
	form, err := readForm(c)
	if err != nil {
		k.failed(c, err)
		return
	}
	wrong := func(words string) {
		k.showCalendar(c, http.StatusUnprocessableEntity, calendarView{Frame: templates.Frame{
			Problems: []templates.Problem{{Field: "file", Text: words}}}})
	}
	if len(form.Files) != 1 || form.Files[0].TooLarge {
		wrong(k.say(c, "console.calendar.file_missing"))
		return
	}
	text := form.Files[0].Content
	schedule, err := calendar.ParseSchedule(bytes.NewReader(text))
	if err != nil {
		wrong(k.say(c, "console.calendar.file_wrong", "why", err.Error()))
		return
	}
	version, err := k.Desk.LoadCalendar(ctx, k.Policy.Calendar, text, memberOf(c).ID)
	if err != nil {
		k.failed(c, err)
		return
	}
	k.Log.Info("schedule loaded", "by", memberOf(c).ID, "calendar", k.Policy.Calendar, "version", int(version))
	to := "/desk/calendar?version=" + strconv.Itoa(int(version))
	if len(schedule.Partial) > 0 {
		var years []string
		for _, year := range schedule.Partial {
			years = append(years, strconv.Itoa(year))
		}
		to += "&partial=" + strings.Join(years, ",")
	}
	k.done(c, "console.calendar.loaded", to)
}

// partialYears reads the years back from the address.
func partialYears(list string) (years []int) {
	for word := range strings.SplitSeq(list, ",") {
		if year, err := strconv.Atoi(word); err == nil && year >= 1000 && year <= 9999 && len(years) < 20 {
			years = append(years, year)
		}
	}
	return years
}

func (k *console) rollout(ctx context.Context, version contract.CalendarVersion) *rolloutView {
	ctx, cancel := context.WithTimeout(ctx, rolloutPatience)
	defer cancel()
	result, err := k.Desk.WaitRollout(ctx, k.Policy.Calendar, version)
	if err != nil && !errors.Is(err, desk.ErrEngineAway) && !errors.Is(err, context.DeadlineExceeded) {
		k.Log.Warn("rollout of a calendar", "version", int(version), "why", err)
	}
	return &rolloutView{RolloutResult: result, Version: version, Running: err != nil}
}
