package store

import (
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// contactRow lets staff find a ticket by a contact given in its form, without
// the contact being stored.
type contactRow struct {
	Hash   string        `gorm:"primaryKey"`
	Number ticket.Number `gorm:"primaryKey"`
}

func (contactRow) TableName() string { return "ticket_contacts" }

func (s *Store) contactHash(contact string) string {
	return s.vault.Hash("contact", strings.ToLower(strings.TrimSpace(contact)))
}

func (s *Store) contactHashes(contacts []string) (hashes []string) {
	for _, contact := range contacts {
		if strings.TrimSpace(contact) != "" {
			hashes = append(hashes, s.contactHash(contact))
		}
	}
	return hashes
}

func (s *Store) addContacts(tx *gorm.DB, number ticket.Number, c Content) error {
	hashes := map[string]bool{}
	for _, p := range []Person{c.Person, c.OnBehalfOf} {
		for _, contact := range []string{p.Email, p.Phone, p.Account} {
			if strings.TrimSpace(contact) != "" {
				hashes[s.contactHash(contact)] = true
			}
		}
	}
	var rows []contactRow
	for _, hash := range slices.Sorted(maps.Keys(hashes)) {
		rows = append(rows, contactRow{Hash: hash, Number: number})
	}
	if rows == nil {
		return nil
	}
	return tx.Create(&rows).Error
}
