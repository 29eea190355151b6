package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"rightsdesk/calendar"
	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/desk"
	"rightsdesk/ticket"
)

type calendarCommand struct {
	Load calendarLoad `cmd:"" help:"Load a published schedule; every open ticket's deadline is computed anew."`
	Show calendarShow `cmd:"" help:"Show a year's days off and make-up working days."`
}

type calendarLoad struct {
	Database `embed:""`
	Temporal `embed:""`
	File     string        `arg:"" help:"Lines of date, holiday or workday, and name, separated by tabs."`
	Name     string        `default:"cn" help:"Which calendar: cn, eu or us."`
	Wait     time.Duration `default:"10m" help:"For how long to wait for the open tickets; the computing goes on all the same."`
	DryRun   bool          `help:"Say what the file says and which days it changes, and load nothing."`
	AsItIs   bool          `help:"Load it although it lacks festivals of a year that it says it covers."`
}

func (c *calendarLoad) Run(ctx context.Context, s streams) error {
	text, err := readSchedule(c.File)
	if err != nil {
		return err
	}
	schedule, err := calendar.ParseSchedule(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if c.DryRun {
		fmt.Fprintf(s.out, "nothing is loaded; published years: %s\n", listed(schedule.Covered))
		c.doubts(s, schedule, func(int) bool { return false })
		return c.changes(ctx, s, schedule, text)
	}
	if year, lacks := c.half(schedule); year != 0 && !c.AsItIs {
		return fmt.Errorf("%s: says that it covers %d, and has no day off on %s, so deadlines would fall on them. "+
			"Nothing is loaded: load the whole file, or say --as-it-is", c.File, year, listed(lacks))
	}
	r, err := openRecords(ctx, c.Database)
	if err != nil {
		return err
	}
	defer r.store.Close()
	t, err := dial(c.Temporal, &watched{}, s.log)
	if err != nil {
		return err
	}
	defer t.Close()
	d := desk.New(desk.Config{Store: r.store, Temporal: t, Planner: r.planner, Log: s.log})
	version, err := d.LoadCalendar(ctx, c.Name, text, ticket.Nobody)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "loaded into %s as version %d; published years: %s\n", c.Name, version, listed(schedule.Covered))
	cal, _, err := r.planner.Calendar(ctx, c.Name)
	if err != nil {
		return err
	}
	c.doubts(s, schedule, cal.Covered)
	done, err := c.wait(ctx, s, d, version)
	if errors.Is(err, desk.ErrEngineAway) || errors.Is(err, context.DeadlineExceeded) {
		return errors.New("the schedule is loaded; Temporal or the worker is away, and open tickets are computed anew as soon as it is back")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d of %d open tickets moved", done.Moved, done.Visited)
	if done.Failed > 0 {
		fmt.Fprintf(s.out, "; %d could not be reached: load the file again", done.Failed)
	}
	fmt.Fprintln(s.out)
	return nil
}

// mostSchedule is more than the lines of a century.
const mostSchedule = 1 << 20

// readSchedule reads a file, and no device or pipe, which may never end.
func readSchedule(path string) ([]byte, error) {
	about, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !about.Mode().IsRegular():
		return nil, fmt.Errorf("%s: is no file", path)
	case about.Size() > mostSchedule:
		return nil, fmt.Errorf("%s: is larger than 1 MB, so it is no schedule", path)
	}
	return os.ReadFile(path)
}

// doubts says of which years the file is not the whole schedule. One that the file says
// it covers counts as published all the same: the word of whoever wrote it is taken.
func (c *calendarLoad) doubts(s streams, schedule calendar.Schedule, published func(year int) bool) {
	for _, year := range schedule.Partial {
		if published(year) {
			fmt.Fprintf(s.out, "%d was published before: the file's days are added to it\n", year)
		} else {
			fmt.Fprintf(s.out, "%d is not published by this file: it lacks %s\n", year, listed(schedule.Missing(year)))
		}
	}
	if year, lacks := c.half(schedule); year != 0 {
		fmt.Fprintf(s.out, "is the file whole? It says that it covers %d, and has no day off on %s. Load the whole one, which takes its place\n", year, listed(lacks))
	}
}

// half gives the first year that the file says it covers and of which it lacks festivals.
func (c *calendarLoad) half(schedule calendar.Schedule) (year int, lacks []calendar.Date) {
	if c.Name != "cn" {
		return 0, nil
	}
	for _, year := range schedule.Covered {
		if lacks := schedule.Missing(year); len(lacks) > 0 {
			return year, lacks
		}
	}
	return 0, nil
}

