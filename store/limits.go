package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
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
	err = s.inTx(ctx, "counting against a limit", func(tx *gorm.DB) error {
		row := limitRow{KeyHash: s.vault.Hash("limit", window.String()+"/"+key), StartsAt: instantOf(start), ExpiresAt: instantOf(end), Used: amount}
		err := tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "key_hash"}, {Name: "starts_at"}},
			DoUpdates: clause.Assignments(map[string]any{"used": gorm.Expr("limit_counters.used + ?", amount)}),
		}).Create(&row).Error
		if err != nil {
			return err
		}
		return tx.Model(&limitRow{}).Select("used").Where("key_hash = ? AND starts_at = ?", row.KeyHash, row.StartsAt).Scan(&used).Error
	})
	if err != nil {
		return false, time.Time{}, err
	}
	if used <= max {
		return true, time.Time{}, nil
	}
	return false, end, nil
}
