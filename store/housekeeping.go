package store

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// DeleteExpired deletes what is of no more use: expired links, sessions, kept
// answers and counters, and the presence of yesterday. It says how many rows that
// were. Forms have DeleteExpiredForms; tickets never expire by this.
func (s *Store) DeleteExpired(ctx context.Context, now time.Time) (int, error) {
	deleted := 0
	for _, old := range []struct {
		row       any
		condition string
		before    time.Time
	}{
		{&linkRow{}, "expires_at <= ?", now},
		{&sessionRow{}, "expires_at <= ?", now},
		{&limitRow{}, "expires_at <= ?", now},
		{&idempotentRow{}, "begun_at <= ?", now.Add(-IdempotencyLifetime)},
		{&presenceRow{}, "seen_at <= ?", now.Add(-24 * time.Hour)},
	} {
		err := s.write(ctx, "deleting what has expired", func(db *gorm.DB) error {
			result := db.Delete(old.row, old.condition, instantOf(old.before))
			deleted += int(result.RowsAffected)
			return result.Error
		})
		if err != nil {
			return deleted, err
		}
	}
	return deleted, nil
}
