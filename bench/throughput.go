package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/worker"

	"rightsdesk/bench/floor"
	"rightsdesk/bench/report"
	"rightsdesk/bench/tally"
	"rightsdesk/ticket"
)

// The three things that are held side by side.
const (
	fullTicket = "ticket"
	naiveFloor = "floor"
	alikeFloor = "floor, local steps"
)

// pair is one kind under one number of clients.
type pair struct {
	kind    ticket.Kind
	clients int
	by      map[string]*result
}

// throughput measures full tickets and both floors, by turns.
func (f *flags) throughput(ctx context.Context, s *stand) (string, error) {
	shapes, err := s.shapes(ctx, f.Kinds)
	if err != nil {
		return "", err
	}
	bare, err := floor.Open(s.engine, worker.Options{MaxConcurrentWorkflowTaskExecutionSize: 64,
		MaxConcurrentActivityExecutionSize: 64, MaxConcurrentLocalActivityExecutionSize: 32}, shapes)
	if err != nil {
		return "", err
	}
	defer bare.Close()
	var pairs []pair
	for _, kind := range f.Kinds {
		for _, clients := range f.Clients {
			p := pair{kind, clients, map[string]*result{fullTicket: {}, naiveFloor: {}, alikeFloor: {}}}
			for range f.Rounds {
				if err := f.round(ctx, s, bare, p); err != nil {
					return "", err
				}
			}
			f.say("%-20s %2d clients: %s", kind, clients, p)
			pairs = append(pairs, p)
		}
	}
	return throughputTables(pairs), nil
}

// round runs each of the three once.
func (f *flags) round(ctx context.Context, s *stand, bare *floor.Floor, p pair) error {
	b := block{clients: p.clients, window: f.Window}
	r, err := s.run(ctx, b, func(ctx context.Context) (times, error) { return s.office.answered(ctx, p.kind) })
	if err == nil {
		err = s.allAnswered(ctx, r.numbers)
	}
	if err == nil {
		r.shown, err = s.look(ctx, r.numbers)
	}
	if err != nil {
		return err
	}
	p.by[fullTicket].add(r)
	tickets, turn := r.shown, atomic.Int64{}
	for _, bareKind := range []struct {
		name  string
		style floor.Style
	}{{naiveFloor, floor.Naive}, {alikeFloor, floor.Alike}} {
		r, err := s.run(ctx, b, func(ctx context.Context) (times, error) {
			t := times{number: "bare-" + rand.Text()}
			var err error
			t.accepted, t.answered, err = bare.Run(ctx, t.number, string(p.kind), bareKind.style, tickets.timing(turn.Add(1)))
			return t, err
		})
		if err == nil {
			r.shown, err = s.look(ctx, r.numbers)
		}
		if err != nil {
			return err
		}
		p.by[bareKind.name].add(r)
	}
	return nil
}

func (p pair) String() string {
	full := p.by[fullTicket].rate()
	return fmt.Sprintf("%s tickets/s, floor %s (%s), with local steps %s (%s)", report.Number(full),
		report.Number(p.by[naiveFloor].rate()), report.Number(report.Ratio(full, p.by[naiveFloor].rate())),
		report.Number(p.by[alikeFloor].rate()), report.Number(report.Ratio(full, p.by[alikeFloor].rate())))
}

// allAnswered sees to it that what was counted is true: every ticket stands as
// answered in the desk's own records.
func (s *stand) allAnswered(ctx context.Context, numbers []string) error {
	for _, n := range numbers {
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			t, err := s.records.Ticket(ctx, ticket.Number(n))
			if err != nil {
				return err
			}
			if t.Stage == ticket.Answered {
				break
			}
			if time.Now().After(end) {
				return fmt.Errorf("the ticket %s was counted as answered and stands at %s", n, t.Stage)
			}
		}
	}
	return nil
}

