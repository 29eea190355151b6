package store

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// SavedResponse is the answer given to a request that comes again.
type SavedResponse struct {
	Status      int
	ContentType string
	Body        []byte
}

const (
	// IdempotencyLifetime is how long an answer is kept for a repeated request.
	IdempotencyLifetime = 24 * time.Hour
	// IdempotencyTakeover is when a request that never finished may be made again.
	IdempotencyTakeover = time.Minute
)

type idempotentRow struct {
	Scope       string `gorm:"primaryKey"`
	KeyHash     string `gorm:"primaryKey"`
	RequestHash string // keyed again: a plain hash of a request could be tried out
	Status      int    // 0: in progress
	ContentType string
	Body        []byte // sealed with the vault
	BegunAt     instant
}

func (idempotentRow) TableName() string { return "idempotent_requests" }

func (r idempotentRow) place() string { return "idempotent_requests/" + r.Scope + "/" + r.KeyHash }

// BeginIdempotent begins a request under its key: nil means go on, and call
// FinishIdempotent or AbandonIdempotent. A request that was answered before
// returns that answer; ErrConflict says that the key was used for another
// request, ErrInProgress that the same one is being worked on.
func (s *Store) BeginIdempotent(ctx context.Context, scope, key, requestHash string, now time.Time) (*SavedResponse, error) {
	fresh := idempotentRow{Scope: scope, KeyHash: s.vault.Hash("idempotency", key),
		RequestHash: s.vault.Hash("request", requestHash), BegunAt: instantOf(now)}
	const doing = "beginning a request once"
	err := s.writeLightly(ctx, doing, func(db *gorm.DB) error { return db.Create(&fresh).Error })
	if !isDuplicate(err) { // a key is used once as a rule: one statement will do
		return nil, err
	}
	var saved *SavedResponse
	err = s.inTx(ctx, doing, func(tx *gorm.DB) error {
		saved = nil
		err := tx.Create(&fresh).Error
		if !isDuplicate(err) {
			return err
		}
		var there idempotentRow
		err = tx.Clauses(forUpdate()).Take(&there, "scope = ? AND key_hash = ?", scope, fresh.KeyHash).Error
		if err != nil {
			return err
		}
		age := now.Sub(there.BegunAt.time())
		switch {
		case age > IdempotencyLifetime:
			return tx.Model(&fresh).Select("*").Updates(&fresh).Error
		case there.RequestHash != fresh.RequestHash:
			return ErrConflict
		case there.Status == 0 && age.Abs() > IdempotencyTakeover: // begun in the future: by a clock that was ahead
			return tx.Model(&fresh).Select("*").Updates(&fresh).Error
		case there.Status == 0:
			return ErrInProgress
		}
		body, err := s.vault.Open(there.Body, there.place())
		saved = &SavedResponse{Status: there.Status, ContentType: there.ContentType, Body: body}
		return err
	})
	if err != nil {
		return nil, err
	}
	return saved, nil
}

// FinishIdempotent keeps the answer to a request that was begun.
func (s *Store) FinishIdempotent(ctx context.Context, scope, key string, status int, contentType string, body []byte) error {
	return s.writeLightly(ctx, "keeping an answer", func(db *gorm.DB) error {
		row := idempotentRow{Scope: scope, KeyHash: s.vault.Hash("idempotency", key), Status: status, ContentType: contentType}
		var err error
		if row.Body, err = s.vault.Seal(body, row.place()); err != nil {
			return err
		}
		return db.Model(&row).Select("status", "content_type", "body").Updates(&row).Error
	})
}

// AbandonIdempotent forgets a request that failed and may be made again.
func (s *Store) AbandonIdempotent(ctx context.Context, scope, key string) error {
	return s.write(ctx, "forgetting a request", func(db *gorm.DB) error {
		return db.Delete(&idempotentRow{}, "scope = ? AND key_hash = ? AND status = 0", scope, s.vault.Hash("idempotency", key)).Error
	})
}
