package store

import "gorm.io/gorm"

// migration0005 notes in which session of a ticket a reply was staged, so that
// there is one at a time. Only a keyed hash of the session is stored.
func migration0005(tx *gorm.DB) error {
	type Form struct {
		SessionHash string `gorm:"size:64;not null;default:'';index:forms_session"`
	}
	if !tx.Migrator().HasColumn(&Form{}, "session_hash") { // an interrupted run begins again
		if err := tx.Migrator().AddColumn(&Form{}, "SessionHash"); err != nil {
			return err
		}
	}
	if tx.Migrator().HasIndex(&Form{}, "forms_session") {
		return nil
	}
	return tx.Migrator().CreateIndex(&Form{}, "forms_session")
}
