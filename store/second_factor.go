package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// recoveryCodeRow is a code that stands in for the second factor once: using it
// deletes it. Only a keyed hash is stored.
type recoveryCodeRow struct {
	Agent    ticket.AgentID `gorm:"primaryKey"`
	CodeHash string         `gorm:"primaryKey"`
}

func (recoveryCodeRow) TableName() string { return "recovery_codes" }

func factorPlace(id ticket.AgentID) string { return "agents/factor_secret/" + string(id) }

// recoveryHash is the same however a code is typed: in capitals, with or without
// hyphens and spaces.
func (s *Store) recoveryHash(id ticket.AgentID, code string) string {
	code = strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	return s.vault.Hash("recovery-code", string(id)+"/"+code)
}

// EnrolFactor gives a member a second factor: its secret, the step of the code by
// which it was proved, and recovery codes. ErrExists: they have one.
func (s *Store) EnrolFactor(ctx context.Context, id ticket.AgentID, secret string, step int64, codes []string, now time.Time, events ...StaffEvent) error {
	return s.inTx(ctx, "enrolling a second factor of "+string(id), func(tx *gorm.DB) error {
		var row agentRow
		if err := tx.Clauses(forUpdate()).Take(&row, "id = ?", id).Error; err != nil {
			return err
		}
		if !row.FactorAt.isZero() {
			return ErrExists
		}
		sealed, err := s.vault.Seal([]byte(secret), factorPlace(id))
		if err != nil {
			return err
		}
		err = tx.Model(&agentRow{}).Where("id = ?", id).Updates(map[string]any{"factor_secret": sealed, "factor_step": step,
			"factor_at": instantOf(now)}).Error
		if err == nil {
			err = s.replaceCodes(tx, id, codes)
		}
		if err != nil {
			return err
		}
		return s.recordStaff(tx, id, events)
	})
}

// FactorSecret is the secret of a member's second factor; ErrNotFound: there is
// none.
func (s *Store) FactorSecret(ctx context.Context, id ticket.AgentID) (string, error) {
	doing := "reading the second factor of " + string(id)
	var row agentRow
	if err := s.read(ctx).Take(&row, "id = ?", id).Error; err != nil {
		return "", failed(doing, err)
	}
	if row.FactorAt.isZero() {
		return "", failed(doing, ErrNotFound)
	}
	secret, err := s.vault.Open(row.FactorSecret, factorPlace(id))
	return string(secret), failed(doing, err)
}

// UseFactorStep takes the code of a step, unless that one or a later one was
// taken before, by whichever process.
func (s *Store) UseFactorStep(ctx context.Context, id ticket.AgentID, step int64) (taken bool, err error) {
	err = s.write(ctx, "taking a code of "+string(id), func(db *gorm.DB) error {
		done := db.Model(&agentRow{}).Where("id = ? AND factor_at IS NOT NULL AND factor_step < ?", id, step).Update("factor_step", step)
		taken = done.RowsAffected == 1
		return done.Error
	})
	return taken && err == nil, err
}

// UseRecoveryCode takes a recovery code, once.
func (s *Store) UseRecoveryCode(ctx context.Context, id ticket.AgentID, code string, events ...StaffEvent) (taken bool, err error) {
	err = s.inTx(ctx, "taking a recovery code of "+string(id), func(tx *gorm.DB) error {
		done := tx.Delete(&recoveryCodeRow{}, "agent = ? AND code_hash = ?", id, s.recoveryHash(id, code))
		taken = done.RowsAffected == 1
		if done.Error != nil || !taken {
			return done.Error
		}
		return s.recordStaff(tx, id, events)
	})
	return taken && err == nil, err
}

// RenewRecoveryCodes puts new recovery codes in the place of all that are left.
func (s *Store) RenewRecoveryCodes(ctx context.Context, id ticket.AgentID, codes []string, events ...StaffEvent) error {
	return s.inTx(ctx, "making recovery codes for "+string(id), func(tx *gorm.DB) error {
		if err := s.replaceCodes(tx, id, codes); err != nil {
			return err
		}
		return s.recordStaff(tx, id, events)
	})
}

