package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"time"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// MaxTries is how many wrong codes a verification takes.
const MaxTries = 5

// Verification is one code sent to a contact, and whether it came back.
type Verification struct {
	ID        int64
	Number    ticket.Number
	Step      contract.Step
	Method    ticket.Method
	Level     ticket.Level
	To        contract.Recipient
	Tries     int // wrong ones
	SentAt    time.Time
	ExpiresAt time.Time
	ProvedAt  time.Time
	Delivered bool // the mail server accepted it
}

// CodeResult is what became of a typed code.
type CodeResult string

const (
	CodeOK      CodeResult = "ok"
	CodeWrong   CodeResult = "wrong"
	CodeExpired CodeResult = "expired"
	CodeUsedUp  CodeResult = "used_up" // too many wrong ones: a new code is needed
)

type verificationRow struct {
	ID           int64
	Number       ticket.Number
	Step         contract.Step
	Method       ticket.Method
	Level        ticket.Level
	Recipient    contract.Recipient
	CodeHash     string
	Reference    string // of the service that checked or carried it; no personal data
	Contact      []byte // sealed: where the code went
	Tries        int
	Delivered    bool
	SentAt       instant
	ExpiresAt    instant
	ProvedAt     instant
	SupersededAt instant
}

func (verificationRow) TableName() string { return "verifications" }

func (r verificationRow) verification() Verification {
	return Verification{ID: r.ID, Number: r.Number, Step: r.Step, Method: r.Method, Level: r.Level, To: r.Recipient, Tries: r.Tries,
		SentAt: r.SentAt.time(), ExpiresAt: r.ExpiresAt.time(), ProvedAt: r.ProvedAt.time(), Delivered: r.Delivered}
}

func (r verificationRow) contactPlace() string {
	return place(r.Number, "verifications", "contact", r.ID)
}

func (s *Store) codeHash(r verificationRow, code string) string {
	return s.vault.Hash("code", fmt.Sprintf("%s/%d/%s", r.Number, r.ID, code))
}

// IssueCode draws a code of six digits to be mailed to a contact, and makes every
// earlier code of the ticket that has not been proved worthless. Of the code only
// a keyed hash is stored.
func (s *Store) IssueCode(ctx context.Context, number ticket.Number, step contract.Step, level ticket.Level,
	to contract.Recipient, contact string, now time.Time, ttl time.Duration) (id int64, code string, err error) {

	code = sixDigits()
	id, err = s.issue(ctx, verificationRow{Number: number, Step: step, Method: ticket.MethodMailCode, Level: level, Recipient: to,
		SentAt: instantOf(now), ExpiresAt: instantOf(now.Add(ttl))}, codeMethods, code, contact)
	return id, code, err
}

// IssueTextCode is IssueCode for a code sent to the telephone on file.
func (s *Store) IssueTextCode(ctx context.Context, number ticket.Number, step contract.Step, phone string, now time.Time, ttl time.Duration) (id int64, code string, err error) {
	code = sixDigits()
	id, err = s.issue(ctx, verificationRow{Number: number, Step: step, Method: ticket.MethodSMSCode, Level: ticket.LevelAccount,
		Recipient: contract.ToOnFile, SentAt: instantOf(now), ExpiresAt: instantOf(now.Add(ttl))}, codeMethods, code, phone)
	return id, code, err
}

// codeMethods are the methods whose secret is a code of six digits: a new one of
// either makes an older one of both worthless.
var codeMethods = []ticket.Method{ticket.MethodMailCode, ticket.MethodSMSCode}

// issue stores a verification whose secret the person has to give back, in place
// of those of the given methods that have not been proved.
func (s *Store) issue(ctx context.Context, new verificationRow, instead []ticket.Method, secret, contact string) (int64, error) {
	var row verificationRow
	err := s.inTx(ctx, "issuing a code for "+string(new.Number), func(tx *gorm.DB) error {
		if _, err := lockTicket(tx, new.Number); err != nil { // so that one code is left of two issued at once
			return err
		}
		key, err := s.openKey(tx, new.Number, daily)
		if err != nil {
			return err
		}
		err = tx.Model(&verificationRow{}).
			Where("number = ? AND method IN ? AND proved_at IS NULL AND superseded_at IS NULL", new.Number, instead).
			Update("superseded_at", new.SentAt).Error
		if err != nil {
			return err
		}
		row = new
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		row.CodeHash = s.codeHash(row, secret)
		if row.Contact, err = key.Seal([]byte(contact), row.contactPlace()); err != nil {
			return err
		}
		return tx.Model(&row).Select("code_hash", "contact").Updates(&row).Error
	})
	return row.ID, err
}

