package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"
)

// migration0002 chains the audit trail and the clocks' ledgers, and makes room for
// the chain over all tickets and for the key that signs evidence. The new columns
// may be NULL: until it is replaced, the release before writes entries that know
// nothing of them.
func migration0002(tx *gorm.DB) error {
	for _, table := range []string{"events", "ledger_entries"} {
		for column, kind := range map[string]string{"seq": "BIGINT", "hash": "VARCHAR(64)", "seal": "VARCHAR(64)"} {
			if tx.Migrator().HasColumn(table, column) {
				continue
			}
			if err := tx.Exec(fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s NULL", table, column, kind)).Error; err != nil {
				return err
			}
		}
	}
	if err := migration0002Chain(tx); err != nil {
		return err
	}
	for _, table := range []string{"events", "ledger_entries"} {
		index := table + "_chain"
		if tx.Migrator().HasIndex(table, index) {
			continue
		}
		if err := tx.Exec(fmt.Sprintf("CREATE UNIQUE INDEX %s ON %s (number, seq)", index, table)).Error; err != nil {
			return err
		}
	}
	return migration0002Tables(tx)
}

func migration0002Tables(tx *gorm.DB) error {
	type Chained struct {
		Position     int64  `gorm:"primaryKey;autoIncrement:false"`
		Trail        string `gorm:"size:16;not null;uniqueIndex:audit_chain_entry,priority:1"`
		Entry        int64  `gorm:"not null;uniqueIndex:audit_chain_entry,priority:2"`
		TicketNumber string `gorm:"column:number;size:24;not null"`
		Seq          int64  `gorm:"not null"`
		Digest       string `gorm:"size:64;not null"`
		Hash         string `gorm:"size:64;not null"`
	}
	type Head struct {
		ID       int64  `gorm:"primaryKey;autoIncrement:false"`
		Position int64  `gorm:"not null"`
		Hash     string `gorm:"size:64;not null"`
	}
	type SigningKey struct {
		ID        int64     `gorm:"primaryKey;autoIncrement:false"`
		PublicKey []byte    `gorm:"size:64;not null"`
		Private   []byte    `gorm:"size:512;not null"`
		CreatedAt time.Time `gorm:"precision:6;not null"`
	}
	for table, row := range map[string]any{"audit_chain": &Chained{}, "audit_chain_head": &Head{}, "signing_keys": &SigningKey{}} {
		if err := tx.Table(table).AutoMigrate(row); err != nil {
			return err
		}
	}
	var heads int64
	if err := tx.Table("audit_chain_head").Count(&heads).Error; err != nil || heads > 0 {
		return err
	}
	return tx.Exec("INSERT INTO audit_chain_head (id, position, hash) VALUES (1, 0, '')").Error
}
