package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"rightsdesk/seal"
	"rightsdesk/ticket"
)

// DraftNote is the kind of a note's draft; a message's draft has the kind of the
// message.
const DraftNote = "note"

type draftRow struct {
	Number  ticket.Number  `gorm:"primaryKey"`
	Agent   ticket.AgentID `gorm:"primaryKey"`
	Kind    string         `gorm:"primaryKey"`
	SavedAt instant
	Body    []byte // sealed
}

func (draftRow) TableName() string { return "drafts" }

func (r draftRow) place() string {
	return place(r.Number, "drafts", "body", string(r.Agent)+"/"+r.Kind)
}

// SaveDraft keeps what an agent is writing, in place of what was kept before. Only
// sending it (AddMessage, AddNote) deletes it.
func (s *Store) SaveDraft(ctx context.Context, number ticket.Number, agent ticket.AgentID, kind, text string) error {
	return s.inTx(ctx, "keeping a draft on "+string(number), func(tx *gorm.DB) error {
		key, err := s.openKey(tx, number, daily)
		if err != nil {
			return err
		}
		return s.saveDraft(tx, key, draftRow{Number: number, Agent: agent, Kind: kind}, text)
	})
}

// SaveTypedDraft keeps words as they stood on a page that showed the agent's
// words up to said, an id of a message or note. When others of the same kind were
// sent since, what comes late belongs to them: it is ErrDraftSent and not kept.
func (s *Store) SaveTypedDraft(ctx context.Context, number ticket.Number, agent ticket.AgentID, kind, text string, said int64) error {
	return s.inTx(ctx, "keeping a draft on "+string(number), func(tx *gorm.DB) error {
		key, err := s.openKey(tx, number, daily)
		if err != nil {
			return err
		}
		// The draft first: who sends stores the words first and drops the draft
		// then, so one of the two sees the other.
		if err := s.saveDraft(tx, key, draftRow{Number: number, Agent: agent, Kind: kind}, text); err != nil {
			return err
		}
		var sent []int64
		query := tx.Clauses(forUpdate()).Where("number = ? AND agent = ? AND id > ?", number, agent, said)
		if kind == DraftNote {
			query = query.Model(&noteRow{})
		} else {
			query = query.Model(&messageRow{}).Where("kind = ?", kind)
		}
		if err := query.Pluck("id", &sent).Error; err != nil {
			return err
		}
		if len(sent) > 0 {
			return ErrDraftSent
		}
		return nil
	})
}

func (s *Store) saveDraft(tx *gorm.DB, key *seal.DataKey, row draftRow, text string) (err error) {
	row.SavedAt = instantOf(s.now())
	if row.Body, err = key.Seal([]byte(text), row.place()); err != nil {
		return err
	}
	return tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "number"}, {Name: "agent"}, {Name: "kind"}},
		DoUpdates: clause.AssignmentColumns([]string{"body", "saved_at"}),
	}).Create(&row).Error
}

// Draft returns an agent's drafts on a ticket by their kind.
func (s *Store) Draft(ctx context.Context, number ticket.Number, agent ticket.AgentID) (map[string]string, error) {
	drafts, err := s.drafts(s.read(ctx), number, agent)
	return drafts, failed("reading the drafts on "+string(number), err)
}

func (s *Store) drafts(db *gorm.DB, number ticket.Number, agent ticket.AgentID) (map[string]string, error) {
	key, err := s.openKey(db, number, daily)
	if err != nil {
		return nil, err
	}
	var rows []draftRow
	if err := db.Find(&rows, "number = ? AND agent = ?", number, agent).Error; err != nil {
		return nil, err
	}
	drafts := make(map[string]string, len(rows))
	for _, r := range rows {
		text, err := key.Open(r.Body, r.place())
		if err != nil {
			return nil, err
		}
		drafts[r.Kind] = string(text)
	}
	return drafts, nil
}

func dropDraft(tx *gorm.DB, number ticket.Number, agent ticket.AgentID, kind string) error {
	return tx.Delete(&draftRow{}, "number = ? AND agent = ? AND kind = ?", number, agent, kind).Error
}