func sixDigits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil { // crypto/rand does not fail
		panic(err)
	}
	return fmt.Sprintf("%06d", n)
}

// TryCode checks a typed code against the last one issued for the ticket. However
// many try at once, at most MaxTries wrong ones are looked at. The right code
// proves the verification once; typed again within its time it is right again,
// and nothing changes. An unknown ticket and one without a code answer CodeWrong.
func (s *Store) TryCode(ctx context.Context, number ticket.Number, code string, now time.Time) (Verification, CodeResult, error) {
	row, result, err := s.trySecret(ctx, number, codeMethods, MaxTries, code, instantOf(now))
	if err != nil {
		return Verification{}, CodeWrong, failed("checking a code of "+string(number), err)
	}
	return row.verification(), result, nil
}

// trySecret tries what the person gave back against the last verification of the
// methods.
func (s *Store) trySecret(ctx context.Context, number ticket.Number, methods []ticket.Method, most int, code string, now instant) (verificationRow, CodeResult, error) {
	var row verificationRow
	err := s.read(ctx).Order("id DESC").Take(&row, "number = ? AND method IN ? AND superseded_at IS NULL", number, methods).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return row, CodeWrong, nil
	case err != nil:
		return row, CodeWrong, err
	case !now.time().Before(row.ExpiresAt.time()):
		return row, CodeExpired, nil
	case row.Tries >= most:
		return row, CodeUsedUp, nil
	}
	counted, err := s.countTry(ctx, row.ID, most)
	if err != nil {
		return row, CodeWrong, err
	}
	if !counted {
		return row, CodeUsedUp, nil
	}
	if !hmac.Equal([]byte(row.CodeHash), []byte(s.codeHash(row, code))) {
		row.Tries++
		return row, CodeWrong, nil
	}
	if row.ProvedAt.isZero() {
		row.ProvedAt = now
	}
	return row, CodeOK, s.proveCode(ctx, row, now)
}

// countTry counts a try before the code is looked at, and only while tries are
// left: one statement, so that no two callers get the same try.
func (s *Store) countTry(ctx context.Context, id int64, most int) (bool, error) {
	var counted bool
	err := s.write(ctx, "counting a try", func(db *gorm.DB) error {
		update := db.Model(&verificationRow{}).Where("id = ? AND tries < ? AND superseded_at IS NULL", id, most).
			Update("tries", gorm.Expr("tries + 1"))
		counted = update.RowsAffected == 1
		return update.Error
	})
	return counted, err
}

// proveCode records that the right code was typed, which gives its try back. Links
// that were mailed to where the code went are proved with it: whoever could read
// the code can read them.
func (s *Store) proveCode(ctx context.Context, row verificationRow, now instant) error {
	return s.inTx(ctx, "recording the right code", func(tx *gorm.DB) error {
		err := tx.Model(&verificationRow{}).Where("id = ?", row.ID).
			Updates(map[string]any{"tries": gorm.Expr("tries - 1"), "proved_at": gorm.Expr("COALESCE(proved_at, ?)", now)}).Error
		if err != nil || row.Method != ticket.MethodMailCode {
			return err
		}
		key, err := s.openKey(tx, row.Number, daily)
		if err != nil {
			return err
		}
		contact, err := key.Open(row.Contact, row.contactPlace())
		if err != nil || len(contact) == 0 {
			return err
		}
		return tx.Model(&linkRow{}).Where("number = ? AND purpose = ? AND contact_hash = ?", row.Number, LinkTrack, s.linkContact(row.Number, string(contact))).
			Update("proved", true).Error
	})
}

// ProvedContact returns the mail address whose control was proved at the highest
// level, the last one if there are several, or ErrNotFound.
func (s *Store) ProvedContact(ctx context.Context, number ticket.Number) (string, error) {
	contact, err := s.provedContact(s.read(ctx), number)
	return contact, failed("looking for a proved contact of "+string(number), err)
}

