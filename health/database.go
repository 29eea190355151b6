package health

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"rightsdesk/store"
)

// Database checks that the database answers and has the tables of this release.
// Where it is, and what it said, is for the journal alone.
func Database(s *store.Store, log *slog.Logger) Check {
	return func(ctx context.Context) error {
		err := s.Ping(ctx)
		if err == nil {
			err = s.CheckSchema(ctx)
		}
		if err != nil {
			log.Warn("not ready", "error", err)
		}
		switch {
		case err == nil:
			return nil
		case errors.Is(err, store.ErrOldSchema):
			return store.ErrOldSchema
		}
		return errors.New("the database does not answer")
	}
}

// ErrReadOnly: the database answers, and nothing can be stored in it.
var ErrReadOnly = errors.New("the database can be read and takes no writes")

const (
	trialHolds    = 5 * time.Second         // for how long a trial's outcome is given again
	trialPatience = 1500 * time.Millisecond // a server whose disk is full may just wait
)

// Writes checks that a database which answers takes writes too. Each trial is a
// write, and anybody may ask how the process is: so there is one every few seconds
// at the most, and who asks meanwhile is told the same.
func Writes(s *store.Store, log *slog.Logger) Check {
	t := &trial{of: s.TakesWrites, now: time.Now, log: log}
	return func(context.Context) error { return t.outcome() }
}

type trial struct {
	of  func(context.Context) error
	now func() time.Time
	log *slog.Logger

	mu    sync.Mutex
	until time.Time // the outcome holds until then
	last  error
}

// outcome does not end with the one who asked: others are told it too.
func (t *trial) outcome() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now().Before(t.until) {
		return t.last
	}
	ctx, cancel := context.WithTimeout(context.Background(), trialPatience)
	defer cancel()
	t.last = nil
	if err := t.of(ctx); err != nil {
		t.log.Warn("the database takes no writes", "error", err)
		t.last = ErrReadOnly
	}
	t.until = t.now().Add(trialHolds)
	return t.last
}
