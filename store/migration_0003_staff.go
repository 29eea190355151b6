package store

import (
	"time"

	"gorm.io/gorm"
)

// migration0003 gives members of staff queues, a second factor and single
// sign-on, and what is done to their access a record.
func migration0003(tx *gorm.DB) error {
	type Agent struct {
		Queues       string    `gorm:"size:512;not null;default:''"`
		Epoch        int       `gorm:"not null;default:0"`
		Subject      string    `gorm:"size:64;not null;default:''"`
		FactorSecret []byte    `gorm:"size:512"`
		FactorStep   int64     `gorm:"not null;default:0"`
		FactorAt     time.Time `gorm:"precision:6"`
	}
	type RecoveryCode struct {
		Agent    string `gorm:"primaryKey;size:32"`
		CodeHash string `gorm:"primaryKey;size:64"`
	}
	type StaffEvent struct {
		ID      int64     `gorm:"primaryKey"`
		At      time.Time `gorm:"precision:6;not null"`
		Actor   string    `gorm:"size:32;not null"`
		Act     string    `gorm:"size:32;not null"`
		Subject string    `gorm:"size:32;not null;index:staff_events_subject"`
		Code    string    `gorm:"size:512;not null"`
	}
	for _, field := range []string{"Queues", "Epoch", "Subject", "FactorSecret", "FactorStep", "FactorAt"} {
		if tx.Migrator().HasColumn(&Agent{}, field) {
			continue // MySQL commits at each column: a start cut short begins anew
		}
		if err := tx.Migrator().AddColumn(&Agent{}, field); err != nil {
			return err
		}
	}
	return tx.AutoMigrate(&RecoveryCode{}, &StaffEvent{})
}
