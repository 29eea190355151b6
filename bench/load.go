package main

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"rightsdesk/bench/report"
)

// block is one stretch of load: clients that each do one thing after another. What
// is done before every client has been through once is not counted, nor what is
// under way when the window ends: that is broken off.
type block struct {
	clients int
	window  time.Duration
}

// longestRamp bounds how long a block waits for its clients to get into their
// stride.
const longestRamp = 20 * time.Second

// result is what was done within the window.
type result struct {
	n        int
	window   time.Duration
	accepted report.Sample
	answered report.Sample
	numbers  []string // of all tickets, those outside the window too
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
	l := load{into: result{window: b.window}, warm: make(chan struct{}), ramp: b.clients}
	var clients sync.WaitGroup
	for range b.clients {
		clients.Go(func() {
			for ctx.Err() == nil {
				t, err := one(ctx)
				if err == nil {
					l.done(t)
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
		l.count(true)
		select {
		case <-time.After(b.window):
		case <-ctx.Done():
		}
		l.count(false)
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
	mu       sync.Mutex
	into     result
	counting bool
	ramp     int // how many are still to be done before the count begins
	warm     chan struct{}
}

func (l *load) done(t times) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.into.numbers = append(l.into.numbers, t.number)
	if l.ramp--; l.ramp == 0 {
		close(l.warm)
	}
	if l.counting {
		l.into.n++
		l.into.accepted = append(l.into.accepted, t.accepted)
		l.into.answered = append(l.into.answered, t.answered)
	}
}

func (l *load) count(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counting = on
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
	return now, nil
}
