package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"rightsdesk/devserver/process"
)

// saboteur ends parts in an order that its seed decides.
type saboteur struct {
	t     *testing.T
	parts []*process.Process // what others need before them
	dice  *rand.Rand
	done  map[string]int

	// alone: the one part is all there is. Nothing would ever be done if it were
	// always ended while it starts, so mostly it may start.
	alone bool
}

func newSaboteur(t *testing.T, seed uint64, parts ...*process.Process) *saboteur {
	return &saboteur{t: t, parts: parts, dice: rand.New(rand.NewPCG(seed, 1)), done: map[string]int{}, alone: len(parts) == 1}
}

// work ends one part after the other, sometimes two at once, until ctx ends.
func (s *saboteur) work(ctx context.Context) {
	for ctx.Err() == nil {
		victims := []*process.Process{s.parts[s.dice.IntN(len(s.parts))]}
		if s.dice.IntN(4) == 0 && !s.alone {
			victims = append(victims, s.parts[s.dice.IntN(len(s.parts))])
		}
		how := []string{"kill", "kill", "pause", "stop"}[s.dice.IntN(4)]
		down := time.Duration(500+s.dice.IntN(4500)) * time.Millisecond
		gap := time.Duration(500+s.dice.IntN(4000)) * time.Millisecond
		for _, p := range victims {
			s.done[how+" "+p.Name]++
			switch how {
			case "kill":
				p.Kill()
			case "pause":
				p.Pause()
			case "stop":
				go p.Stop(30 * time.Second)
			}
		}
		wait(ctx, down)
		for _, p := range victims {
			p.Resume()
			if how == "stop" {
				_ = p.Stop(30 * time.Second) // waits for the one under way
			}
		}
		for _, p := range s.parts { // what ended by itself too
			if err := p.Launch(); err != nil {
				s.t.Errorf("%s does not start again: %v", p.Name, err)
			}
		}
		if s.alone && s.dice.IntN(4) > 0 {
			_ = s.parts[0].AwaitReady(ctx)
		}
		wait(ctx, gap)
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// mend starts all that is down, and again what ended at its start because
// something else was down still: on machines a supervisor does so.
func (s *saboteur) mend(ctx context.Context) error {
	for {
		err := s.mendOnce(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		s.t.Logf("not up yet: %v", err)
	}
}

func (s *saboteur) mendOnce(ctx context.Context) error {
	for _, p := range s.parts {
		p.Resume()
		if err := p.Launch(); err != nil {
			return err
		}
		if err := p.AwaitReady(ctx); err != nil {
			return err
		}
	}
	return nil
}

// tally is what was done, for the log.
func (s *saboteur) tally() string {
	var said []string
	for what, n := range s.done {
		said = append(said, fmt.Sprintf("%s ×%d", what, n))
	}
	slices.Sort(said)
	return strings.Join(said, ", ")
}
