package store

import (
	"time"

	"gorm.io/gorm"
)

// migration0009 lets a change that is made again be told from one of a workflow that
// Temporal was restored to; see redo.go. It only adds: the release before goes on
// beside it. With it comes an index by which numbers are looked for without reading
// their tickets.
func migration0009(tx *gorm.DB) error {
	type Ticket struct {
		Told   int64      `gorm:"not null;default:0"`
		TaskAt *time.Time `gorm:"precision:6"`
	}
	type Mail struct {
		Rev int64 `gorm:"not null;default:0"`
	}
	for _, add := range []struct {
		to            any
		column, field string
	}{{&Ticket{}, "told", "Told"}, {&Ticket{}, "task_at", "TaskAt"}, {&Mail{}, "rev", "Rev"}} {
		if tx.Migrator().HasColumn(add.to, add.column) { // an interrupted run begins again
			continue
		}
		if err := tx.Migrator().AddColumn(add.to, add.field); err != nil {
			return err
		}
	}
	if tx.Migrator().HasIndex("tickets", "tickets_number") {
		return nil
	}
	return tx.Exec("CREATE INDEX tickets_number ON tickets (number, shown, reply_due)").Error
}
