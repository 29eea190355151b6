package store

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/seal"
	"rightsdesk/ticket"
)

// What staff write is stored before the workflow has accepted the act it belongs
// to, and is pending until then: the person must not see an answer that was
// refused.

// ConfirmMessage ends a message's being pending. Confirming twice changes nothing.
func (s *Store) ConfirmMessage(ctx context.Context, number ticket.Number, id int64) error {
	return s.write(ctx, "confirming a message of "+string(number), func(db *gorm.DB) error {
		return confirmMessages(db, number, id)
	})
}

// ActOf is how an act of staff stands whose words are a message.
type ActOf struct {
	Recorded bool // the workflow has recorded it
	Settled  bool // and nothing can undo that any more
	Rev      int64
	Stage    ticket.Stage
}

// ActOf says how an act stands by the message that is its words.
func (s *Store) ActOf(ctx context.Context, number ticket.Number, message int64) (ActOf, error) {
	db := s.read(ctx)
	return actOf(db, number, db.Table("messages").Select("NOT pending").Where("number = ? AND id = ?", number, message))
}

// ActOfNote says how the leaving of a note stands.
func (s *Store) ActOfNote(ctx context.Context, number ticket.Number, note int64) (ActOf, error) {
	db := s.read(ctx)
	return actOf(db, number, db.Table("events").Select("COUNT(*) > 0").Where("number = ? AND act = ? AND object = ?", number, contract.ActNoted, note))
}

// actOf takes a query that says whether the workflow has recorded the act.
func actOf(db *gorm.DB, number ticket.Number, recorded *gorm.DB) (ActOf, error) {
	var act ActOf
	err := db.Table("tickets").Select("(?) AS recorded, unsettled = 0 AS settled, rev, stage", recorded).
		Where("number = ?", number).Take(&act).Error
	return act, failed("looking how an act on "+string(number)+" stands", err)
}

func confirmMessages(db *gorm.DB, number ticket.Number, ids ...int64) error {
	if len(ids) == 0 {
		return nil
	}
	return db.Model(&messageRow{}).Where("number = ? AND id IN ? AND pending = ?", number, ids, true).Update("pending", false).Error
}

// wordsOf lists the messages that a record shows to have been accepted: the desk
// may have stopped waiting for the workflow's word before it came.
func wordsOf(r contract.Record) []int64 {
	var ids []int64
	for _, e := range r.Events {
		if namesMessage(e.Act) {
			ids = append(ids, e.Object)
		}
	}
	for _, e := range r.Ledger {
		ids = append(ids, e.Reason)
	}
	ids = append(ids, wordsIn(r.State)...)
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id int64) bool { return id == 0 })
}

// wordsIn lists the messages that a state names; 0 is none.
func wordsIn(st contract.State) []int64 {
	ids := []int64{st.Answer.Message}
	if d := st.Decision; d != nil {
		ids = append(ids, d.Message)
	}
	if q := st.Asked; q != nil {
		ids = append(ids, q.Message)
	}
	return ids
}

// words lists the messages that the row's state names.
func (r ticketRow) words() []int64 {
	st, err := r.state()
	if err != nil {
		return nil
	}
	return wordsIn(st)
}

// namesMessage reports that an event's object is a message, rather than a note or
// a verification.
func namesMessage(a contract.Act) bool {
	switch a {
	case contract.ActAsked, contract.ActReplied, contract.ActDecided, contract.ActApproved, contract.ActApprovalRefused,
		contract.ActAnswered, contract.ActAnswerBounced, contract.ActEscalated, contract.ActExtensionAsked,
		contract.ActExtended, contract.ActExtensionFailed, contract.ActAppealed:
		return true
	}
	return false
}

// DropMessage takes back a message whose act was refused: one of staff while it is
// pending, or one of the person. With backToDraft its words become the agent's
// draft again in the same transaction. One that is gone, or that has been
// accepted, stays as it is.
func (s *Store) DropMessage(ctx context.Context, number ticket.Number, id int64, backToDraft bool) error {
	return s.inTx(ctx, "taking back a message of "+string(number), func(tx *gorm.DB) error {
		var row messageRow
		err := tx.Clauses(forUpdate()).Take(&row, "number = ? AND id = ?", number, id).Error
		if errors.Is(err, gorm.ErrRecordNotFound) || err == nil && !row.Pending && !row.Kind.FromSubject() {
			return nil
		}
		if err != nil {
			return err
		}
		key, err := s.openKey(tx, number, daily)
		if err != nil {
			return err
		}
		if backToDraft {
			draft := draftRow{Number: number, Agent: row.Agent, Kind: string(row.Kind)}
			if err := s.draftAgain(tx, key, draft, row.Body, place(number, "messages", "body", row.ID)); err != nil {
				return err
			}
		}
		if err := tx.Delete(&attachmentRow{}, "number = ? AND message = ?", number, id).Error; err != nil {
			return err
		}
		return tx.Delete(&messageRow{}, "id = ?", id).Error
	})
}

// DropNote takes back a note that the workflow refused, as DropMessage does.
func (s *Store) DropNote(ctx context.Context, number ticket.Number, id int64, backToDraft bool) error {
	return s.inTx(ctx, "taking back a note on "+string(number), func(tx *gorm.DB) error {
		var row noteRow
		err := tx.Clauses(forUpdate()).Take(&row, "number = ? AND id = ?", number, id).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		key, err := s.openKey(tx, number, daily)
		if err != nil {
			return err
		}
		if backToDraft {
			draft := draftRow{Number: number, Agent: row.Agent, Kind: DraftNote}
			if err := s.draftAgain(tx, key, draft, row.Body, place(number, "notes", "body", row.ID)); err != nil {
				return err
			}
		}
		return tx.Delete(&noteRow{}, "id = ?", id).Error
	})
}

// draftAgain seals stored words anew as a draft.
func (s *Store) draftAgain(tx *gorm.DB, key *seal.DataKey, draft draftRow, body []byte, from string) error {
	text, err := key.Open(body, from)
	if err != nil {
		return err
	}
	return s.saveDraft(tx, key, draft, string(text))
}
