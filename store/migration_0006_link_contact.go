package store

import "gorm.io/gorm"

// migration0006 notes, as a keyed hash, to which contact a link was mailed: once
// somebody shows that they read mail there, the link may show what they may see.
func migration0006(tx *gorm.DB) error {
	type Link struct {
		ContactHash string `gorm:"size:64;not null;default:''"`
	}
	if tx.Migrator().HasColumn(&Link{}, "contact_hash") { // an interrupted run begins again
		return nil
	}
	return tx.Migrator().AddColumn(&Link{}, "ContactHash")
}
