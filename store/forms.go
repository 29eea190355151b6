package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"rightsdesk/seal"
	"rightsdesk/ticket"
)

// Form is what was typed and not sent yet. It is stored sealed under a key of
// its own, for an hour at most.
type Form struct {
	Token     string
	Kind      ticket.Kind
	Locale    ticket.Locale
	Values    map[string][]string
	ExpiresAt time.Time
	Number    ticket.Number // once filed; Values are gone by then
}

// FormLifetime is how long a form is kept at most.
const FormLifetime = time.Hour

type formRow struct {
	TokenHash   string `gorm:"primaryKey"`
	Kind        ticket.Kind
	Locale      ticket.Locale
	DataKey     []byte // wrapped; NULL once sent
	Typed       []byte // sealed JSON of Form.Values
	ExpiresAt   instant
	Number      ticket.Number
	SessionHash string // of a ticket's session, for a reply; else empty
}

func (formRow) TableName() string { return "forms" }

// formHash is what is stored of a form's token; nil for none.
func (s *Store) formHash(token string) *string {
	if token == "" {
		return nil
	}
	hash := s.vault.Hash("form", token)
	return &hash
}

func formPlace(hash, table, column string, row any) string {
	return place(ticket.Number("form-"+hash), table, column, row)
}

// SaveForm keeps what was typed so far, in place of what was kept before. A form
// that has been sent stays as it is.
func (s *Store) SaveForm(ctx context.Context, f Form) error {
	return s.inTx(ctx, "keeping a form", func(tx *gorm.DB) error {
		row, key, err := s.openForm(tx, f.Token)
		if err != nil || key == nil {
			return err
		}
		if row.Typed, err = sealJSON(key, f.Values, formPlace(row.TokenHash, "forms", "typed", "")); err != nil {
			return err
		}
		row.Kind, row.Locale = f.Kind, f.Locale
		if !f.ExpiresAt.IsZero() {
			row.ExpiresAt = instantOf(f.ExpiresAt)
		}
		return tx.Model(&row).Select("*").Updates(&row).Error
	})
}

// OnlyForm makes this the only form being written in a session: others of the
// session that were not sent are gone, with their files.
func (s *Store) OnlyForm(ctx context.Context, token, session string) error {
	return s.inTx(ctx, "keeping one form a session", func(tx *gorm.DB) error {
		row, key, err := s.openForm(tx, token)
		if err != nil || key == nil || session == "" {
			return err
		}
		of := s.vault.Hash("form-session", session)
		var others []string
		err = tx.Model(&formRow{}).Clauses(forUpdate()).
			Where("session_hash = ? AND token_hash <> ? AND data_key IS NOT NULL", of, row.TokenHash).
			Pluck("token_hash", &others).Error
		if err != nil {
			return err
		}
		if len(others) > 0 {
			if err := tx.Delete(&uploadRow{}, "form_hash IN ?", others).Error; err != nil {
				return err
			}
			if err := tx.Delete(&formRow{}, "token_hash IN ?", others).Error; err != nil {
				return err
			}
		}
		return tx.Model(&row).Select("session_hash").Updates(&formRow{SessionHash: of}).Error
	})
}

// openForm locks a form, making it if it isn't there, and returns its key: nil if
// it has been sent.
func (s *Store) openForm(tx *gorm.DB, token string) (formRow, *seal.DataKey, error) {
	hash := s.formHash(token)
	if hash == nil {
		return formRow{}, nil, errors.New("the form has no token")
	}
	var row formRow
	err := tx.Clauses(forUpdate()).Take(&row, "token_hash = ?", *hash).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		wrapped, _, err := s.vault.NewDataKey()
		if err != nil {
			return formRow{}, nil, err
		}
		row = formRow{TokenHash: *hash, DataKey: wrapped, ExpiresAt: instantOf(s.now().Add(FormLifetime))}
		if filed, err := filedFrom(tx, hash); err == nil { // its own row has expired
			row.Number, row.DataKey = filed.Number, nil
		}
		if err := tx.Create(&row).Error; err != nil && !isDuplicate(err) {
			return formRow{}, nil, err
		}
		if err := tx.Clauses(forUpdate()).Take(&row, "token_hash = ?", *hash).Error; err != nil {
			return formRow{}, nil, err
		}
	} else if err != nil {
		return formRow{}, nil, err
	}
	if row.DataKey == nil {
		return row, nil, nil
	}
	key, err := s.vault.DataKey(row.DataKey)
	return row, key, err
}

// Form returns a form; once it has been sent, only the number of its ticket.
func (s *Store) Form(ctx context.Context, token string) (Form, error) {
	f, err := s.form(s.read(ctx), token)
	return f, failed("reading a form", err)
}

func (s *Store) form(db *gorm.DB, token string) (Form, error) {
	f := Form{Token: token}
	hash := s.formHash(token)
	if hash == nil {
		return f, ErrNotFound
	}
	if filed, err := filedFrom(db, hash); err == nil {
		f.Number, f.Kind, f.Locale = filed.Number, filed.Kind, filed.Locale
		return f, nil
	} else if !errors.Is(err, gorm.ErrRecordNotFound) {
		return f, err
	}
	var row formRow
	if err := db.Take(&row, "token_hash = ?", *hash).Error; err != nil {
		return f, err
	}
	f.Kind, f.Locale, f.ExpiresAt, f.Number = row.Kind, row.Locale, row.ExpiresAt.time(), row.Number
	if row.DataKey == nil || row.Typed == nil {
		return f, nil
	}
	key, err := s.vault.DataKey(row.DataKey)
	if err != nil {
		return f, err
	}
	return f, openJSON(key, row.Typed, formPlace(*hash, "forms", "typed", ""), &f.Values)
}

// DeleteExpiredForms deletes forms past their time, with their uploads, and says
// how many.
func (s *Store) DeleteExpiredForms(ctx context.Context, now time.Time) (int, error) {
	var deleted int
	err := s.inTx(ctx, "deleting expired forms", func(tx *gorm.DB) error {
		var hashes []string
		err := tx.Model(&formRow{}).Clauses(forUpdate()).Where("expires_at <= ?", instantOf(now)).Limit(500).Pluck("token_hash", &hashes).Error
		if err != nil || len(hashes) == 0 {
			deleted = 0
			return err
		}
		if err := tx.Delete(&uploadRow{}, "form_hash IN ?", hashes).Error; err != nil {
			return err
		}
		deleted = len(hashes)
		return tx.Delete(&formRow{}, "token_hash IN ?", hashes).Error
	})
	return deleted, err
}
