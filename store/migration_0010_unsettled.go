package store

import "gorm.io/gorm"

// migration0010 lets acts be found that nobody was told the end of; see redo.go. It only
// adds: the release before goes on beside it.
func migration0010(tx *gorm.DB) error {
	type Ticket struct {
		Unsettled int64 `gorm:"not null;default:0"`
	}
	if !tx.Migrator().HasColumn(&Ticket{}, "unsettled") { // an interrupted run begins again
		if err := tx.Migrator().AddColumn(&Ticket{}, "Unsettled"); err != nil {
			return err
		}
	}
	if tx.Migrator().HasIndex("tickets", "tickets_unsettled") {
		return nil
	}
	return tx.Exec("CREATE INDEX tickets_unsettled ON tickets (unsettled, number)").Error
}