// shapes brings one ticket of each kind to its answer and reads what its workflow
// did.
func (s *stand) shapes(ctx context.Context, kinds []ticket.Kind) (map[string]floor.Shape, error) {
	shapes := map[string]floor.Shape{}
	for _, kind := range kinds {
		t, err := s.office.answered(ctx, kind)
		if err == nil {
			err = s.allAnswered(ctx, []string{t.number})
		}
		if err != nil {
			return nil, err
		}
		h, err := tally.ReadHistory(ctx, s.engine, t.number)
		if err != nil {
			return nil, err
		}
		if shapes[string(kind)], err = floor.Read(string(kind), h.Events); err != nil {
			return nil, err
		}
	}
	return shapes, nil
}

// What a full ticket has to reach of each floor.
const (
	ofNaive = 1.0
	ofAlike = 0.7
)

func throughputTables(pairs []pair) string {
	rates := report.NewTable("a second", "#clients", "#tickets", "#floor", "#ratio", "#floor with local steps", "#ratio")
	waits := report.NewTable("ms", "#clients", "#receipt, median", "#p99", "#answer, median", "#p99",
		"#floor, median", "#p99", "#floor with local steps, median", "#p99")
	work := report.NewTable("CPU ms each", "#clients", "#ticket: desk and Temporal", "#clients of it", "#floor: Temporal", "#worker and clients",
		"#floor with local steps: Temporal", "#worker and clients")
	shown := report.NewTable("history of each", "#clients", "#ticket, events", "#workflow tasks", "#floor, events", "#workflow tasks",
		"#floor with local steps, events", "#workflow tasks")
	naiveGoal, alikeGoal := report.Goal{Least: ofNaive}, report.Goal{Least: ofAlike}
	for _, p := range pairs {
		full, naive, alike := *p.by[fullTicket], *p.by[naiveFloor], *p.by[alikeFloor]
		toNaive, toAlike := report.Ratio(full.rate(), naive.rate()), report.Ratio(full.rate(), alike.rate())
		which := fmt.Sprintf("%s at %d", p.kind, p.clients)
		naiveGoal.See(which, toNaive)
		alikeGoal.See(which, toAlike)
		rates.Row(p.kind, p.clients, full.rate(), naive.rate(), toNaive, alike.rate(), toAlike)
		waits.Row(p.kind, p.clients, full.accepted.Median(), full.accepted.Percentile(99), full.answered.Median(),
			full.answered.Percentile(99), naive.answered.Median(), naive.answered.Percentile(99), alike.answered.Median(), alike.answered.Percentile(99))
		work.Row(p.kind, p.clients, known(full.cpuEach(others(full)...)), full.cpuEach(bench), known(naive.cpuEach(others(naive)...)), naive.cpuEach(bench),
			known(alike.cpuEach(others(alike)...)), alike.cpuEach(bench))
		events, tasks := full.shown.each()
		naiveEvents, naiveTasks := naive.shown.each()
		alikeEvents, alikeTasks := alike.shown.each()
		shown.Row(p.kind, p.clients, events, tasks, naiveEvents, naiveTasks, alikeEvents, alikeTasks)
	}
	return strings.Join([]string{rates.String(), "Against the floor: " + naiveGoal.String(),
		"Against the floor with local steps: " + alikeGoal.String(), "", waits.String(), work.String(), shares(pairs), shown.String()}, "\n")
}

// shares says which process the time goes to, where there are several: what the
// floor's takes beside the ticket's is what the desk adds to it.
func shares(pairs []pair) string {
	header, names := []string{"CPU ms each, by process", "#clients", "of"}, []string{}
	for _, sort := range sorts {
		if slices.ContainsFunc(pairs, func(p pair) bool { return p.by[fullTicket].cpu[sort.name] != 0 }) {
			header, names = append(header, "#"+sort.words), append(names, sort.name)
		}
	}
	if len(names) < 2 {
		return ""
	}
	t := report.NewTable(header...)
	for _, p := range pairs {
		for _, of := range []string{fullTicket, naiveFloor, alikeFloor} {
			cells := []any{p.kind, p.clients, of}
			for _, name := range names {
				cells = append(cells, p.by[of].cpuEach(name))
			}
			t.Row(cells...)
		}
	}
	return t.String()
}

// others are the processes that are not the bench.
func others(r result) []string {
	var names []string
	for name := range r.cpu {
		if name != bench {
			names = append(names, name)
		}
	}
	return names
}
