package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"rightsdesk/seal"
	"rightsdesk/ticket"
)

// LinkPurpose is what a link lets its bearer do.
type LinkPurpose string

const (
	LinkTrack   LinkPurpose = "track"   // mailed: opens the tracking page of a ticket
	LinkSession LinkPurpose = "session" // given to a browser or program, until it leaves
)

// Link is a secret link that was mailed out. Only a keyed hash is stored.
type Link struct {
	ID        int64
	Number    ticket.Number
	Purpose   LinkPurpose
	Proved    bool // sent to a contact whose control was proved
	ExpiresAt time.Time
}

type linkRow struct {
	ID        int64
	TokenHash string
	Number    ticket.Number
	Purpose   LinkPurpose
	Proved    bool
	ExpiresAt instant

	ContactHash string // keyed: where it was mailed to; empty: nowhere
}

func (linkRow) TableName() string { return "links" }

// NewLink makes a link's secret.
func (s *Store) NewLink(ctx context.Context, number ticket.Number, purpose LinkPurpose, proved bool, now time.Time, ttl time.Duration) (string, error) {
	return s.newLink(ctx, linkRow{Number: number, Purpose: purpose, Proved: proved, ExpiresAt: instantOf(now.Add(ttl))})
}

// NewMailedLink makes the secret of a tracking link that is mailed to a contact.
// If control of the contact is shown later, by a code that went there too, the
// link is proved from then on.
func (s *Store) NewMailedLink(ctx context.Context, number ticket.Number, contact string, proved bool, now time.Time, ttl time.Duration) (string, error) {
	return s.newLink(ctx, linkRow{Number: number, Purpose: LinkTrack, Proved: proved, ExpiresAt: instantOf(now.Add(ttl)),
		ContactHash: s.linkContact(number, contact)})
}

// linkContact can't be compared between tickets.
func (s *Store) linkContact(number ticket.Number, contact string) string {
	return s.vault.Hash("link-contact", string(number)+"/"+strings.ToLower(contact))
}

func (s *Store) newLink(ctx context.Context, row linkRow) (string, error) {
	token := seal.NewToken()
	row.TokenHash = s.vault.Hash("link", token)
	err := s.write(ctx, "making a link to "+string(row.Number), func(db *gorm.DB) error {
		row.ID = 0
		return db.Create(&row).Error
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// LinkByToken returns the link of a secret; ErrNotFound for one that is unknown,
// expired or revoked alike.
func (s *Store) LinkByToken(ctx context.Context, token string, now time.Time) (Link, error) {
	var r linkRow
	err := s.read(ctx).Take(&r, "token_hash = ? AND expires_at > ?", s.vault.Hash("link", token), instantOf(now)).Error
	if err != nil {
		return Link{}, failed("looking up a link", err)
	}
	return Link{ID: r.ID, Number: r.Number, Purpose: r.Purpose, Proved: r.Proved, ExpiresAt: r.ExpiresAt.time()}, nil
}

// EndSession makes the link of a browser's session worthless. A link that was
// mailed, and one that is unknown, stay as they are.
func (s *Store) EndSession(ctx context.Context, token string) error {
	if token == "" {
		return nil
	}
	return s.write(ctx, "ending a session", func(db *gorm.DB) error {
		return db.Delete(&linkRow{}, "token_hash = ? AND purpose = ?", s.vault.Hash("link", token), LinkSession).Error
	})
}

// RevokeLinks makes all links to a ticket worthless.
func (s *Store) RevokeLinks(ctx context.Context, number ticket.Number) error {
	return s.write(ctx, "revoking the links to "+string(number), func(db *gorm.DB) error {
		return db.Delete(&linkRow{}, "number = ?", number).Error
	})
}
