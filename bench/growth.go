package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rightsdesk/bench/report"
	"rightsdesk/bench/tally"
	"rightsdesk/ticket"
)

const (
	fillers = 8                      // clients that file, when there are many to be filed
	probes  = 20                     // tickets brought to their answer at each size
	resting = 0.15                   // of a processor, used by all processes together when nobody asks anything
	slowest = 100 * time.Millisecond // for what was filed to have its workflow and its receipt, each
)

// growth opens ever more tickets and looks, at each size, what one more costs.
func (f *flags) growth(ctx context.Context, s *stand) (string, error) {
	sizes := slices.Sorted(slices.Values(f.Open))
	t := report.NewTable("open tickets", "#opened/s", "#one to its answer, median ms", "#p99", "#CPU ms", "#a page of the queue, ms",
		"#api, MB", "#worker, MB", "#Temporal, MB", "#desk's database, MB", "#Temporal's, MB")
	db, err := tally.Open(s.dsn)
	if err != nil {
		return "", err
	}
	defer db.Close()
	open := 0
	for _, size := range sizes {
		took, err := s.fill(ctx, size-open)
		if err != nil {
			return "", fmt.Errorf("opening %d tickets: %w", size, err)
		}
		opened := report.Rate(size-open, took)
		open = size
		if err := s.rested(ctx); err != nil {
			return "", err
		}
		p, err := s.probe(ctx)
		if err != nil {
			return "", err
		}
		bytes, err := db.Bytes(ctx)
		if err != nil {
			return "", err
		}
		engine, err := s.engineBytes(ctx)
		if err != nil {
			return "", err
		}
		mb := func(n int64) float64 { return float64(n) / (1 << 20) }
		t.Row(size, opened, p.answered.Median(), p.answered.Percentile(99), p.cpuEach(others(p.result)...), p.page,
			mb(p.memory["api"]), mb(p.memory["worker"]), mb(p.memory["devserver"]), mb(bytes), mb(engine))
		f.say("%6d open: opened at %s/s, one takes %s ms", size, report.Number(opened), report.Milliseconds(p.answered.Median()))
	}
	return t.String(), nil
}

// fill files complaints and waits until each has its workflow and its receipt.
func (s *stand) fill(ctx context.Context, n int) (time.Duration, error) {
	mails, err := s.office.inbox.count(ctx)
	if err != nil {
		return 0, err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var left atomic.Int64
	left.Store(int64(n))
	began := time.Now()
	var all sync.WaitGroup
	for range fillers {
		all.Go(func() {
			for left.Add(-1) >= 0 && ctx.Err() == nil {
				if _, err := s.office.filed(ctx, ticket.Complaint); err != nil {
					stop(err)
				}
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return 0, err
	}
	err = await(ctx, 10*time.Minute+time.Duration(n)*slowest, func() (bool, error) {
		now, err := s.office.inbox.count(ctx)
		return now >= mails+int64(n), err
	})
	return time.Since(began), err
}

// rested waits until what many filed tickets leave to be done in the background is done,
// such as the chaining of their entries: it is theirs, and not the next one's.
func (s *stand) rested(ctx context.Context) error {
	return await(ctx, 15*time.Minute, func() (bool, error) {
		used, err := s.idle(ctx)
		all := 0.0
		for _, share := range used {
			all += share
		}
		return all < resting, err
	})
}

// probe is what one ticket more costs.
type probe struct {
	result
	memory map[string]int64
	page   time.Duration
}

func (s *stand) probe(ctx context.Context) (p probe, err error) {
	before, err := s.cpuNow()
	if err != nil {
		return p, err
	}
	for range probes {
		t, err := s.office.answered(ctx, ticket.Complaint)
		if err != nil {
			return p, err
		}
		p.n++
		p.answered = append(p.answered, t.answered)
		p.numbers = append(p.numbers, t.number)
	}
	after, err := s.cpuNow()
	if err != nil {
		return p, err
	}
	p.cpu = map[string]time.Duration{}
	for name, d := range after {
		p.cpu[name] = d - before[name]
	}
	if err := s.allAnswered(ctx, p.numbers); err != nil {
		return p, err
	}
	var pages report.Sample
	for range probes {
		began := time.Now()
		if err := s.office.web.do(ctx, ask{method: "GET", path: "/queue?show=unassigned", token: s.office.agent}, nil); err != nil {
			return p, err
		}
		pages = append(pages, time.Since(began))
	}
	p.page = pages.Median()
	p.memory = map[string]int64{}
	for _, proc := range s.processes {
		if p.memory[proc.name], err = memory(proc.pid); err != nil {
			return p, err
		}
	}
	return p, nil
}
