package store

import "gorm.io/gorm"

// migration0001 makes the tables of the first release.
func migration0001(tx *gorm.DB) error {
	if err := migration0001Tickets(tx); err != nil {
		return err
	}
	return migration0001Desk(tx)
}
