package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// Person is who asks: how they are called and reached, and by what their
// account is found (its name, e-mail address or telephone number).
type Person struct {
	Name    string `json:"name,omitempty"`
	Email   string `json:"email,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Account string `json:"account,omitempty"`
}

// Content is what a person wrote in the form. It is stored sealed.
type Content struct {
	Person       Person   `json:"person"`
	OnBehalfOf   Person   `json:"on_behalf_of,omitzero"` // the data subject, where the relation is not self
	RelationNote string   `json:"relation_note,omitempty"`
	Subject      string   `json:"subject,omitempty"`
	Text         string   `json:"text,omitempty"`
	Changes      []Change `json:"changes,omitempty"`
}

// Change is one field to correct: Old as the person gave it.
type Change struct {
	Field    contract.FieldName `json:"field"`
	Old      string             `json:"old,omitempty"`
	Proposed string             `json:"proposed"`
}

// AccountSnapshot is what the account system last said. It is stored sealed.
type AccountSnapshot struct {
	Ref       string            `json:"ref,omitempty"` // the account's id there
	Status    string            `json:"status,omitempty"`
	Contacts  []Contact         `json:"contacts,omitempty"`
	Fields    map[string]string `json:"fields,omitempty"`
	Obstacles []ObstacleWords   `json:"obstacles,omitempty"`
	Kept      []KeptField       `json:"kept,omitempty"`
	LookedAt  time.Time         `json:"looked_at,omitzero"`
}

// Contact is one contact on file at the account system.
type Contact struct {
	Type  string    `json:"type"` // "email" or "phone"
	Value string    `json:"value"`
	Since time.Time `json:"since,omitzero"` // on file since, where the system says so
}

// ObstacleWords is one thing that prevents a cancellation, in both languages.
type ObstacleWords struct {
	Code string `json:"code"`
	ZH   string `json:"zh"`
	EN   string `json:"en"`
}

// KeptField is a field that the law has kept after a cancellation: until when,
// and which law.
type KeptField struct {
	Field string    `json:"field"`
	Until time.Time `json:"until,omitzero"`
	Basis string    `json:"basis,omitempty"`
}

// Content returns what the person wrote in the form.
func (s *Store) Content(ctx context.Context, number ticket.Number) (Content, error) {
	c, err := s.content(s.read(ctx), number, daily)
	return c, failed("reading the content of "+string(number), err)
}

func (s *Store) content(db *gorm.DB, number ticket.Number, why access) (Content, error) {
	var c Content
	key, sealed, err := s.openWith(db, number, why, "ticket_secrets.content")
	if err != nil {
		return c, err
	}
	return c, openJSON(key, sealed, placeOf(number, "content"), &c)
}

// Account returns what the account system last said, or ErrNotFound.
func (s *Store) Account(ctx context.Context, number ticket.Number) (AccountSnapshot, error) {
	a, err := s.account(s.read(ctx), number)
	return a, failed("reading the account of "+string(number), err)
}

func (s *Store) account(db *gorm.DB, number ticket.Number) (AccountSnapshot, error) {
	var a AccountSnapshot
	key, sealed, err := s.openWith(db, number, daily, "ticket_secrets.account")
	if err != nil {
		return a, err
	}
	if sealed == nil {
		return a, ErrNotFound
	}
	return a, openJSON(key, sealed, placeOf(number, "account"), &a)
}

// SaveAccount stores what the account system said, in place of what it said before.
func (s *Store) SaveAccount(ctx context.Context, number ticket.Number, a AccountSnapshot) error {
	return s.inTx(ctx, "saving the account of "+string(number), func(tx *gorm.DB) error {
		key, err := s.openKey(tx, number, daily)
		if err != nil {
			return err
		}
		sealed, err := sealJSON(key, a, placeOf(number, "account"))
		if err != nil {
			return err
		}
		return tx.Model(&secretRow{}).Where("number = ?", number).Update("account", sealed).Error
	})
}
