package accounts

import (
	"context"
	"time"
)

// Manual is the System of an operator without one that can be called: every
// act is accepted as pending, an agent does it by hand and ticks it off on the
// ticket. It knows no accounts and sees no obstacles.
type Manual struct {
	now func() time.Time
}

var _ System = Manual{}

// NewManual takes the clock; nil is time.Now.
func NewManual(now func() time.Time) Manual {
	if now == nil {
		now = time.Now
	}
	return Manual{now: now}
}

// Lookup always answers ErrLookupManual.
func (m Manual) Lookup(context.Context, LookupRequest) (Account, error) {
	return Account{}, ErrLookupManual
}

// Obstacles answers none: the agent who looks the account up sees them.
func (m Manual) Obstacles(context.Context, Ref) ([]Obstacle, error) { return nil, nil }

// StopServices is left to an agent.
func (m Manual) StopServices(_ context.Context, act Act) (Done, error) {
	return m.pending(actRequest(opStopServices, act))
}

// Erase is left to an agent; what the plan keeps is what will be kept.
func (m Manual) Erase(_ context.Context, act Act, plan []ErasePlanItem) (Done, error) {
	r := actRequest(opErase, act)
	r.Plan = plan
	return m.pending(r)
}

// Correct is left to an agent.
func (m Manual) Correct(_ context.Context, act Act, changes []Change) (Done, error) {
	r := actRequest(opCorrect, act)
	r.Changes = changes
	return m.pending(r)
}

// Purge is left to an agent.
func (m Manual) Purge(_ context.Context, act Act) (Done, error) {
	return m.pending(actRequest(opPurge, act))
}

// pending needs no Ref: who has to be looked up has none.
func (m Manual) pending(r request) (Done, error) {
	if r.Ref == "" {
		r.Ref = "manual"
	}
	if err := r.check(); err != nil {
		return Done{}, Permanent("bad_request", "", err.Error())
	}
	return Done{
		Reference: "manual:" + r.IdempotencyKey,
		Pending:   true,
		At:        m.now().UTC(),
		Kept:      keptOf(r.Plan),
	}, nil
}
