package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// result is how long a page took at the small desk and at the large one.
type result struct {
	name         string
	small, large taken
	bytes        [2]int // of the answer at each
}

// taken are the times of a page: how long its answer was waited for, and for how
// long processors worked for it, here and in the database server. The latter is what
// the page takes on a machine that has nothing else to do, but for waiting for the
// disk: on one that has, it is the fairer of the two.
type taken struct{ waited, worked times }

type times []time.Duration

// at is the p-th part of the times, in milliseconds.
func (t times) at(p float64) float64 {
	sorted := slices.Sorted(slices.Values(t))
	i := min(int(float64(len(sorted))*p), len(sorted)-1)
	return float64(sorted[i].Microseconds()) / 1000
}

func (r result) ratio() float64 { return r.large.worked.at(0.99) / r.small.worked.at(0.99) }

// holds reports whether the page is quick enough, and as quick as at the small desk.
func (r result) holds() (quick, same bool) { return r.large.worked.at(0.99) < 50, r.ratio() <= 1.5 }

func (r result) String() string {
	quick, same := r.holds()
	return fmt.Sprintf("| %s | %d / %d | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.2f | %s | %s |", r.name, r.bytes[0]>>10, r.bytes[1]>>10,
		r.small.waited.at(0.5), r.large.waited.at(0.5), r.small.waited.at(0.99), r.large.waited.at(0.99),
		r.small.worked.at(0.99), r.large.worked.at(0.99), r.ratio(), yes(quick), yes(same))
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "**no**"
}

// warm is how many rounds are not counted.
const warm = 10

// measure asks for a page at both desks in turn, so that whatever else the machine
// does meets both alike.
func measure(ctx context.Context, p page, small, large *desk, rounds int, work processors) (result, error) {
	r := result{name: p.name}
	by := [2]*browser{p.by(small), p.by(large)}
	for round := range rounds + warm {
		for i, to := range []*taken{&r.small, &r.large} {
			if err := ctx.Err(); err != nil {
				return r, err
			}
			if err := once(ctx, p, by[i], round, work, to, &r.bytes[i]); err != nil {
				return r, err
			}
		}
	}
	for _, t := range []*taken{&r.small, &r.large} {
		t.waited, t.worked = t.waited[warm:], t.worked[warm:]
	}
	return r, nil
}

func once(ctx context.Context, p page, by *browser, round int, work processors, to *taken, bytes *int) error {
	request, err := p.ask(ctx, by.desk, round)
	if err != nil {
		return err
	}
	for name, value := range by.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	worked, begun := work.sofar(), time.Now()
	by.desk.handler.ServeHTTP(w, request)
	to.waited = append(to.waited, time.Since(begun))
	to.worked = append(to.worked, work.sofar()-worked)
	*bytes = w.Body.Len()
	if w.Code != p.status {
		return fmt.Errorf("answered %d: %.300s", w.Code, w.Body)
	}
	return nil
}

// report prints the table.
func report(to io.Writer, database string, small, large *desk, rounds int, results []result) error {
	out := &strings.Builder{}
	fmt.Fprintf(out, "### %s\n\n%s. %d rounds, milliseconds. Load average at the end: %s.\n\n", database, machine(), rounds, load())
	fmt.Fprintf(out, "| page | kB | waited p50: %d | %d | p99: %d | %d | worked p99: %d | %d | ratio | under 50 ms | at most 1.5 × |\n",
		small.shape.Tickets, large.shape.Tickets, small.shape.Tickets, large.shape.Tickets, small.shape.Tickets, large.shape.Tickets)
	fmt.Fprintf(out, "|---|%s---|---|\n", strings.Repeat("--:|", 8))
	for _, r := range results {
		fmt.Fprintln(out, r)
	}
	fmt.Fprintln(out)
	_, err := io.WriteString(to, out.String())
	return err
}

// load says how busy the machine was.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], ", ")
}

// machine says what this was measured on.
func machine() string {
	model := "unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for _, line := range strings.Split(string(text), "\n") {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
			}
		}
	}
	server := "no MariaDB"
	if out, err := exec.Command("/usr/sbin/mariadbd", "--version").Output(); err == nil {
		server = strings.TrimSpace(string(out))
	}
	return fmt.Sprintf("%s, %d cores, %s, %s", model, runtime.NumCPU(), runtime.Version(), server)
}
