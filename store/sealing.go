package store

import (
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"rightsdesk/seal"
	"rightsdesk/ticket"
)

// secretRow holds what is personal of the form, and the key of all that is
// personal of the ticket.
type secretRow struct {
	Number  ticket.Number `gorm:"primaryKey"`
	DataKey []byte        // wrapped; NULL once purged
	Content []byte        // sealed Content
	Account []byte        // sealed AccountSnapshot
	Kept    []byte        // sealed keptRecord, once locked away
}

func (secretRow) TableName() string { return "ticket_secrets" }

// place is the associated data that binds sealed text to where it stands:
// moved to another ticket, table, column or row it does not open.
func place(number ticket.Number, table, column string, row any) string {
	return fmt.Sprintf("%s/%s/%s/%v", number, table, column, row)
}

// placeOf is place for a column of the ticket's one secret row.
func placeOf(number ticket.Number, column string) string {
	return place(number, "ticket_secrets", column, "")
}

// access is in which state of a ticket its personal data is asked for.
type access int

const (
	daily    access = iota // refused once it is locked away
	retained               // also then
)

// openKey gets the key of a ticket's personal data: ErrNotFound, ErrPurged and
// ErrLocked say why there is none.
func (s *Store) openKey(db *gorm.DB, number ticket.Number, why access) (*seal.DataKey, error) {
	key, _, err := s.openWith(db, number, why, "NULL")
	return key, err
}

// openWith is openKey, and reads a sealed column of the ticket's secrets along
// with it.
func (s *Store) openWith(db *gorm.DB, number ticket.Number, why access, column string) (*seal.DataKey, []byte, error) {
	var row struct {
		DataKey  []byte
		Sealed   []byte
		LockedAt instant
		PurgedAt instant
	}
	err := db.Table("ticket_secrets").
		Select("ticket_secrets.data_key, "+column+" AS sealed, tickets.locked_at, tickets.purged_at").
		Joins("JOIN tickets ON tickets.number = ticket_secrets.number").
		Where("ticket_secrets.number = ?", number).Take(&row).Error
	switch {
	case err != nil:
		return nil, nil, err
	case !row.PurgedAt.isZero() || row.DataKey == nil:
		return nil, nil, ErrPurged
	case !row.LockedAt.isZero() && why != retained:
		return nil, nil, ErrLocked
	}
	key, err := s.vault.DataKey(row.DataKey)
	return key, row.Sealed, err
}

func sealJSON(key *seal.DataKey, v any, context string) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding %T", v) // the cause might quote a value
	}
	return key.Seal(text, context)
}

func openJSON(key *seal.DataKey, sealed []byte, context string, v any) error {
	text, err := key.Open(sealed, context)
	if err != nil {
		return err
	}
	if json.Unmarshal(text, v) != nil {
		return fmt.Errorf("decoding %T", v)
	}
	return nil
}
