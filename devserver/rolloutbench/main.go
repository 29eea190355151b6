// Command rolloutbench measures how long it takes to compute every open deadline
// anew after a schedule was loaded, on the embedded engine, and what people who file
// requests notice of it meanwhile. It prints a table in Markdown.
//
//	go run ./devserver/rolloutbench --tickets 3000
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alecthomas/kong"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"rightsdesk/calendar"
	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/desk"
	"rightsdesk/devserver/stack"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

type flags struct {
	Tickets  int           `default:"3000" help:"Open tickets."`
	Database string        `help:"Where the records are: mysql:… with an empty database; empty: an SQLite file." placeholder:"DSN"`
	Quiet    time.Duration `default:"20s" help:"For how long filing is measured before the rollout begins."`
}

func main() {
	var f flags
	kong.Parse(&f, kong.Name("rolloutbench"), kong.Description("How long a rollout takes, and what people notice of it."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, f); err != nil {
		fmt.Fprintln(os.Stderr, "rolloutbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, f flags) error {
	dir, err := os.MkdirTemp("", "rightsdesk-rollout-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := stack.Start(ctx, stack.Options{DataDir: dir, Database: f.Database})
	if err != nil {
		return err
	}
	defer s.Stop()
	records, err := s.Records()
	if err != nil {
		return err
	}
	defer records.Close()
	c, err := client.Dial(client.Options{HostPort: s.Temporal, Namespace: s.Namespace, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	if err != nil {
		return err
	}
	defer c.Close()
	policy, text, err := ticket.EmbeddedPolicy("cn")
	if err != nil {
		return err
	}
	d := desk.New(desk.Config{Store: records, Temporal: c, Planner: deadline.NewPlanner(records, records), Policy: policy, PolicyText: text,
		StartBudget: 30 * time.Second})
	began := time.Now()
	if err := fileMany(ctx, d, f.Tickets); err != nil {
		return err
	}
	if err := allBegun(ctx, records); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d tickets are open after %s\n", f.Tickets, time.Since(began).Round(time.Second))

	before := filing(ctx, s.Form, time.After(f.Quiet))
	over := make(chan time.Time)
	var during filings
	var people sync.WaitGroup
	people.Go(func() { during = filing(ctx, s.Form, over) })
	began = time.Now()
	version, err := d.LoadCalendar(ctx, "cn", daysOff(began), "manager")
	if err != nil {
		return err
	}
	result, err := d.WaitRollout(ctx, "cn", version)
	took := time.Since(began)
	close(over)
	people.Wait()
	if err != nil {
		return err
	}
	report(records.Backend(), result, took, before, during)
	return nil
}

func report(database string, r contract.RolloutResult, took time.Duration, before, during filings) {
	perSecond := float64(r.Visited) / took.Seconds()
	fmt.Printf("Records in %s, %d cores, %s.\n\n", database, runtime.NumCPU(), runtime.Version())
	fmt.Println("| tickets | moved | failed | took | tickets/s | 50 000 would take |")
	fmt.Println("|--:|--:|--:|--:|--:|--:|")
	fmt.Printf("| %d | %d | %d | %.1f s | %.0f | %.0f min |\n\n", r.Visited, r.Moved, r.Failed, took.Seconds(), perSecond, 50_000/perSecond/60)
	fmt.Println("| filing a request | requests | failed | answers p50 | answers p99 |")
	fmt.Println("|---|--:|--:|--:|--:|")
	fmt.Printf("| before the rollout | %s |\n| during the rollout | %s |\n", before, during)
}

// fileMany files complaints, a few at once.
func fileMany(ctx context.Context, d *desk.Desk, many int) error {
	next := make(chan int)
	var filing sync.WaitGroup
	var failed atomic.Pointer[error]
	for range 8 {
		filing.Go(func() {
			for i := range next {
				_, wrong, err := d.File(ctx, desk.Request{Kind: ticket.Complaint, Category: ticket.CategoryPrivacy, Channel: ticket.ChannelWeb,
					Relation: ticket.Self, Locale: ticket.English, ReceivedAt: time.Now(), Text: "What do you keep about me, and for how long?",
					Person: store.Person{Name: "Ada Example", Email: fmt.Sprintf("ada%d@example.org", i)}})
				if err == nil && len(wrong) > 0 {
					err = errors.New("the request was refused")
				}
				if err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	for i := range many {
		next <- i
		if i%500 == 499 {
			fmt.Fprintf(os.Stderr, "%d filed\n", i+1)
		}
	}
	close(next)
	filing.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// allBegun waits until every ticket waits for its person, so that nothing else is
// left to do.
func allBegun(ctx context.Context, records *store.Store) error {
	for ctx.Err() == nil {
		page, err := records.Queue(ctx, store.Filter{Open: true, Stage: ticket.Received, Limit: 1}, time.Now())
		if err != nil || len(page.Tickets) == 0 {
			return err
		}
		time.Sleep(500 * time.Millisecond)
	}
	return ctx.Err()
}

// daysOff is a schedule under which the next three days of work are off.
func daysOff(now time.Time) []byte {
	var text []byte
	covers, days := map[int]bool{}, 0
	for day := calendar.DateOf(now, time.UTC).Start(time.UTC).AddDate(0, 0, 1); days < 3; day = day.AddDate(0, 0, 1) {
		if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			continue
		}
		if !covers[day.Year()] {
			covers[day.Year()] = true
			text = fmt.Appendf(text, "# covers: %d\n", day.Year())
		}
		text = fmt.Appendf(text, "%s\tholiday\t节\n", day.Format(time.DateOnly))
		days++
	}
	return text
}