// changes says which days would be counted otherwise than now: by the desk, if its
// database is given, else by what is built in.
func (c *calendarLoad) changes(ctx context.Context, s streams, schedule calendar.Schedule, text []byte) error {
	schedules, done, err := c.Database.schedules(ctx)
	if err != nil {
		return err
	}
	defer done()
	now, _, err := deadline.NewPlanner(schedules, deadline.BuiltIn{}).Calendar(ctx, c.Name)
	if err != nil {
		return err
	}
	then, _, err := deadline.NewPlanner(oneMore{schedules, text}, deadline.BuiltIn{}).Calendar(ctx, c.Name)
	if err != nil {
		return err
	}
	for _, year := range append(slices.Clone(schedule.Covered), schedule.Partial...) {
		for _, day := range then.Year(year) {
			switch {
			case day.Working == now.IsWorkingDay(day.Date):
			case day.Working:
				fmt.Fprintf(s.out, "%s %s would be worked: %s\n", day.Date, day.Date.Weekday().String()[:3], dayWhy(day))
			default:
				fmt.Fprintf(s.out, "%s %s would be off: %s\n", day.Date, day.Date.Weekday().String()[:3], dayWhy(day))
			}
		}
	}
	return nil
}

// oneMore are schedules with one more loaded after them.
type oneMore struct {
	deadline.Schedules
	text []byte
}

func (o oneMore) Calendars(ctx context.Context, name string) ([][]byte, contract.CalendarVersion, error) {
	texts, version, err := o.Schedules.Calendars(ctx, name)
	return append(slices.Clone(texts), o.text), version + 1, err
}

// listed writes a list out for people.
func listed[T any](list []T) string {
	if len(list) == 0 {
		return "none"
	}
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = fmt.Sprint(w)
	}
	return strings.Join(words, ", ")
}

// rolloutHint is after how long the command says what it waits for.
const rolloutHint = 3 * time.Second

// wait waits for the open tickets, and does not do so in silence.
func (c *calendarLoad) wait(ctx context.Context, s streams, d *desk.Desk, version contract.CalendarVersion) (contract.RolloutResult, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Wait)
	defer cancel()
	soon, stop := context.WithTimeout(ctx, min(rolloutHint, c.Wait/2))
	done, err := d.WaitRollout(soon, c.Name, version)
	stop()
	if err == nil || ctx.Err() != nil || soon.Err() == nil {
		return done, err
	}
	fmt.Fprintf(s.out, "the schedule is stored; waiting up to %v for the open tickets, or for Temporal and a worker if they are away. "+
		"Ctrl-C stops the waiting only: they are computed anew in any case\n", c.Wait)
	return d.WaitRollout(ctx, c.Name, version)
}

type calendarShow struct {
	Database `embed:""`
	Year     string `arg:"" help:"E.g. 2026."`
	Name     string `default:"cn" help:"Which calendar: cn, eu or us."`
}

func (c *calendarShow) Run(ctx context.Context, s streams) error {
	year, err := strconv.Atoi(c.Year)
	if err != nil || year < 1950 || year > 2199 {
		return fmt.Errorf("YEAR: %q is no year between 1950 and 2199; write one like 2026", c.Year)
	}
	schedules, done, err := c.Database.schedules(ctx)
	if err != nil {
		return err
	}
	defer done()
	cal, _, err := deadline.NewPlanner(schedules, deadline.BuiltIn{}).Calendar(ctx, c.Name)
	if err != nil {
		return err
	}
	state := "published"
	if !cal.Covered(year) {
		state = "not published: deadlines in it are provisional"
	}
	if worked := cal.FestivalsWorked(year); len(worked) > 0 {
		state += fmt.Sprintf(", though these festival days are worked: %s (was the file whole?)", listed(worked))
	}
	working := 0
	w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	for _, d := range cal.Year(year) {
		if d.Working {
			working++
		}
		if d.Type == calendar.Holiday || d.Type == calendar.MakeUpWorkday || d.Type == calendar.StatutoryHoliday {
			fmt.Fprintf(w, "%s\t%s\t%s\n", d.Date, d.Date.Weekday().String()[:3], dayWhy(d))
		}
	}
	fmt.Fprintf(s.out, "%s %d, %s, %d working days\n", cal.Name(), year, state, working)
	return w.Flush()
}
