package store

import "gorm.io/gorm"

// migration0011 lets a note that is asked for again under its key be known as the one
// that is there. It only adds: the release before goes on beside it.
func migration0011(tx *gorm.DB) error {
	type Note struct {
		Dedup *string `gorm:"size:64"`
	}
	if !tx.Migrator().HasColumn(&Note{}, "dedup") { // an interrupted run begins again
		if err := tx.Migrator().AddColumn(&Note{}, "Dedup"); err != nil {
			return err
		}
	}
	if tx.Migrator().HasIndex("notes", "notes_dedup") {
		return nil
	}
	return tx.Exec("CREATE UNIQUE INDEX notes_dedup ON notes (number, dedup)").Error
}
