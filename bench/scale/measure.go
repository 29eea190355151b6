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
	small, large times
	bytes        [2]int // of the answer at each
	disturbed    int    // how often it was asked for again
}

type times []time.Duration

// at is the p-th part of the times, in milliseconds.
func (t times) at(p float64) float64 {
	sorted := slices.Sorted(slices.Values(t))
	i := min(int(float64(len(sorted))*p), len(sorted)-1)
	return float64(sorted[i].Microseconds()) / 1000
}

func (r result) ratio() float64 { return r.large.at(0.99) / r.small.at(0.99) }

// holds reports whether the page is quick enough, and as quick as at the small desk.
func (r result) holds() (quick, same bool) { return r.large.at(0.99) < 50, r.ratio() <= 1.5 }

func (r result) String() string {
	quick, same := r.holds()
	return fmt.Sprintf("| %s | %d / %d | %.1f | %.1f | %.1f | %.1f | %.2f | %s | %s |", r.name, r.bytes[0]>>10, r.bytes[1]>>10,
		r.small.at(0.5), r.small.at(0.99), r.large.at(0.5), r.large.at(0.99), r.ratio(), yes(quick), yes(same))
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "**no**"
}

const (
	warm     = 10 // so many rounds are not counted
	patience = 20 // so often a disturbed one is repeated
)

// measure asks for a page at both desks in turn, so that whatever else the machine
// does meets both alike.
func measure(ctx context.Context, p page, small, large *desk, rounds int, still *stillness) (result, error) {
	r := result{name: p.name}
	by := [2]*browser{p.by(small), p.by(large)}
	for round := range rounds + warm {
		for i, to := range []*times{&r.small, &r.large} {
			if err := ctx.Err(); err != nil {
				return r, err
			}
			took, bytes, err := once(ctx, p, by[i], round)
			for again := 0; err == nil && round >= warm && !still.quiet() && again < patience; again++ {
				r.disturbed++
				took, bytes, err = once(ctx, p, by[i], round)
			}
			if err != nil {
				return r, err
			}
			r.bytes[i] = bytes
			if round >= warm {
				*to = append(*to, took)
			}
		}
	}
	return r, nil
}

func once(ctx context.Context, p page, by *browser, round int) (took time.Duration, bytes int, err error) {
	request, err := p.ask(ctx, by.desk, round)
	if err != nil {
		return 0, 0, err
	}
	for name, value := range by.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	begun := time.Now()
	by.desk.handler.ServeHTTP(w, request)
	took = time.Since(begun)
	if w.Code != p.status {
		return 0, 0, fmt.Errorf("answered %d: %.300s", w.Code, w.Body)
	}
	return took, w.Body.Len(), nil
}

// report prints the table.
func report(to io.Writer, database string, small, large *desk, rounds int, results []result) error {
	out := &strings.Builder{}
	fmt.Fprintf(out, "### %s\n\n%s. %d rounds, milliseconds of server time.", database, machine(), rounds)
	again := 0
	for _, r := range results {
		again += r.disturbed
	}
	if again > 0 {
		fmt.Fprintf(out, " %d of %d requests were repeated, since the machine was doing something else.", again, again+2*rounds*len(results))
	}
	fmt.Fprint(out, "\n\n")
	fmt.Fprintf(out, "| page | kB | p50 at %d | p99 | p50 at %d | p99 | ratio | under 50 ms | at most 1.5 × |\n|---|--:|--:|--:|--:|--:|--:|---|---|\n",
		small.shape.Tickets, large.shape.Tickets)
	for _, r := range results {
		fmt.Fprintln(out, r)
	}
	fmt.Fprintln(out)
	_, err := io.WriteString(to, out.String())
	return err
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
