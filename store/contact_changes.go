package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// A contact that has just been put on file by a correction proves nothing for a
// while: whoever talked the desk into changing it would otherwise use it at once
// to prove themselves on another ticket.

type contactChangeRow struct {
	Hash      string `gorm:"primaryKey"` // keyed: of the new contact
	ChangedAt instant
}

func (contactChangeRow) TableName() string { return "contact_changes" }

// ContactChanged remembers that a contact was put on file by the desk.
func (s *Store) ContactChanged(ctx context.Context, contact string, at time.Time) error {
	row := contactChangeRow{Hash: s.contactHash(contact), ChangedAt: instantOf(at)}
	return s.write(ctx, "remembering a changed contact", func(db *gorm.DB) error {
		return db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "hash"}},
			DoUpdates: clause.AssignmentColumns([]string{"changed_at"})}).Create(&row).Error
	})
}

// ContactChangedSince reports whether a contact was put on file after an instant.
func (s *Store) ContactChangedSince(ctx context.Context, contact string, since time.Time) (bool, error) {
	var n int64
	err := s.read(ctx).Model(&contactChangeRow{}).
		Where("hash = ? AND changed_at > ?", s.contactHash(contact), instantOf(since)).Count(&n).Error
	return n > 0, failed("looking for a changed contact", err)
}
