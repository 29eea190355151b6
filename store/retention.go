package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// Retained is what is kept of a cancelled account until the law lets it go.
type Retained struct {
	LockedAt    time.Time
	Until       time.Time
	Fields      []RetainedField
	Content     Content
	Messages    []Message
	Attachments []Attachment
}

// RetainedField is a kept field with its value.
type RetainedField struct {
	KeptField
	Value string
}

// keptRecord is what stays of an account once it is locked away.
type keptRecord struct {
	Ref    string          `json:"ref,omitempty"` // for the purge at the account system
	Fields []RetainedField `json:"fields"`
}

// LockAway begins the time for which the law keeps a cancelled account's data. Of
// the account only the kept fields remain, and its key at the account system (see
// AccountRef); contacts no longer find the ticket, and drafts are gone. Everything
// personal that is left (those fields, what was written, the files) answers
// ErrLocked from now on, to reading and to writing, and only OpenRetained shows it.
// Links still lead to the ticket's row, so that the
// person can see how it stands. Locking twice changes nothing.
//
// Mails that need the person's address must have left before.
func (s *Store) LockAway(ctx context.Context, number ticket.Number, kept []KeptField, until time.Time) error {
	err := s.inTx(ctx, "locking away "+string(number), func(tx *gorm.DB) error {
		row, err := lockTicket(tx, number)
		if err != nil || !row.LockedAt.isZero() {
			return err
		}
		if err := s.keepOnly(tx, number, kept); err != nil {
			return err
		}
		for _, gone := range []any{&draftRow{}, &contactRow{}, &presenceRow{}} {
			if err := tx.Delete(gone, "number = ?", number).Error; err != nil {
				return err
			}
		}
		if err := dropForms(tx, number); err != nil {
			return err
		}
		return tx.Model(&row).Updates(map[string]any{"locked_at": instantOf(s.now()), "kept_until": instantOf(until)}).Error
	})
	if err == nil {
		s.forgetOldPages(ctx)
	}
	return err
}

// keepOnly replaces what the account system said by the fields that are kept.
func (s *Store) keepOnly(tx *gorm.DB, number ticket.Number, kept []KeptField) error {
	key, err := s.openKey(tx, number, daily)
	if err != nil {
		return err
	}
	account, err := s.account(tx, number)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	record := keptRecord{Ref: account.Ref, Fields: make([]RetainedField, len(kept))}
	for i, k := range kept {
		record.Fields[i] = RetainedField{KeptField: k, Value: account.Fields[k.Field]}
	}
	sealed, err := sealJSON(key, record, placeOf(number, "kept"))
	if err != nil {
		return err
	}
	return tx.Model(&secretRow{}).Where("number = ?", number).Updates(map[string]any{"kept": sealed, "account": nil}).Error
}

// OpenRetained returns what is locked away, for a reason that is kept with it and
// named in the audit trail. ErrNotFound: nothing is locked away. Whether the agent
// may is decided by the caller.
func (s *Store) OpenRetained(ctx context.Context, number ticket.Number, agent ticket.AgentID, reason string, at time.Time) (Retained, error) {
	var r Retained
	if strings.TrimSpace(reason) == "" {
		return r, ticket.RefuseField("reason", "required")
	}
	err := s.inTx(ctx, "opening what is kept of "+string(number), func(tx *gorm.DB) (err error) {
		if _, err := lockTicket(tx, number); err != nil {
			return err
		}
		id, err := s.addMessage(tx, NewMessage{Number: number, Kind: MessageReason, Agent: agent, At: at, Text: reason}, retained)
		if err != nil {
			return err
		}
		err = s.addEvents(tx, number, 0, contract.Event{At: at, Actor: contract.ByStaff, Agent: agent,
			Act: contract.ActRetainedOpened, Object: id})
		if err != nil {
			return err
		}
		r, err = s.retained(tx, number)
		return err
	})
	if err != nil {
		return Retained{}, err
	}
	return r, nil
}

func (s *Store) retained(tx *gorm.DB, number ticket.Number) (Retained, error) {
	row, err := ticketByNumber(tx, number)
	if err != nil {
		return Retained{}, err
	}
	if row.LockedAt.isZero() {
		return Retained{}, ErrNotFound
	}
	r := Retained{LockedAt: row.LockedAt.time(), Until: row.KeptUntil.time()}
	key, err := s.openKey(tx, number, retained)
	if err != nil {
		return r, err
	}
	var secret secretRow
	if err := tx.Select("kept").Take(&secret, "number = ?", number).Error; err != nil {
		return r, err
	}
	var record keptRecord
	if err := openJSON(key, secret.Kept, placeOf(number, "kept"), &record); err != nil {
		return r, err
	}
	r.Fields = record.Fields
	if r.Content, err = s.content(tx, number, retained); err != nil {
		return r, err
	}
	if r.Messages, err = s.messages(tx.Order("id").Where("number = ?", number), number, retained); err != nil {
		return r, err
	}
	r.Attachments, err = s.attachments(tx, number, retained)
	return r, err
}

// AccountRef returns the account's key at the account system, or ErrNotFound if
// none is known. It names nobody outside that system, and the purge there needs it
// at the end of the retention: it stays readable while everything else is locked
// away, and is gone with the ticket's key.
func (s *Store) AccountRef(ctx context.Context, number ticket.Number) (string, error) {
	ref, err := s.accountRef(s.read(ctx), number)
	return ref, failed("reading the account's key of "+string(number), err)
}

func (s *Store) accountRef(db *gorm.DB, number ticket.Number) (string, error) {
	key, err := s.openKey(db, number, retained)
	if err != nil {
		return "", err
	}
	var secret secretRow
	if err := db.Select("account", "kept").Take(&secret, "number = ?", number).Error; err != nil {
		return "", err
	}
	var ref string
	switch {
	case secret.Kept != nil:
		var record keptRecord
		err = openJSON(key, secret.Kept, placeOf(number, "kept"), &record)
		ref = record.Ref
	case secret.Account != nil:
		var account AccountSnapshot
		err = openJSON(key, secret.Account, placeOf(number, "account"), &account)
		ref = account.Ref
	}
	if err == nil && ref == "" {
		err = ErrNotFound
	}
	return ref, err
}
