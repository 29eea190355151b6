package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// Note is a remark of staff for staff.
type Note struct {
	ID     int64
	Number ticket.Number
	Agent  ticket.AgentID
	At     time.Time
	Text   string
}

type noteRow struct {
	ID     int64
	Number ticket.Number
	Agent  ticket.AgentID
	At     instant
	Dedup  *string // keyed hash of what makes it one
	Body   []byte  // sealed
}

func (noteRow) TableName() string { return "notes" }

// AddNote stores a note, returns its id, and deletes the agent's draft of one.
func (s *Store) AddNote(ctx context.Context, number ticket.Number, agent ticket.AgentID, at time.Time, text string) (int64, error) {
	return s.AddNoteOnce(ctx, number, agent, at, text, "")
}

// AddNoteOnce is AddNote under a key, if there is one: a note of the same ticket and key
// is not stored again, and its id comes back.
func (s *Store) AddNoteOnce(ctx context.Context, number ticket.Number, agent ticket.AgentID, at time.Time, text, once string) (int64, error) {
	var row noteRow
	err := s.inTx(ctx, "adding a note to "+string(number), func(tx *gorm.DB) error {
		key, err := s.openKey(tx, number, daily)
		if err != nil {
			return err
		}
		row = noteRow{Number: number, Agent: agent, At: instantOf(at)}
		if once != "" {
			hash := s.vault.Hash("note", once)
			row.Dedup = &hash
		}
		if err := tx.Create(&row).Error; row.Dedup != nil && isDuplicate(err) {
			var there noteRow
			if err := tx.Select("id").Take(&there, "number = ? AND dedup = ?", number, *row.Dedup).Error; err != nil {
				return err
			}
			row.ID = there.ID
			return dropDraft(tx, number, agent, DraftNote)
		} else if err != nil {
			return err
		}
		body, err := key.Seal([]byte(text), place(number, "notes", "body", row.ID))
		if err != nil {
			return err
		}
		if err := tx.Model(&row).Update("body", body).Error; err != nil {
			return err
		}
		return dropDraft(tx, number, agent, DraftNote)
	})
	return row.ID, err
}

// Notes returns the notes on a ticket, oldest first.
func (s *Store) Notes(ctx context.Context, number ticket.Number) ([]Note, error) {
	notes, err := s.notes(s.read(ctx), number)
	return notes, failed("reading the notes on "+string(number), err)
}

func (s *Store) notes(db *gorm.DB, number ticket.Number) ([]Note, error) {
	key, err := s.openKey(db, number, daily)
	if err != nil {
		return nil, err
	}
	var rows []noteRow
	if err := db.Order("id").Find(&rows, "number = ?", number).Error; err != nil {
		return nil, err
	}
	notes := make([]Note, len(rows))
	for i, r := range rows {
		text, err := key.Open(r.Body, place(number, "notes", "body", r.ID))
		if err != nil {
			return nil, err
		}
		notes[i] = Note{ID: r.ID, Number: r.Number, Agent: r.Agent, At: r.At.time(), Text: string(text)}
	}
	return notes, nil
}
