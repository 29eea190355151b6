package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"rightsdesk/bench/report"
)

// block is one stretch of load: clients that each do one thing after another. What
// is done before every client has been through once is not counted. The count ends
// after the window, when as many have been done as each client had its turn:
// clients that began together stay in step, and half a round more or less would be
// a large part of a short block. What is under way then is broken off.
type block struct {
	clients int
	window  time.Duration
}

// longestRamp bounds how long a block waits for its clients to get into their
// stride, and longestWindows how many windows it waits for the round to be full.
const (
	longestRamp    = 30 * time.Second
	longestWindows = 4
)

// result is what was done within the window.
type result struct {
	n        int
	window   time.Duration
	accepted report.Sample
	answered report.Sample
	numbers  []string // of all tickets, those outside the window too
	shown    histories
	cpu      map[string]time.Duration
}

func (r result) rate() float64 { return report.Rate(r.n, r.window) }

// cpuEach is the processor time of one, of those processes together.
func (r result) cpuEach(names ...string) float64 {
	var sum time.Duration
	for _, n := range names {
		sum += r.cpu[n]
	}
	return report.Each(float64(sum)/float64(time.Millisecond), r.n)
}

// add puts another block of the same kind to it.
func (r *result) add(o result) {
	r.n += o.n
	r.window += o.window
	r.accepted = append(r.accepted, o.accepted...)
	r.answered = append(r.answered, o.answered...)
	r.numbers = append(r.numbers, o.numbers...)
	r.shown.add(o.shown)
	if r.cpu == nil {
		r.cpu = map[string]time.Duration{}
	}
	for name, d := range o.cpu {
		r.cpu[name] += d
	}
}

// run runs a block. The first error ends it.
func (s *stand) run(ctx context.Context, b block, one func(context.Context) (times, error)) (result, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	l := load{block: b, warm: make(chan struct{}), full: make(chan struct{})}
	var clients sync.WaitGroup
	for range b.clients {
		clients.Go(func() {
			for ctx.Err() == nil {
				t, err := one(ctx)
				if err == nil {
					l.finish(t)
				} else if ctx.Err() == nil {
					stop(err)
				}
			}
		})
	}
	select {
	case <-l.warm:
	case <-time.After(longestRamp):
	case <-ctx.Done():
	}
	before, err := s.cpuNow()
	if err == nil {
		l.begin()
		select {
		case <-l.full:
		case <-time.After(longestWindows * b.window):
		case <-ctx.Done():
		}
		l.end()
		var after map[string]time.Duration
		after, err = s.cpuNow()
		l.into.cpu = map[string]time.Duration{}
		for name, d := range after {
			l.into.cpu[name] = d - before[name]
		}
	}
	if failed := context.Cause(ctx); failed != nil {
		err = failed
	}
	stop(errOver)
	clients.Wait()
	return l.into, err
}

// errOver breaks off what is under way when a block ends.
var errOver = errors.New("the block is over")

// load is a block under way.
type load struct {
	block
	warm chan struct{} // closed when every client has been through once
	full chan struct{} // closed when the window is over and the round full

	mu      sync.Mutex
	into    result
	done    int
	began   time.Time // of the count; zero: it has not begun
	stopped bool
}

func (l *load) finish(t times) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.into.numbers = append(l.into.numbers, t.number)
	if l.done++; l.done == l.clients {
		close(l.warm)
	}
	if l.began.IsZero() || l.stopped {
		return
	}
	l.into.n++
	l.into.accepted = append(l.into.accepted, t.accepted)
	l.into.answered = append(l.into.answered, t.answered)
	if time.Since(l.began) >= l.window && l.into.n%l.clients == 0 {
		l.into.window, l.stopped = time.Since(l.began), true
		close(l.full)
	}
}

func (l *load) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.began = time.Now()
}

// end ends the count of a round that did not get full.
func (l *load) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.stopped {
		l.into.window, l.stopped = time.Since(l.began), true
	}
}

// bench is the name of this process among the others.
const bench = "bench"

// cpuNow is the processor time of every process so far, the bench's own included.
func (s *stand) cpuNow() (map[string]time.Duration, error) {
	now := map[string]time.Duration{}
	own, err := cpu(os.Getpid())
	if err != nil {
		return nil, err
	}
	now[bench] = own
	for _, p := range s.processes {
		if now[p.name], err = cpu(p.pid); err != nil {
			return nil, err
		}
	}
	for _, p := range s.watched {
		used, err := cpu(p.pid)
		if err != nil {
			return nil, fmt.Errorf("--watch: %s: %w", p.name, err)
		}
		now[p.name] += used
	}
	return now, nil
}
