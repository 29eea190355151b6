package api

import (
	"bytes"
	"context"
	"net/http"
	"regexp"

	"github.com/danielgtaylor/huma/v2"

	"rightsdesk/calendar"
	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// v1Calendar is the working-day calendar and the years it knows.
type v1Calendar struct {
	Name     string                   `json:"name"`
	Version  contract.CalendarVersion `json:"version" doc:"Counts the schedules loaded so far; 0: the built-in one"`
	TimeZone string                   `json:"time_zone"`
	Years    []v1YearSummary          `json:"years" nullable:"false"`
}

// v1YearSummary is a year in figures.
type v1YearSummary struct {
	Year      int  `json:"year"`
	Published bool `json:"published" doc:"If not, deadlines that reach into it are provisional"`
	Holidays  int  `json:"holidays" doc:"Days off that would have been working days"`
	MadeUp    int  `json:"made_up" doc:"Weekend days that are worked"`
	Working   int  `json:"working"`

	FestivalsWorked []string `json:"festivals_worked,omitempty" doc:"Statutory festival days that count as working days although the year is published: the file was hardly whole"`
}

// v1Year is every day of a year.
type v1Year struct {
	Year      int     `json:"year"`
	Published bool    `json:"published"`
	Days      []v1Day `json:"days" nullable:"false"`
}

// v1Day is one day.
type v1Day struct {
	Date    string           `json:"date" format:"date"`
	Type    calendar.DayType `json:"type"`
	Name    string           `json:"name,omitempty" doc:"Of the festival"`
	Working bool             `json:"working"`
}

// v1Rollout is how the recomputation of the open tickets stands.
type v1Rollout struct {
	Version contract.CalendarVersion `json:"version"`
	Running bool                     `json:"running" doc:"Not finished, or not to be asked at the moment"`
	Visited int                      `json:"visited"`
	Moved   int                      `json:"moved"`
	Failed  int                      `json:"failed"`
}

type (
	v1YearInput struct {
		Year int `path:"year" minimum:"2000" maximum:"2199"`
	}
	v1ScheduleInput struct{ RawBody []byte }
	v1RolloutInput  struct {
		Version int `path:"version" minimum:"1"`
	}
	v1CalendarOutput struct{ Body v1Calendar }
	v1YearOutput     struct{ Body v1Year }
	v1RolloutOutput  struct{ Body v1Rollout }
)

func (a *v1) calendarRoutes() {
	op := func(id, method, path, summary, about string) v1Op {
		return v1Op{id: id, method: method, path: path, tag: v1TagCalendar, who: v1Staff, may: ticket.MaySeeCalendar, summary: summary, about: about}
	}
	addV1(a, op("get-calendar", http.MethodGet, "/calendar", "The calendar and its years", "Last year to the year after next."), a.calendar)
	addV1(a, op("get-calendar-year", http.MethodGet, "/calendar/{year}", "Every day of a year", "With why it is worked or off."), a.calendarYear)
	load := op("load-schedule", http.MethodPost, "/calendar/schedules", "Load a published schedule",
		"Lines of date, tab, holiday or workday, tab, name; “# covers: 2027” names the years it speaks for. Every open ticket's deadline is "+
			"computed anew; the answer waits a few seconds for that and then says that it goes on.")
	load.may, load.bodies = ticket.MayLoadCalendar,
		[]*v1Content{{"text/tab-separated-values", &huma.Schema{Type: huma.TypeString}}}
	addV1(a, load, a.loadSchedule)
	addV1(a, op("get-rollout", http.MethodGet, "/calendar/rollouts/{version}", "How the recomputation under a version stands",
		"Waits a few seconds for its end."), a.rolloutOf)
}

func (a *v1) calendar(ctx context.Context, _ *struct{}) (*v1CalendarOutput, error) {
	found, version, err := a.Planner.Calendar(ctx, a.Policy.Calendar)
	if err != nil {
		return nil, err
	}
	out := v1Calendar{Name: found.Name(), Version: version, TimeZone: found.Location().String()}
	this := a.Now().In(found.Location()).Year()
	for year := this - yearsBack; year <= this+yearsAhead; year++ {
		y := countYear(found, year)
		summary := v1YearSummary{Year: y.Year, Published: y.Published, Holidays: y.Holidays, MadeUp: y.MadeUp, Working: y.Working}
		for _, day := range found.FestivalsWorked(year) {
			summary.FestivalsWorked = append(summary.FestivalsWorked, day.String())
		}
		out.Years = append(out.Years, summary)
	}
	return &v1CalendarOutput{out}, nil
}

func (a *v1) calendarYear(ctx context.Context, in *v1YearInput) (*v1YearOutput, error) {
	found, _, err := a.Planner.Calendar(ctx, a.Policy.Calendar)
	if err != nil {
		return nil, err
	}
	out := v1Year{Year: in.Year, Published: found.Covered(in.Year), Days: []v1Day{}}
	for _, day := range found.Year(in.Year) {
		out.Days = append(out.Days, v1Day{day.Date.String(), day.Type, day.Name, day.Working})
	}
	return &v1YearOutput{out}, nil
}

// quoted is what a sentence about a schedule repeats of it. Somebody may have
// sent another file.
var quoted = regexp.MustCompile(` "(?:[^"\\]|\\.)*"`)

func (a *v1) loadSchedule(ctx context.Context, in *v1ScheduleInput) (*v1RolloutOutput, error) {
	if _, err := calendar.ParseSchedule(bytes.NewReader(in.RawBody)); err != nil {
		return nil, v1Wrong{{In: "body", Field: "", Code: string(v1BadSchedule), Detail: quoted.ReplaceAllString(err.Error(), "")}}
	}
	me := callOf(ctx).agent.ID
	version, err := a.Desk.LoadCalendar(ctx, a.Policy.Calendar, bytes.Clone(in.RawBody), me)
	if err != nil {
		return nil, err
	}
	a.Log.Info("schedule loaded", "by", me, "calendar", a.Policy.Calendar, "version", int(version))
	return a.rolloutAt(ctx, version), nil
}

func (a *v1) rolloutOf(ctx context.Context, in *v1RolloutInput) (*v1RolloutOutput, error) {
	version := contract.CalendarVersion(in.Version)
	if last, err := a.Store.CalendarVersion(ctx, a.Policy.Calendar); err != nil {
		return nil, err
	} else if version > last {
		return nil, store.ErrNotFound
	}
	return a.rolloutAt(ctx, version), nil
}

func (a *v1) rolloutAt(ctx context.Context, version contract.CalendarVersion) *v1RolloutOutput {
	r := a.console.rollout(ctx, version)
	return &v1RolloutOutput{v1Rollout{Version: version, Running: r.Running, Visited: r.Visited, Moved: r.Moved, Failed: r.Failed}}
}
