package store

import (
	"context"
	"crypto/ed25519"
	"errors"

	"gorm.io/gorm"
)

// signingKeyRow is the key that signs evidence: one for the life of the desk.
type signingKeyRow struct {
	ID        int64 `gorm:"primaryKey;autoIncrement:false"`
	PublicKey []byte
	Private   []byte  // seed, sealed with the vault
	CreatedAt instant `gorm:"autoCreateTime:false"`
}

func (signingKeyRow) TableName() string { return "signing_keys" }

const signingKeyPlace = "signing_keys/1"

// EvidenceKey returns the public part of the key that signs evidence. The first
// call makes the key.
func (s *Store) EvidenceKey(ctx context.Context) (ed25519.PublicKey, error) {
	private, err := s.signingKey(ctx)
	if err != nil {
		return nil, err
	}
	return private.Public().(ed25519.PublicKey), nil
}

func (s *Store) signingKey(ctx context.Context) (ed25519.PrivateKey, error) {
	const doing = "reading the key that signs evidence"
	var row signingKeyRow
	err := s.read(ctx).Take(&row, "id = 1").Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		if err := s.makeSigningKey(ctx); err != nil {
			return nil, err
		}
		err = s.read(ctx).Take(&row, "id = 1").Error
	}
	if err != nil {
		return nil, failed(doing, err)
	}
	seed, err := s.vault.Open(row.Private, signingKeyPlace)
	if err != nil {
		return nil, failed(doing, err)
	}
	private := ed25519.NewKeyFromSeed(seed)
	if !ed25519.PublicKey(row.PublicKey).Equal(private.Public()) {
		return nil, failed(doing, errors.New("its public part was changed in the database"))
	}
	return private, nil
}

func (s *Store) makeSigningKey(ctx context.Context) error {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return failed("making the key that signs evidence", err)
	}
	sealed, err := s.vault.Seal(private.Seed(), signingKeyPlace)
	if err != nil {
		return err
	}
	return s.write(ctx, "making the key that signs evidence", func(db *gorm.DB) error {
		err := db.Create(&signingKeyRow{ID: 1, PublicKey: public, Private: sealed, CreatedAt: instantOf(s.now())}).Error
		if isDuplicate(err) { // somebody was faster: theirs holds
			return nil
		}
		return err
	})
}
