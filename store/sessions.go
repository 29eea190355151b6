package store

import (
	"context"
	"time"

	"github.com/alexedwards/scs/v2"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type sessionRow struct {
	TokenHash string `gorm:"primaryKey"`
	Data      []byte // sealed with the vault
	ExpiresAt instant
}

func (sessionRow) TableName() string { return "sessions" }

// sessions keeps sign-ins for scs. Of a session's token only a keyed hash is
// stored, and its data is sealed.
type sessions struct{ s *Store }

var _ scs.CtxStore = sessions{}

// SessionStore keeps scs sessions in the database. It is an scs.CtxStore too.
func (s *Store) SessionStore() scs.Store { return sessions{s} }

func sessionPlace(hash string) string { return "sessions/" + hash }

func (t sessions) hash(token string) string { return t.s.vault.Hash("session", token) }

func (t sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	hash := t.hash(token)
	var rows []sessionRow
	err := t.s.read(ctx).Limit(1).Find(&rows, "token_hash = ? AND expires_at > ?", hash, instantOf(t.s.now())).Error
	if err != nil || len(rows) == 0 {
		return nil, false, failed("reading a session", err)
	}
	data, err := t.s.vault.Open(rows[0].Data, sessionPlace(hash))
	if err != nil { // sealed under a master key that is gone: as if signed out
		return nil, false, nil
	}
	return data, true, nil
}

func (t sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	hash := t.hash(token)
	sealed, err := t.s.vault.Seal(data, sessionPlace(hash))
	if err != nil {
		return failed("keeping a session", err)
	}
	return t.s.write(ctx, "keeping a session", func(db *gorm.DB) error {
		return db.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "token_hash"}},
			DoUpdates: clause.AssignmentColumns([]string{"data", "expires_at"}),
		}).Create(&sessionRow{TokenHash: hash, Data: sealed, ExpiresAt: instantOf(expiry)}).Error
	})
}

func (t sessions) DeleteCtx(ctx context.Context, token string) error {
	return t.s.write(ctx, "ending a session", func(db *gorm.DB) error {
		return db.Delete(&sessionRow{}, "token_hash = ?", t.hash(token)).Error
	})
}

// TakeSession gives what is kept under a token of SessionStore once: whoever
// comes second, also at the same instant, gets nothing.
func (s *Store) TakeSession(ctx context.Context, token string) ([]byte, bool, error) {
	t := sessions{s}
	data, found, err := t.FindCtx(ctx, token)
	if err != nil || !found {
		return nil, false, err
	}
	mine := false
	err = s.write(ctx, "taking a session", func(db *gorm.DB) error {
		deleted := db.Delete(&sessionRow{}, "token_hash = ?", t.hash(token))
		mine = deleted.RowsAffected == 1
		return deleted.Error
	})
	if err != nil || !mine {
		return nil, false, err
	}
	return data, true, nil
}

func (t sessions) Find(token string) ([]byte, bool, error) {
	return t.FindCtx(context.Background(), token)
}

func (t sessions) Commit(token string, data []byte, expiry time.Time) error {
	return t.CommitCtx(context.Background(), token, data, expiry)
}

func (t sessions) Delete(token string) error {
	return t.DeleteCtx(context.Background(), token)
}
