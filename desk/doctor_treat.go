package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// suspect is a ticket in which something seems to differ.
type suspect struct {
	number ticket.Number
	last   []Finding // of the last look
	lasted []Finding // through two looks, and what became of each
	again  bool      // look again: something was repaired just now
}

// rounds bounds how often a suspect is looked at: one repair may uncover another
// difference, such as a row that had to be brought up first.
const rounds = 12

// treat looks again at what seems to differ, until all of it has gone, has lasted or
// has been repaired, and tells what lasted.
func (d *Doctor) treat(ctx context.Context, suspects []*suspect) error {
	slices.SortFunc(suspects, func(a, b *suspect) int { return cmp.Compare(a.number, b.number) })
	open := suspects
	for range rounds {
		if len(open) == 0 || ctx.Err() != nil {
			break
		}
		pause(ctx, d.options.Pause)
		err := d.abreast(ctx, len(open), func(ctx context.Context, i int) error { return d.lookAgain(ctx, open[i]) })
		if err != nil {
			return err
		}
		open = slices.DeleteFunc(slices.Clone(open), (*suspect).done)
	}
	for _, p := range suspects {
		for _, f := range p.lasted {
			d.tell(f)
		}
	}
	return ctx.Err()
}

// done: nothing seems to differ that was not seen to.
func (p *suspect) done() bool {
	return !p.again && !slices.ContainsFunc(p.last, func(f Finding) bool {
		i := p.noted(f.Drift)
		return i < 0 || p.lasted[i].Repaired
	})
}

func (p *suspect) noted(drift contract.Drift) int {
	return slices.IndexFunc(p.lasted, func(f Finding) bool { return f.Drift == drift })
}

// lookAgain takes what is there a second time for what it is. With Repair the first
// of it is repaired, and the rest looked at again: a repair changes much.
func (d *Doctor) lookAgain(ctx context.Context, p *suspect) error {
	s, err := d.closeSight(ctx, p.number, true)
	if err != nil {
		return err
	}
	before, now := p.last, s.judge()
	p.last, p.again = now, false
	for _, f := range now {
		if !lasts(f, before) {
			continue
		}
		if i := p.noted(f.Drift); i >= 0 {
			if p.lasted[i].Repaired {
				p.lasted[i].Repaired, p.lasted[i].Why = false, "it came back after it was repaired"
			}
			continue
		}
		if d.options.Repair {
			err := d.repair(ctx, s, f)
			switch {
			case ctx.Err() != nil, store.IsUnavailable(err):
				return err
			case errors.Is(err, store.ErrChanged): // by somebody else
				p.last, p.again = nil, true
				return nil
			}
			f.outcome(err)
		}
		p.lasted = append(p.lasted, f)
		if f.Repaired {
			p.last, p.again = nil, true
			return nil
		}
	}
	return nil
}

// lasts reports that a finding was there at the look before. A change that is not
// recorded lasts only if it is the same one; so does what Temporal lists, which is
// late by moments, only if nothing was changed in between.
func lasts(f Finding, before []Finding) bool {
	return slices.ContainsFunc(before, func(was Finding) bool {
		switch {
		case was.Drift != f.Drift:
			return false
		case f.Drift == contract.DriftWorkflowSilent:
			return was.Detail == f.Detail
		case f.Drift == contract.DriftAttributes:
			return was.Workflow == f.Workflow
		}
		return true
	})
}
