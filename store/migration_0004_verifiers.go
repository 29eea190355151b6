package store

import (
	"time"

	"gorm.io/gorm"
)

// migration0004 makes room for verifiers beside the mailed code: references of
// services that checked something, documents that staff look at, and the contacts
// that were changed lately.
func migration0004(tx *gorm.DB) error {
	type Verification struct {
		Reference string `gorm:"size:128;not null;default:''"`
	}
	if !tx.Migrator().HasColumn(&Verification{}, "reference") { // an interrupted run begins again
		if err := tx.Migrator().AddColumn(&Verification{}, "Reference"); err != nil {
			return err
		}
	}
	type Ticket struct {
		Number string `gorm:"primaryKey;size:24"`
	}
	type Proof struct {
		ID           int64     `gorm:"primaryKey"`
		TicketNumber string    `gorm:"column:number;size:24;not null;index:proofs_number"`
		Dedup        string    `gorm:"size:64;not null;uniqueIndex:proofs_dedup"`
		Kind         string    `gorm:"size:24;not null"`
		Delivery     int64     `gorm:"not null;default:0"`
		DataKey      []byte    `gorm:"size:512"`
		SentAt       time.Time `gorm:"precision:6;not null"`
		DestroyedAt  time.Time `gorm:"precision:6"`
		Ticket       Ticket    `gorm:"foreignKey:TicketNumber;references:Number"`
	}
	type ProofFile struct {
		ID           int64  `gorm:"primaryKey"`
		ProofID      int64  `gorm:"not null;index:proof_files_proof"`
		TicketNumber string `gorm:"column:number;size:24;not null;index:proof_files_number"`
		MediaType    string `gorm:"size:128;not null"`
		Size         int64  `gorm:"not null"`
		Name         []byte
		Content      []byte
	}
	type ContactChange struct {
		Hash      string    `gorm:"primaryKey;size:64"`
		ChangedAt time.Time `gorm:"precision:6;not null;index:contact_changes_changed"`
	}
	for _, table := range []any{&Proof{}, &ProofFile{}, &ContactChange{}} {
		if tx.Migrator().HasTable(table) {
			continue
		}
		if err := tx.Migrator().CreateTable(table); err != nil {
			return err
		}
	}
	return nil
}
