package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"
	"time"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/ticket"
)

type doctorCommand struct {
	Doctor
	JSON bool `name:"json" help:"One JSON object a line: the findings, then the summary."`
}

// Doctor compares the database with Temporal, by its settings.
type Doctor struct {
	Database `embed:""`
	Temporal `embed:""`
	Repair   bool   `help:"Repair what differs. Each repair is made once and stands in the audit trail."`
	MostLost bool   `help:"Repair although most tickets have no workflow, or most workflows no ticket: after one side was lost altogether."`
	Ticket   string `help:"Look at this ticket only." placeholder:"NUMBER"`
	Rate     int    `default:"200" help:"How many workflows to ask a second, at most."`
	Abreast  int    `default:"16" help:"How many to ask at once."`

	Wait  time.Duration `default:"30s" help:"For how long to wait for Temporal and a worker to be there."`
	Pause time.Duration `default:"2s" help:"Between two looks at what seems to differ: it may only be changing."`
}

// Run looks and hands each finding over.
func (c Doctor) Run(ctx context.Context, log *slog.Logger, found func(desk.Finding)) (desk.DoctorReport, error) {
	if c.Rate < 1 || c.Abreast < 1 {
		return desk.DoctorReport{}, misused{errors.New("--rate, --abreast: must be at least 1")}
	}
	only, ok := ticket.ParseNumber(c.Ticket)
	if c.Ticket != "" && !ok {
		return desk.DoctorReport{}, misused{fmt.Errorf("--ticket: %q is no ticket's number; they read like DSR-20261123-7K3F9QXM", c.Ticket)}
	}
	if err := c.Database.check(); err != nil {
		return desk.DoctorReport{}, misused{err}
	}
	r, err := openRecords(ctx, c.Database)
	if err != nil {
		if err = outOfReach(err); !errors.As(err, &couldNotLook{}) {
			err = misused{err}
		}
		return desk.DoctorReport{}, err
	}
	defer r.store.Close()
	t, err := dial(c.Temporal, &watched{}, log)
	if err != nil {
		return desk.DoctorReport{}, err
	}
	defer t.Close()
	doctor := desk.NewDoctor(desk.Config{Store: r.store, Temporal: t, Planner: r.planner, Log: log},
		desk.DoctorOptions{Repair: c.Repair, Most: c.MostLost, Only: only, Rate: c.Rate, Abreast: c.Abreast, Wait: c.Wait, Pause: c.Pause})
	report, err := doctor.Run(ctx, found)
	if errors.Is(err, desk.ErrImplausible) {
		return report, misused{fmt.Errorf("%w; nothing was repaired. If one side was lost altogether: --most-lost", err)}
	}
	if err == nil && only != "" && report.Tickets+report.Workflows == 0 {
		err = misused{fmt.Errorf("--ticket: there is no ticket %s, neither in the database nor in Temporal", only)}
	}
	return report, outOfReach(err)
}

// outOfReach tells "could not look" from every other error.
func outOfReach(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if desk.IsUnavailable(err) || errors.Is(err, desk.ErrWorkerAway) {
		return couldNotLook{fmt.Errorf("could not look, so nothing is said about what was not seen: %w", err)}
	}
	return err
}

func (c *doctorCommand) Run(ctx context.Context, s streams) error {
	print, done := doctorTable(s.out)
	if c.JSON {
		print, done = doctorLines(s.out)
	}
	report, err := c.Doctor.Run(ctx, s.log, print)
	done(report, err == nil)
	switch {
	case err != nil:
		return err
	case report.Left == 0:
		return nil
	case c.Repair:
		return fmt.Errorf("%d of %d findings are not repaired; see docs/doctor.md", report.Left, report.Left+report.Repaired)
	}
	return fmt.Errorf("%d findings; rightsdesk doctor --repair repairs what can be; see docs/doctor.md", report.Left)
}

// doctorTable prints for people. Where not all was looked at, what was found stands
// there, and nothing about the rest.
func doctorTable(out io.Writer) (func(desk.Finding), func(r desk.DoctorReport, all bool)) {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	head := false
	return func(f desk.Finding) {
			if !head {
				fmt.Fprintln(w, "TICKET\tFINDING\tROW\tWORKFLOW\tREPAIRED\tDETAIL")
				head = true
			}
			repaired := "no"
			if f.Repaired {
				repaired = "yes"
			}
			detail := f.Detail
			if f.Why != "" {
				detail += "; not repaired: " + f.Why
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", f.Number, f.Drift, revision(f.Row), revision(f.Workflow), repaired, detail)
		}, func(r desk.DoctorReport, all bool) {
			w.Flush()
			if !all {
				return
			}
			fmt.Fprintf(out, "looked at %d tickets and %d workflows, and asked %d of them\n", r.Tickets, r.Workflows, r.Asked)
			if r.Starting > 0 {
				fmt.Fprintf(out, "%d tickets wait for their workflow to be started: nothing is wrong with them\n", r.Starting)
			}
			for _, drift := range contract.Drifts() {
				if n := r.Found[drift]; n > 0 {
					fmt.Fprintf(out, "%s: %d\n", drift, n)
				}
			}
			switch {
			case r.Left+r.Repaired == 0:
				fmt.Fprintln(out, "the database and Temporal say the same")
			default:
				fmt.Fprintf(out, "%d repaired, %d left\n", r.Repaired, r.Left)
			}
		}
}

func revision(n int64) string {
	if n < 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

// doctorLines prints for programs, likewise.
func doctorLines(out io.Writer) (func(desk.Finding), func(r desk.DoctorReport, all bool)) {
	lines := json.NewEncoder(out)
	type finding struct {
		Ticket   ticket.Number  `json:"ticket"`
		Finding  contract.Drift `json:"finding"`
		Row      *int64         `json:"row"`
		Workflow *int64         `json:"workflow"`
		Detail   string         `json:"detail"`
		Repaired bool           `json:"repaired"`
		Why      string         `json:"why"`
	}
	known := func(n int64) *int64 {
		if n < 0 {
			return nil
		}
		return &n
	}
	return func(f desk.Finding) {
			_ = lines.Encode(finding{f.Number, f.Drift, known(f.Row), known(f.Workflow), f.Detail, f.Repaired, f.Why})
		}, func(r desk.DoctorReport, all bool) {
			if !all {
				return
			}
			_ = lines.Encode(struct {
				Tickets   int                    `json:"tickets"`
				Workflows int                    `json:"workflows"`
				Asked     int                    `json:"asked"`
				Starting  int                    `json:"waiting_to_start"`
				Found     map[contract.Drift]int `json:"found"`
				Repaired  int                    `json:"repaired"`
				Left      int                    `json:"left"`
			}{r.Tickets, r.Workflows, r.Asked, r.Starting, r.Found, r.Repaired, r.Left})
		}
}
