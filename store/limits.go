package store

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// limitRow counts what one key used in one window of time.
type limitRow struct {
	KeyHash   string  `gorm:"primaryKey"`
	StartsAt  instant `gorm:"primaryKey"`
	ExpiresAt instant
	Used      int64
}

func (limitRow) TableName() string { return "limit_counters" }

// Allow counts one use of a key and says whether it is among the first max of the
// present window, and if not, when the next window begins. Windows are fixed and
// counted for all processes together. Of the key only a keyed hash is stored.
func (s *Store) Allow(ctx context.Context, key string, max int, window time.Duration, now time.Time) (ok bool, retryAt time.Time, err error) {
	return s.Spend(ctx, key, 1, int64(max), window, now)
}

// Spend is Allow for an amount: it says whether all that was used up in the
// present window, this included, is within max. What is refused stays counted.
func (s *Store) Spend(ctx context.Context, key string, amount, max int64, window time.Duration, now time.Time) (ok bool, retryAt time.Time, err error) {
	start := now.UTC().Truncate(window)
	end := start.Add(window)
	var used int64
	err = s.writeLightly(ctx, "counting against a limit", func(db *gorm.DB) (err error) {
		used, err = s.spend(db, limitRow{KeyHash: s.vault.Hash("limit", window.String()+"/"+key),
			StartsAt: instantOf(start), ExpiresAt: instantOf(end), Used: amount})
		return err
	})
	if err != nil {
		return false, time.Time{}, err
	}
	if used <= max {
		return true, time.Time{}, nil
	}
	return false, end, nil
}

// spend adds to a counter and says what it has come to, in one statement: it is
// asked for at every call, and each round trip to the database counts.
func (s *Store) spend(db *gorm.DB, row limitRow) (used int64, err error) {
	const insert = "INSERT INTO limit_counters (key_hash, starts_at, expires_at, used) VALUES (?, ?, ?, ?)"
	if s.backend == SQLite {
		err := db.Raw(insert+" ON CONFLICT (key_hash, starts_at) DO UPDATE SET used = used + excluded.used RETURNING used",
			row.KeyHash, row.StartsAt, row.ExpiresAt, row.Used).Scan(&used).Error
		return used, err
	}
	// MySQL hands a new value back by LAST_INSERT_ID, and 0 where there was no row.
	done, err := db.Statement.ConnPool.ExecContext(db.Statement.Context,
		insert+" ON DUPLICATE KEY UPDATE used = LAST_INSERT_ID(used + ?)", row.KeyHash, row.StartsAt, row.ExpiresAt, row.Used, row.Used)
	if err != nil {
		return 0, err
	}
	used, err = done.LastInsertId()
	if used == 0 {
		used = row.Used
	}
	return used, err
}
