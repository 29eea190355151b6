package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"
)

// migration0007 makes room for what those who operate the desk look at: which
// tickets are stuck, to which trace a waiting start belongs, and indexes by which
// open tickets and pending mails are counted without reading their rows. It only
// adds: the release before goes on beside it.
func migration0007(tx *gorm.DB) error {
	type Trouble struct { // refers to no ticket: a workflow may be stuck before its ticket can be read
		Workflow     string    `gorm:"primaryKey;size:64"`
		Activity     string    `gorm:"primaryKey;size:32"`
		Step         string    `gorm:"primaryKey;size:64"`
		TicketNumber string    `gorm:"column:number;size:24;not null;index:troubles_number"`
		Attempts     int       `gorm:"not null"`
		Code         string    `gorm:"size:32;not null"`
		Since        time.Time `gorm:"precision:6;not null"`
		LastAt       time.Time `gorm:"precision:6;not null"`
		CheckedAt    time.Time `gorm:"precision:6;not null;index:troubles_checked"`
	}
	if !tx.Migrator().HasTable(&Trouble{}) { // an interrupted run begins again
		if err := tx.Migrator().CreateTable(&Trouble{}); err != nil {
			return err
		}
	}
	type Delivery struct {
		Trace string `gorm:"size:64;not null;default:''"`
	}
	if !tx.Migrator().HasColumn(&Delivery{}, "trace") {
		if err := tx.Migrator().AddColumn(&Delivery{}, "Trace"); err != nil {
			return err
		}
	}
	for _, index := range []struct{ name, table, columns string }{
		{"tickets_open_figures", "tickets", "open, kind, stage, assignee, reply_due, policy_digest"},
		{"mails_status", "mails", "status, queued_at"},
	} {
		if tx.Migrator().HasIndex(index.table, index.name) {
			continue
		}
		if err := tx.Exec(fmt.Sprintf("CREATE INDEX %s ON %s (%s)", index.name, index.table, index.columns)).Error; err != nil {
			return err
		}
	}
	return nil
}
