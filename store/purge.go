package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// Purge destroys the key of a ticket's personal data and the data with it, and
// records that in the audit trail. The ticket's row, its audit trail, its clock's
// ledger and its mail log stay: they hold nothing personal. Purging twice changes
// nothing. Copies of the database made before (backups, binary logs) hold the
// wrapped key until they are rotated away.
func (s *Store) Purge(ctx context.Context, number ticket.Number, at time.Time) error {
	err := s.inTx(ctx, "purging "+string(number), func(tx *gorm.DB) error {
		row, err := lockTicket(tx, number)
		if err != nil || !row.PurgedAt.isZero() {
			return err
		}
		if err := purgeContent(tx, number); err != nil {
			return err
		}
		row.PurgedAt = instantOf(at)
		st, err := row.state()
		if err != nil {
			return err
		}
		if err := row.project(st); err != nil {
			return err
		}
		if err := tx.Model(&row).Select("*").Updates(&row).Error; err != nil {
			return err
		}
		return s.addEvents(tx, number, 0, contract.Event{At: at, Actor: contract.BySystem, Act: contract.ActPurged})
	})
	if err == nil {
		s.forgetOldPages(ctx)
	}
	return err
}

func purgeContent(tx *gorm.DB, number ticket.Number) error {
	for _, blank := range []struct {
		row     any
		columns map[string]any
	}{
		{&secretRow{}, map[string]any{"data_key": nil, "content": nil, "account": nil, "kept": nil}},
		{&messageRow{}, map[string]any{"body": nil, "dedup": nil}},
		{&attachmentRow{}, map[string]any{"name": nil, "content": nil}},
		{&verificationRow{}, map[string]any{"contact": nil, "code_hash": ""}},
	} {
		if err := tx.Model(blank.row).Where("number = ?", number).Updates(blank.columns).Error; err != nil {
			return err
		}
	}
	if err := destroyProofs(tx, number, nil, instantOf(time.Now())); err != nil {
		return err
	}
	for _, row := range []any{&noteRow{}, &draftRow{}, &linkRow{}, &contactRow{}, &presenceRow{}} {
		if err := tx.Delete(row, "number = ?", number).Error; err != nil {
			return err
		}
	}
	return dropForms(tx, number)
}

// dropForms deletes what is left of the forms a ticket was filled from.
func dropForms(tx *gorm.DB, number ticket.Number) error {
	sent := tx.Model(&formRow{}).Select("token_hash").Where("number = ?", number)
	if err := tx.Delete(&uploadRow{}, "form_hash IN (?)", sent).Error; err != nil {
		return err
	}
	return tx.Delete(&formRow{}, "number = ?", number).Error
}

// forgetOldPages empties SQLite's write-ahead log, which still has the pages as
// they were. If readers keep it from that now, the next checkpoint does it.
func (s *Store) forgetOldPages(ctx context.Context) {
	if s.backend == SQLite {
		_ = s.db.WithContext(ctx).Exec("PRAGMA wal_checkpoint(TRUNCATE)").Error
	}
}