func (s *Store) provedContact(db *gorm.DB, number ticket.Number) (string, error) {
	var row verificationRow
	err := db.Order("level DESC, id DESC").Take(&row, "number = ? AND method = ? AND proved_at IS NOT NULL", number, ticket.MethodMailCode).Error
	if err != nil {
		return "", err
	}
	key, err := s.openKey(db, number, daily)
	if err != nil {
		return "", err
	}
	contact, err := key.Open(row.Contact, row.contactPlace())
	return string(contact), err
}

// VerificationOf returns the verification of a step, or ErrNotFound.
func (s *Store) VerificationOf(ctx context.Context, number ticket.Number, step contract.Step) (Verification, error) {
	var row verificationRow
	err := s.read(ctx).Order("id DESC").Take(&row, "number = ? AND step = ?", number, step).Error
	return row.verification(), failed("reading the verification "+string(step)+" of "+string(number), err)
}

// VerificationDelivered records that what was sent for a verification has been
// accepted, and under which reference.
func (s *Store) VerificationDelivered(ctx context.Context, id int64, reference string) error {
	return s.write(ctx, "recording that a code was sent", func(db *gorm.DB) error {
		return db.Model(&verificationRow{}).Where("id = ?", id).
			Updates(map[string]any{"delivered": true, "reference": reference}).Error
	})
}

// LatestVerification returns the last code issued for a ticket, and how it stands.
func (s *Store) LatestVerification(ctx context.Context, number ticket.Number) (Verification, error) {
	var row verificationRow
	err := s.read(ctx).Order("id DESC").Take(&row, "number = ?", number).Error
	return row.verification(), failed("reading the verification of "+string(number), err)
}

// MaxAmountTries is how many wrong amounts a payment takes.
const MaxAmountTries = 3

var amountMethods = []ticket.Method{ticket.MethodBankPayment}

// IssueAmount stores the amount of a payment that is about to be made, as a keyed
// hash, in place of an earlier one that was not confirmed.
func (s *Store) IssueAmount(ctx context.Context, number ticket.Number, amount string, now time.Time, ttl time.Duration) (int64, error) {
	return s.issue(ctx, verificationRow{Number: number, Step: "payment", Method: ticket.MethodBankPayment, Level: ticket.LevelReal,
		SentAt: instantOf(now), ExpiresAt: instantOf(now.Add(ttl))}, amountMethods, amount, "")
}

// TryAmount tries an amount against the last payment, as TryCode tries a code.
func (s *Store) TryAmount(ctx context.Context, number ticket.Number, amount string, now time.Time) (Verification, CodeResult, error) {
	row, result, err := s.trySecret(ctx, number, amountMethods, MaxAmountTries, amount, instantOf(now))
	if err != nil {
		return Verification{}, CodeWrong, failed("checking an amount of "+string(number), err)
	}
	return row.verification(), result, nil
}

// PaymentWaits reports whether a payment was made whose amount may still be
// entered.
func (s *Store) PaymentWaits(ctx context.Context, number ticket.Number, now time.Time) (bool, error) {
	var n int64
	err := s.read(ctx).Model(&verificationRow{}).
		Where("number = ? AND method = ? AND delivered = ? AND superseded_at IS NULL AND proved_at IS NULL AND tries < ? AND expires_at > ?",
			number, ticket.MethodBankPayment, true, MaxAmountTries, instantOf(now)).Count(&n).Error
	return n > 0, failed("looking for a payment of "+string(number), err)
}

// AddVerdict records what a service said of the person: the verdict and its
// reference, and nothing of what it was asked.
func (s *Store) AddVerdict(ctx context.Context, number ticket.Number, method ticket.Method, level ticket.Level, reference string, passed bool, now time.Time) (Verification, error) {
	row := verificationRow{Number: number, Step: contract.Step(method), Method: method, Level: level, Reference: reference,
		Tries: 1, Delivered: true, SentAt: instantOf(now), ExpiresAt: instantOf(now)}
	if passed {
		row.Tries, row.ProvedAt = 0, instantOf(now)
	}
	err := s.write(ctx, "recording a verdict about "+string(number), func(db *gorm.DB) error {
		row.ID = 0
		return db.Create(&row).Error
	})
	return row.verification(), err
}

// DropVerification makes a verification worthless.
func (s *Store) DropVerification(ctx context.Context, id int64, now time.Time) error {
	return s.write(ctx, "dropping a verification", func(db *gorm.DB) error {
		return db.Model(&verificationRow{}).Where("id = ?", id).Update("superseded_at", instantOf(now)).Error
	})
}
