package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// Unsettled is an act that is recorded and that nobody has been told the end of: its
// workflow may have it for good, or may never have heard of it.
type Unsettled struct {
	Number ticket.Number
	Rev    int64 // of the act
	Told   int64 // the newest revision that somebody was told is done
}

// Unsettled returns acts that were recorded before a moment. Seconds after they were made
// there are none, on a day without faults.
func (s *Store) Unsettled(ctx context.Context, before time.Time, limit int) ([]Unsettled, error) {
	var rows []ticketRow
	err := s.read(ctx).Select("number", "unsettled", "told").
		Where("unsettled > 0 AND task_at <= ?", instantOf(before)).Order("unsettled, number").Limit(limit).Find(&rows).Error
	acts := make([]Unsettled, len(rows))
	for i, r := range rows {
		acts[i] = Unsettled{Number: r.Number, Rev: r.Unsettled, Told: r.Told}
	}
	return acts, failed("looking for unsettled acts", err)
}

// Settled ends the question about an act.
func (s *Store) Settled(ctx context.Context, act Unsettled) error {
	return s.write(ctx, "settling an act of "+string(act.Number), func(db *gorm.DB) error {
		return db.Model(&ticketRow{}).Where("number = ? AND unsettled = ?", act.Number, act.Rev).Update("unsettled", 0).Error
	})
}
