package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"rightsdesk/seal"
)

// trialSize is more than the room that pages which are in use have left: what a
// full database can still squeeze in says nothing of the next ticket.
const trialSize = 64 << 10

// trialWindow is how long the counter of trials is kept.
const trialWindow = time.Hour

// errTakenBack ends the transaction of a trial, so that nothing of it stays.
var errTakenBack = errors.New("taken back")

// fullHolds is how long a refusal for want of room is remembered.
const fullHolds = time.Minute

// errFull: a write was refused a moment ago, since there was no room for it.
var errFull = errors.New("there was no room left for a write a moment ago")

// TakesWrites asks whether the database takes writes, by one that is taken back: a
// database that answers may be out of room, or be read-only since a failover. One
// that only has another write in hand takes them. On a full disk some tables have room
// in reserve, that of the trial too, so what any write of any process met with lately
// counts as well. A full disk below an SQLite file shows only when something is to stay:
// there one counter of these trials is counted up.
func (s *Store) TakesWrites(ctx context.Context) error {
	full, err := s.isFull(ctx)
	if err != nil {
		return err
	}
	if full {
		return failed("trying to write", fmt.Errorf("%w: %w", ErrUnavailable, errFull))
	}
	err = s.inTx(ctx, "trying to write", func(tx *gorm.DB) error {
		if err := tx.Create(&policyRow{Digest: "trial " + seal.NewToken(), Text: make([]byte, trialSize)}).Error; err != nil {
			return err
		}
		return errTakenBack
	})
	if errors.Is(err, errTakenBack) {
		err = nil
		if s.backend == SQLite {
			_, _, err = s.Allow(ctx, "trial write", math.MaxInt, trialWindow, time.Now())
		}
	}
	if isContention(err) {
		return nil
	}
	return err
}

// isFull reports whether a write was refused lately for want of room. A process that
// met with it tells the others, in a row so small that most often there is room for it.
func (s *Store) isFull(ctx context.Context) (bool, error) {
	note := limitRow{KeyHash: s.vault.Hash("limit", "no room"), StartsAt: instantOf(time.Unix(0, 0))}
	if met := time.Unix(0, s.full.Load()); time.Since(met) < fullHolds {
		note.ExpiresAt = instantOf(met.Add(fullHolds))
		_ = s.writeLightly(ctx, "telling that there is no room", func(db *gorm.DB) error {
			return db.Clauses(clause.OnConflict{UpdateAll: true}).Create(&note).Error
		}) // without room for the note either the others notice as this process has
		return true, nil
	}
	var told int64
	err := s.read(ctx).Model(&note).Where("key_hash = ? AND expires_at > ?", note.KeyHash, instantOf(time.Now())).Count(&told).Error
	return told > 0, failed("asking whether there is room", err)
}
