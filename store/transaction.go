package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// How often a transaction that lost against another is tried, and for how long: one
// that waited for a lock in vain has waited long already.
const (
	contentionTries = 8
	contentionTime  = 10 * time.Second
)

// inTx runs f in one transaction: all of it is stored or nothing. f may run more
// than once, since a transaction that is the victim of a deadlock is repeated; it
// must set its results anew each time.
func (s *Store) inTx(ctx context.Context, doing string, f func(tx *gorm.DB) error) error {
	return s.contend(ctx, s.db, doing, func(db *gorm.DB) error { return db.Transaction(f) })
}

// write runs a single writing statement, without the round trips of a
// transaction around it.
func (s *Store) write(ctx context.Context, doing string, f func(db *gorm.DB) error) error {
	return s.contend(ctx, s.db, doing, f)
}

// inLightTx is inTx for what does no harm when it is lost with the machine.
func (s *Store) inLightTx(ctx context.Context, doing string, f func(tx *gorm.DB) error) error {
	return s.contend(ctx, s.light, doing, func(db *gorm.DB) error { return db.Transaction(f) })
}

// writeLightly is write for what does no harm when it is lost with the machine, such as
// how often somebody has tried.
func (s *Store) writeLightly(ctx context.Context, doing string, f func(db *gorm.DB) error) error {
	return s.contend(ctx, s.light, doing, f)
}

func (s *Store) contend(ctx context.Context, on *gorm.DB, doing string, f func(db *gorm.DB) error) error {
	if s.writer != nil {
		late := time.NewTimer(contentionTime)
		defer late.Stop()
		select {
		case s.writer <- struct{}{}:
			defer func() { <-s.writer }()
		case <-late.C:
			return failed(doing, fmt.Errorf("%w: somebody else is writing", ErrUnavailable))
		case <-ctx.Done():
			return failed(doing, ctx.Err())
		}
	}
	begun := time.Now()
	for try := 1; ; try++ {
		err := f(on.WithContext(ctx))
		if isFull(err) {
			s.full.Store(time.Now().UnixNano())
		}
		if err == nil || try == contentionTries || time.Since(begun) > contentionTime || !isContention(err) {
			return failed(doing, err)
		}
		pause := time.Duration(try) * (5*time.Millisecond + rand.N(10*time.Millisecond))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return failed(doing, ctx.Err())
		}
	}
}

// forUpdate locks the rows a query returns until the transaction ends.
func forUpdate() clause.Expression { return clause.Locking{Strength: "UPDATE"} }
