package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"rightsdesk/devserver/process"
)

// saboteur ends parts in an order that its seed decides.
type saboteur struct {
	town *town
	dice *rand.Rand
	done map[string]int
}

func newSaboteur(w *town, dice *rand.Rand) *saboteur {
	return &saboteur{town: w, dice: dice, done: map[string]int{}}
}

// work ends one part after the other, sometimes two at once, until ctx ends.
func (s *saboteur) work(ctx context.Context) {
	for ctx.Err() == nil {
		parts := s.town.Parts()
		victims := []*process.Process{parts[s.dice.IntN(len(parts))]}
		if s.dice.IntN(4) == 0 {
			victims = append(victims, parts[s.dice.IntN(len(parts))])
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
		for _, p := range parts { // what ended by itself too
			if err := p.Launch(); err != nil {
				s.town.t.Errorf("%s does not start again: %v", p.Name, err)
			}
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
		s.town.t.Logf("not up yet: %v", err)
	}
}

// mendOnce starts counterparts first.
func (s *saboteur) mendOnce(ctx context.Context) error {
	w := s.town
	for _, p := range append([]*process.Process{w.Records, w.Engine, w.Mails, w.People}, append(slices.Clone(w.APIs), w.Workers...)...) {
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
