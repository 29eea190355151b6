package store

import "rightsdesk/seal"

// signingKeyRow is the key that signs evidence.
type signingKeyRow struct {
	ID        int64 `gorm:"primaryKey;autoIncrement:false"`
	PublicKey []byte
	Private   []byte  // sealed with the vault
	CreatedAt instant `gorm:"autoCreateTime:false"`
}

func (signingKeyRow) TableName() string { return "signing_keys" }

var _ = seal.NewToken
