package main

import (
	"context"
	"os"
	"sync"
	"time"

	"rightsdesk/bench/report"
)

// block is one stretch of load: clients that each do one thing after another.
type block struct {
	clients int
	ramp    time.Duration // not counted
	window  time.Duration // counted
}

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

// run runs a block. What is under way when the window ends is finished and not
// counted; the first error ends the block.
func (s *stand) run(ctx context.Context, b block, one func(context.Context) (times, error)) (result, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var (
		mu      sync.Mutex
		r       = result{window: b.window, cpu: map[string]time.Duration{}}
		clients sync.WaitGroup
		begin   = time.Now().Add(b.ramp)
		end     = begin.Add(b.window)
	)
	for range b.clients {
		clients.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				t, err := one(ctx)
				if err != nil {
					stop(err)
					return
				}
				mu.Lock()
				if now := time.Now(); !now.Before(begin) && now.Before(end) {
					r.n++
					r.accepted = append(r.accepted, t.accepted)
					r.answered = append(r.answered, t.answered)
				}
				r.numbers = append(r.numbers, t.number)
				mu.Unlock()
			}
		})
	}
	before, err := s.cpuAt(ctx, begin)
	if err == nil {
		var after map[string]time.Duration
		after, err = s.cpuAt(ctx, end)
		for name, d := range after {
			r.cpu[name] = d - before[name]
		}
	}
	if err != nil {
		stop(err)
	}
	clients.Wait()
	return r, context.Cause(ctx)
}

// cpuAt is the processor time of every process at an instant, the bench's own
// included.
func (s *stand) cpuAt(ctx context.Context, at time.Time) (map[string]time.Duration, error) {
	select {
	case <-time.After(time.Until(at)):
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	return s.cpuNow()
}

// bench is the name of this process among the others.
const bench = "bench"

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
