package store

import (
	"time"

	"gorm.io/gorm"
)

// migration0001Desk makes the tables that belong to no ticket.
func migration0001Desk(tx *gorm.DB) error {
	type Form struct {
		TokenHash string `gorm:"primaryKey;size:64"`
		Kind      string `gorm:"size:32;not null"`
		Locale    string `gorm:"size:16;not null"`
		DataKey   []byte `gorm:"size:512"`
		Typed     []byte
		ExpiresAt time.Time `gorm:"precision:6;not null;index:forms_expiry"`
		Number    string    `gorm:"size:24;not null"`
	}
	type Upload struct {
		ID        int64  `gorm:"primaryKey"`
		FormHash  string `gorm:"size:64;not null;index:uploads_form"`
		MediaType string `gorm:"size:128;not null"`
		Size      int64  `gorm:"not null"`
		Name      []byte
		Content   []byte
	}
	type Agent struct {
		ID           string    `gorm:"primaryKey;size:32"`
		Name         string    `gorm:"size:128;not null"`
		Email        []byte    `gorm:"size:2048"`
		Role         string    `gorm:"size:24;not null"`
		PasswordHash string    `gorm:"size:255;not null"`
		MustChange   bool      `gorm:"not null"`
		Disabled     bool      `gorm:"not null"`
		AwayUntil    time.Time `gorm:"precision:6"`
		CreatedAt    time.Time `gorm:"precision:6;not null"`
		LastSeen     time.Time `gorm:"precision:6"`
		FailedTries  int       `gorm:"not null"`
		LockedUntil  time.Time `gorm:"precision:6"`
	}
	type Session struct {
		TokenHash string    `gorm:"primaryKey;size:64"`
		Data      []byte    `gorm:"not null"`
		ExpiresAt time.Time `gorm:"precision:6;not null;index:sessions_expiry"`
	}
	type ApiToken struct {
		ID        int64     `gorm:"primaryKey"`
		TokenHash string    `gorm:"size:64;not null;uniqueIndex:api_tokens_token"`
		Agent     string    `gorm:"size:32;not null;index:api_tokens_agent"`
		Name      string    `gorm:"size:128;not null"`
		CreatedAt time.Time `gorm:"precision:6;not null"`
		LastUsed  time.Time `gorm:"precision:6"`
		RevokedAt time.Time `gorm:"precision:6"`
	}
	type IdempotentRequest struct {
		Scope       string `gorm:"primaryKey;size:64"`
		KeyHash     string `gorm:"primaryKey;size:64"`
		RequestHash string `gorm:"size:64;not null"`
		Status      int    `gorm:"not null"`
		ContentType string `gorm:"size:128;not null"`
		Body        []byte
		BegunAt     time.Time `gorm:"precision:6;not null;index:idempotent_requests_begun"`
	}
	type LimitCounter struct {
		KeyHash   string    `gorm:"primaryKey;size:64"`
		StartsAt  time.Time `gorm:"primaryKey;precision:6"`
		ExpiresAt time.Time `gorm:"precision:6;not null;index:limit_counters_expiry"`
		Used      int       `gorm:"not null"`
	}
	type Calendar struct {
		Name     string    `gorm:"primaryKey;size:32"`
		Version  int       `gorm:"primaryKey;autoIncrement:false"`
		Text     []byte    `gorm:"not null"`
		Digest   string    `gorm:"size:64;not null"`
		LoadedBy string    `gorm:"size:32;not null"`
		LoadedAt time.Time `gorm:"precision:6;not null"`
	}
	type Policy struct {
		Digest  string `gorm:"primaryKey;size:64"`
		Name    string `gorm:"size:32;not null"`
		Version string `gorm:"size:32;not null"`
		Text    []byte `gorm:"not null"`
	}
	return tx.AutoMigrate(&Form{}, &Upload{}, &Agent{}, &Session{}, &ApiToken{}, &IdempotentRequest{},
		&LimitCounter{}, &Calendar{}, &Policy{})
}
