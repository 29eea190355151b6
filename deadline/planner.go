// Package deadline is the one place that turns a policy's promises and the
// calendar's days into instants: when a reply is due, when each rung of the
// ladder is reached, when to remind a person and when to give up waiting.
// Everything that shows or arms a deadline asks it; nothing recomputes one.
package deadline

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"rightsdesk/calendar"
	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// Schedules gives the published schedules loaded for a calendar, in the order
// in which they were loaded, and the version they make together: 0 when none
// was loaded, so that the built-in ones alone hold.
type Schedules interface {
	Calendars(ctx context.Context, name string) (texts [][]byte, version contract.CalendarVersion, err error)

	// CalendarVersion is the version alone.
	CalendarVersion(ctx context.Context, name string) (contract.CalendarVersion, error)
}

// Policies gives the text of a policy by the digest that pins it.
type Policies interface {
	Policy(ctx context.Context, digest string) ([]byte, error)
}

// Planner answers every question about instants. It may be used by many
// goroutines at once. A policy never changes under its digest and a calendar
// never under its name and version, so both are read once and kept; which version
// holds is asked each time.
type Planner struct {
	schedules Schedules
	policies  Policies

	mu        sync.Mutex
	parsed    map[string]*ticket.Policy
	calendars map[edition]*calendar.Calendar
	zones     map[string]*time.Location // by the calendar's name
}

type edition struct {
	name    string
	version contract.CalendarVersion
}

// NewPlanner makes a Planner over what the operator loaded and the policies
// tickets were received under.
func NewPlanner(s Schedules, p Policies) *Planner {
	return &Planner{
		schedules: s,
		policies:  p,
		parsed:    map[string]*ticket.Policy{},
		calendars: map[edition]*calendar.Calendar{},
		zones:     map[string]*time.Location{},
	}
}

// Policy gives the policy a ticket is pinned to. A stored text that no longer
// has the digest is refused: a ticket's promises must not change under it.
func (p *Planner) Policy(ctx context.Context, ref ticket.PolicyRef) (*ticket.Policy, error) {
	p.mu.Lock()
	known := p.parsed[ref.Digest]
	p.mu.Unlock()
	if known != nil {
		return known, nil
	}
	text, err := p.policies.Policy(ctx, ref.Digest)
	if err != nil {
		return nil, fmt.Errorf("reading policy %s %s: %w", ref.Name, ref.Version, err)
	}
	policy, err := ticket.ParsePolicy(text)
	if err != nil {
		return nil, fmt.Errorf("reading policy %s %s: %w", ref.Name, ref.Version, err)
	}
	if policy.Ref().Digest != ref.Digest {
		return nil, fmt.Errorf("policy %s %s: the stored text is not the one the ticket was received under", ref.Name, ref.Version)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parsed[ref.Digest] = policy
	return policy, nil
}

// Know hands in a policy that may not be stored yet: the one that new tickets are
// received under, whose first ticket stores it.
func (p *Planner) Know(policy *ticket.Policy) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parsed[policy.Ref().Digest] = policy
}

// Calendar gives a calendar with every schedule loaded so far, and its version.
func (p *Planner) Calendar(ctx context.Context, name string) (*calendar.Calendar, contract.CalendarVersion, error) {
	version, err := p.schedules.CalendarVersion(ctx, name)
	if err != nil {
		return nil, 0, fmt.Errorf("reading the version of calendar %s: %w", name, err)
	}
	p.mu.Lock()
	known := p.calendars[edition{name, version}]
	p.mu.Unlock()
	if known != nil {
		return known, version, nil
	}
	texts, version, err := p.schedules.Calendars(ctx, name)
	if err != nil {
		return nil, 0, fmt.Errorf("reading calendar %s: %w", name, err)
	}
	loaded := make([]calendar.Schedule, 0, len(texts))
	for i, text := range texts {
		s, err := calendar.ParseSchedule(bytes.NewReader(text))
		if err != nil {
			return nil, 0, fmt.Errorf("calendar %s, schedule %d of %d: %w", name, i+1, len(texts), err)
		}
		loaded = append(loaded, s)
	}
	c, err := calendar.Named(name, loaded...)
	if err != nil {
		return nil, 0, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calendars[edition{name, version}], p.zones[name] = c, c.Location()
	return c, version, nil
}

// Zone gives the time zone in which a calendar's days begin and end. No schedule
// changes it.
func (p *Planner) Zone(ctx context.Context, name string) (*time.Location, error) {
	p.mu.Lock()
	known := p.zones[name]
	p.mu.Unlock()
	if known != nil {
		return known, nil
	}
	c, _, err := p.Calendar(ctx, name)
	if err != nil {
		return nil, err
	}
	return c.Location(), nil
}

// under gives a pinned policy and the calendar it counts by.
func (p *Planner) under(ctx context.Context, ref ticket.PolicyRef) (*ticket.Policy, *calendar.Calendar, contract.CalendarVersion, error) {
	policy, err := p.Policy(ctx, ref)
	if err != nil {
		return nil, nil, 0, err
	}
	c, version, err := p.Calendar(ctx, policy.Calendar)
	return policy, c, version, err
}

// DaysLeft counts the working days until a deadline: 0 on its own day, negative
// after it.
func (p *Planner) DaysLeft(ctx context.Context, ref ticket.PolicyRef, now, due time.Time) (int, error) {
	_, c, _, err := p.under(ctx, ref)
	if err != nil {
		return 0, err
	}
	return c.WorkingDaysLeft(now, due), nil
}
