package command

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"rightsdesk/calendar"
	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/ticket"
)

type deadlineCommand struct {
	Database `embed:""`
	Policy   `embed:""`
	Received string `required:"" help:"Time of receipt, RFC 3339, e.g. 2026-02-13T10:00:00+08:00." placeholder:"TIME"`
	Kind     string `default:"complaint" enum:"account_cancellation,info_correction,complaint" help:"Kind of ticket."`
	Explain  bool   `help:"List the days counted and skipped, with why."`
}

// Run prints the deadline. Without a database the built-in schedules hold; with
// one, those loaded into it too.
func (c *deadlineCommand) Run(ctx context.Context, s streams) error {
	received, err := time.Parse(time.RFC3339, c.Received)
	if err != nil {
		return fmt.Errorf("--received: %q is not a time like 2026-02-13T10:00:00+08:00", c.Received)
	}
	policy, _, err := c.Policy.read()
	if err != nil {
		return err
	}
	schedules, done, err := c.Database.schedules(ctx)
	if err != nil {
		return err
	}
	defer done()
	planner := deadline.NewPlanner(schedules, deadline.BuiltIn{})
	planner.Know(policy)
	terms := policy.Kinds[ticket.Kind(c.Kind)]
	due, _, err := planner.Explain(ctx, contract.PlanClock{
		Policy: policy.Ref(), From: received, Term: terms.Deadline, Roll: terms.Roll,
	})
	if err != nil {
		return err
	}
	fmt.Fprint(s.out, due.Due.Format(time.RFC3339))
	if due.Provisional {
		fmt.Fprint(s.out, " provisional")
	}
	fmt.Fprintln(s.out)
	if c.Explain {
		return explain(s.out, due)
	}
	return nil
}

func explain(out io.Writer, due calendar.Deadline) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for i, d := range due.Days {
		count := "-"
		if d.Counted {
			count = fmt.Sprint(d.N)
		}
		why := dayWhy(d.Day)
		switch {
		case i == 0:
			why = "day of receipt: not counted; " + why
		case d.Paused:
			why = "clock paused; " + why
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", d.Date, d.Date.Weekday().String()[:3], count, why)
	}
	return w.Flush()
}

// dayWhy says what kind of day it is, and by which festival.
func dayWhy(d calendar.Day) string {
	why := map[calendar.DayType]string{
		calendar.WorkingDay: "working day", calendar.Weekend: "weekend", calendar.Holiday: "day off",
		calendar.MakeUpWorkday: "make-up working day", calendar.StatutoryHoliday: "statutory holiday",
	}[d.Type]
	if d.Name != "" {
		why += " (" + d.Name + ")"
	}
	if d.Provisional {
		why += ", schedule not published"
	}
	return why
}
