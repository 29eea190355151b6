package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/seal"
	"rightsdesk/ticket"
)

// Filing is a request about to become a ticket.
type Filing struct {
	FormToken   string // of the staged form; filing it again gives the same ticket. Empty: no repeat is recognised
	Number      ticket.Number
	Kind        ticket.Kind
	Category    ticket.Category
	Channel     ticket.Channel
	Relation    ticket.Relation
	Locale      ticket.Locale
	ReceivedAt  time.Time
	FiledAt     time.Time
	FiledBy     ticket.AgentID // Nobody: by the person
	Policy      ticket.PolicyRef
	PolicyText  []byte // stored once per digest
	ReplyDue    time.Time
	Provisional bool
	Calendar    contract.CalendarVersion
	Content     Content
	Uploads     []UploadID // staged under FormToken, moved to the ticket; those not named are deleted
	Files       []NewFile  // not staged
	Start       contract.Start
}

// NewFile is a file to attach.
type NewFile struct {
	Name    string
	Type    string // media type
	Content []byte
}

// File makes a ticket of a request: its row, what was written and uploaded, the
// first event of its audit trail and the pending start of its workflow, in one
// transaction; the start is returned with it. Filing the same form again changes
// nothing and returns the ticket made of it, and no start. ErrExists: the number is
// taken, draw another. ErrNotFound: an upload is not staged under the form.
func (s *Store) File(ctx context.Context, f Filing) (Ticket, *Delivery, error) {
	var row ticketRow
	var start *deliveryRow
	err := s.inTx(ctx, "filing "+string(f.Number), func(tx *gorm.DB) (err error) {
		row, start, err = s.file(tx, f)
		return err
	})
	if err != nil {
		return Ticket{}, nil, err
	}
	t, err := row.ticket()
	if err != nil || start == nil {
		return t, nil, err
	}
	d := start.delivery()
	return t, &d, nil
}

func (s *Store) file(tx *gorm.DB, f Filing) (ticketRow, *deliveryRow, error) {
	form := s.formHash(f.FormToken)
	if row, err := filedFrom(tx, form); err == nil || !errors.Is(err, gorm.ErrRecordNotFound) {
		return row, nil, err
	}
	if err := s.savePolicy(tx, f.Policy, f.PolicyText); err != nil {
		return ticketRow{}, nil, err
	}
	row, err := f.row(form)
	if err != nil {
		return row, nil, err
	}
	if err := tx.Create(&row).Error; isDuplicate(err) {
		// Somebody was faster: with the same form, or by chance with the same number.
		if row, err := filedFrom(tx, form); err == nil || !errors.Is(err, gorm.ErrRecordNotFound) {
			return row, nil, err
		}
		return row, nil, ErrExists
	} else if err != nil {
		return row, nil, err
	}
	key, err := s.fileContent(tx, f)
	if err != nil {
		return row, nil, err
	}
	files := fileBatch{number: f.Number, at: f.FiledAt, fromSubject: true, form: f.FormToken, uploads: f.Uploads, files: f.Files}
	if err := s.attach(tx, key, files); err != nil {
		return row, nil, err
	}
	if err := s.addEventsBehind(tx, link{}, f.Number, 0, f.receipt()); err != nil { // the first of its chain
		return row, nil, err
	}
	payload, err := json.Marshal(f.Start)
	if err != nil {
		return row, nil, fmt.Errorf("encoding the start: %w", err)
	}
	start := &deliveryRow{Number: f.Number, Op: OpStart, Name: contract.WorkflowFor(f.Kind), Payload: payload,
		CreatedAt: instantOf(f.FiledAt), NextAt: instantOf(f.FiledAt).add(FirstTry), Pending: true}
	return row, start, tx.Create(start).Error
}

func filedFrom(tx *gorm.DB, form *string) (ticketRow, error) {
	var row ticketRow
	if form == nil {
		return row, gorm.ErrRecordNotFound
	}
	err := tx.Take(&row, "form_hash = ?", *form).Error
	return row, err
}

// row is the ticket before its workflow has recorded anything.
func (f Filing) row(form *string) (ticketRow, error) {
	row := ticketRow{
		Number: f.Number, FormHash: form, Kind: f.Kind, Category: f.Category, Channel: f.Channel, Relation: f.Relation,
		Locale: f.Locale, ReceivedAt: instantOf(f.ReceivedAt), FiledAt: instantOf(f.FiledAt), FiledBy: f.FiledBy,
		PolicyName: f.Policy.Name, PolicyVersion: f.Policy.Version, PolicyDigest: f.Policy.Digest, Unstarted: true,
	}
	return row, row.project(contract.State{
		Stage: ticket.Received, Awaiting: ticket.AwaitingTime, Category: f.Category,
		Clock: contract.Clock{From: f.ReceivedAt.UTC(), Due: f.ReplyDue.UTC(), Provisional: f.Provisional,
			Calendar: f.Calendar, SLA: ticket.OnTrack},
	})
}

// receipt is when the request came, which is not when staff wrote it down: the
// clock runs from it. When it was filed stands with the ticket.
func (f Filing) receipt() contract.Event {
	by := contract.Event{At: f.ReceivedAt, Actor: contract.BySubject, Act: contract.ActReceived, Code: contract.Code(f.Channel)}
	if f.FiledBy != ticket.Nobody {
		by.Actor, by.Agent = contract.ByStaff, f.FiledBy
	}
	return by
}

func (s *Store) fileContent(tx *gorm.DB, f Filing) (*seal.DataKey, error) {
	wrapped, key, err := s.vault.NewDataKey()
	if err != nil {
		return nil, err
	}
	sealed, err := sealJSON(key, f.Content, placeOf(f.Number, "content"))
	if err != nil {
		return nil, err
	}
	if err := tx.Create(&secretRow{Number: f.Number, DataKey: wrapped, Content: sealed}).Error; err != nil {
		return nil, err
	}
	return key, s.addContacts(tx, f.Number, f.Content)
}