func (s *Store) replaceCodes(tx *gorm.DB, id ticket.AgentID, codes []string) error {
	if err := tx.Delete(&recoveryCodeRow{}, "agent = ?", id).Error; err != nil {
		return err
	}
	var rows []recoveryCodeRow
	for _, code := range codes {
		rows = append(rows, recoveryCodeRow{Agent: id, CodeHash: s.recoveryHash(id, code)})
	}
	if rows == nil {
		return nil
	}
	return tx.Create(&rows).Error
}

// RecoveryCodesLeft counts the codes that are not used.
func (s *Store) RecoveryCodesLeft(ctx context.Context, id ticket.AgentID) (int, error) {
	var n int64
	err := s.read(ctx).Model(&recoveryCodeRow{}).Where("agent = ?", id).Count(&n).Error
	return int(n), failed("counting recovery codes of "+string(id), err)
}

// ResetFactor takes a member's second factor and recovery codes away, and ends
// all their sessions.
func (s *Store) ResetFactor(ctx context.Context, id ticket.AgentID, events ...StaffEvent) error {
	if err := s.revokeAPITokens(ctx, id); err != nil { // made with the access there was before
		return err
	}
	return s.endWays(ctx, id, nil, events)
}

// LinkSubject binds a member to who they are at the single sign-on, by its issuer
// and subject. From then on that is the one way in: password and second factor
// are gone, and all sessions end. ErrExists: they are bound to somebody else, or
// somebody else is bound to it.
func (s *Store) LinkSubject(ctx context.Context, id ticket.AgentID, issuer, subject string, events ...StaffEvent) error {
	hash := s.SubjectHash(issuer, subject)
	known, err := s.AgentBySubject(ctx, issuer, subject)
	switch {
	case err == nil && known.ID != id:
		return failed("linking "+string(id), ErrExists)
	case err != nil && !errors.Is(err, ErrNotFound):
		return err
	}
	return s.endWays(ctx, id, map[string]any{"subject": hash, "password_hash": "", "must_change": false}, events)
}

// endWays changes columns of a member, takes their second factor away and ends
// their sessions.
func (s *Store) endWays(ctx context.Context, id ticket.AgentID, columns map[string]any, events []StaffEvent) error {
	return s.inTx(ctx, "changing how "+string(id)+" signs in", func(tx *gorm.DB) error {
		var was agentRow
		if err := tx.Clauses(forUpdate()).Take(&was, "id = ?", id).Error; err != nil {
			return err
		}
		if to, ok := columns["subject"]; ok && was.Subject != "" && was.Subject != to {
			return ErrExists
		}
		change := map[string]any{"factor_secret": nil, "factor_step": 0, "factor_at": nil, "epoch": was.Epoch + 1}
		for name, value := range columns {
			change[name] = value
		}
		err := tx.Model(&agentRow{}).Where("id = ?", id).Updates(change).Error
		if err == nil {
			err = s.replaceCodes(tx, id, nil)
		}
		if err != nil {
			return err
		}
		return s.recordStaff(tx, id, events)
	})
}

// SubjectHash is under what somebody of the single sign-on is known here.
func (s *Store) SubjectHash(issuer, subject string) string {
	return s.vault.Hash("single-sign-on", issuer+"\x00"+subject)
}

// AgentBySubject returns the member who is somebody of the single sign-on.
func (s *Store) AgentBySubject(ctx context.Context, issuer, subject string) (Agent, error) {
	var row agentRow
	if err := s.read(ctx).Take(&row, "subject = ?", s.SubjectHash(issuer, subject)).Error; err != nil {
		return Agent{}, failed("looking up a member by single sign-on", err)
	}
	return s.agent(row)
}
