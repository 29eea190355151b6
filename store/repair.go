package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// What `rightsdesk doctor` writes. Each repair is one transaction with its entry on
// the audit trail, made only if the ticket is still as it was looked at (Seen is its
// revision): of two that look at once, one repairs and the other gets ErrChanged.

// Repair is a repair of a ticket that its row knows best.
type Repair struct {
	Number ticket.Number
	Seen   int64
	Drift  contract.Drift
	At     time.Time
}

func (r Repair) event() contract.Event {
	return contract.Event{At: r.At, Actor: contract.BySystem, Act: contract.ActRepaired, Code: contract.Code(r.Drift)}
}

// Restart is the payload of an OpRestart.
type Restart struct {
	Run string `json:"run,omitempty"` // of the workflow it takes the place of; empty: there is none
}

// Repaired puts a repair on the trail, and has the columns of the row say what its
// state says. The row gets a revision of its own for it, so that nothing a workflow
// that is behind still records can come in between.
func (s *Store) Repaired(ctx context.Context, r Repair) error {
	return s.repair(ctx, r, func(*gorm.DB, ticketRow) error { return nil })
}

// OrderRestart is Repaired, and orders that the ticket's workflow be begun anew from
// its row in place of a run.
func (s *Store) OrderRestart(ctx context.Context, r Repair, instead Restart) (Delivery, error) {
	var row deliveryRow
	payload, err := json.Marshal(instead)
	if err != nil {
		return Delivery{}, err
	}
	err = s.repair(ctx, r, func(tx *gorm.DB, t ticketRow) error {
		row = s.newDelivery(r.Number, OpRestart, contract.WorkflowFor(t.Kind), payload)
		return tx.Create(&row).Error
	})
	return row.delivery(), err
}

func (s *Store) repair(ctx context.Context, r Repair, more func(*gorm.DB, ticketRow) error) error {
	return s.inTx(ctx, "repairing "+string(r.Number), func(tx *gorm.DB) error {
		row, err := lockTicket(tx, r.Number)
		if err != nil {
			return err
		}
		if row.Rev != r.Seen {
			return ErrChanged
		}
		st, err := row.state()
		if err != nil {
			return err
		}
		st.Rev = row.Rev + 1
		if err := row.project(st); err != nil {
			return err
		}
		row.Unstarted, row.Told, row.TaskAt, row.Unsettled = false, st.Rev, instant{}, 0 // whatever clock the run before it had
		if err := tx.Model(&row).Select("*").Updates(&row).Error; err != nil {
			return err
		}
		if err := s.addEvents(tx, r.Number, st.Rev, r.event()); err != nil {
			return err
		}
		return more(tx, row)
	})
}

// FactsDiffer names the columns that say another thing than what the ticket's workflow
// was begun with, and that nothing ever changes.
func (t Ticket) FactsDiffer(start contract.Start) (columns []string) {
	for _, fact := range []struct {
		column string
		same   bool
	}{
		{"kind", t.Kind == start.Kind}, {"channel", t.Channel == start.Channel}, {"relation", t.Relation == start.Relation},
		{"locale", t.Locale == start.Locale}, {"received_at", t.ReceivedAt.Equal(instantOf(start.ReceivedAt).time())},
		{"policy", t.Policy == start.Policy},
	} {
		if !fact.same {
			columns = append(columns, fact.column)
		}
	}
	return columns
}

// RestoreFacts has the row say again what the ticket's workflow was begun with. It is
// no change of the ticket's, and takes no revision.
func (s *Store) RestoreFacts(ctx context.Context, r Repair, start contract.Start) error {
	return s.inTx(ctx, "repairing "+string(r.Number), func(tx *gorm.DB) error {
		row, err := lockTicket(tx, r.Number)
		if err != nil {
			return err
		}
		t, err := row.ticket()
		if err != nil {
			return err
		}
		if row.Rev != r.Seen || len(t.FactsDiffer(start)) == 0 {
			return ErrChanged
		}
		row.Kind, row.Channel, row.Relation, row.Locale = start.Kind, start.Channel, start.Relation, start.Locale
		row.ReceivedAt, row.PolicyName, row.PolicyVersion, row.PolicyDigest = instantOf(start.ReceivedAt), start.Policy.Name, start.Policy.Version, start.Policy.Digest
		err = tx.Model(&row).Select("kind", "channel", "relation", "locale", "received_at", "policy_name", "policy_version", "policy_digest").Updates(&row).Error
		if err != nil {
			return err
		}
		return s.addEvents(tx, r.Number, 0, r.event())
	})
}

// OrderStart orders that the workflow of a ticket be begun whose row no workflow has
// recorded anything in yet, in place of a run. ErrChanged: something has, or it waits
// to be started.
func (s *Store) OrderStart(ctx context.Context, r Repair, instead Restart) (Delivery, error) {
	var row deliveryRow
	payload, err := json.Marshal(instead)
	if err != nil {
		return Delivery{}, err
	}
	err = s.inTx(ctx, "repairing "+string(r.Number), func(tx *gorm.DB) error {
		t, err := lockTicket(tx, r.Number)
		if err != nil {
			return err
		}
		var waiting int64
		err = tx.Model(&deliveryRow{}).Where("number = ? AND pending = ? AND op IN ?", r.Number, true, startingOps).Count(&waiting).Error
		if err != nil {
			return err
		}
		if t.Rev != 0 || waiting > 0 {
			return ErrChanged
		}
		row = s.newDelivery(r.Number, OpRestart, contract.WorkflowFor(t.Kind), payload)
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if err := tx.Model(&t).Update("unstarted", true).Error; err != nil {
			return err
		}
		return s.addEvents(tx, r.Number, 0, r.event())
	})
	return row.delivery(), err
}

// startingOps begin a workflow.
var startingOps = []DeliveryOp{OpStart, OpRestart}

// StartOf returns what a ticket's workflow was started with, or ErrNotFound.
func (s *Store) StartOf(ctx context.Context, number ticket.Number) (contract.Start, error) {
	var start contract.Start
	var row deliveryRow
	doing := "reading the start of " + string(number)
	if err := s.read(ctx).Order("id").Take(&row, "number = ? AND op = ?", number, OpStart).Error; err != nil {
		return start, failed(doing, err)
	}
	if err := json.Unmarshal(row.Payload, &start); err != nil {
		return start, failed(doing, fmt.Errorf("decoding it: %w", err))
	}
	return start, nil
}

// FileLost makes a ticket of a workflow that has none: the database was replaced by
// one from before it was filed. What the person wrote is lost, and how to reach them;
// that they asked is not. The row stands at revision 0 until the workflow has
// recorded itself. ErrExists: it is there by now.
func (s *Store) FileLost(ctx context.Context, start contract.Start, st contract.State, at time.Time) error {
	return s.inTx(ctx, "filing again "+string(start.Number), func(tx *gorm.DB) error {
		f := Filing{Number: start.Number, Kind: start.Kind, Category: start.Category, Channel: start.Channel, Relation: start.Relation,
			Locale: start.Locale, ReceivedAt: start.ReceivedAt, FiledAt: start.ReceivedAt, Policy: start.Policy,
			ReplyDue: st.Clock.Due, Provisional: st.Clock.Provisional, Calendar: st.Clock.Calendar}
		row, err := f.row(nil)
		if err != nil {
			return err
		}
		st.Rev, st.WordsLost = 0, true
		if err := row.project(st); err != nil {
			return err
		}
		row.Unstarted = false
		if err := tx.Create(&row).Error; isDuplicate(err) {
			return ErrExists
		} else if err != nil {
			return err
		}
		for _, left := range []any{&secretRow{}, &contactRow{}} { // where a row was deleted past its foreign keys
			if err := tx.Delete(left, "number = ?", f.Number).Error; err != nil {
				return err
			}
		}
		if _, err := s.fileContent(tx, f); err != nil {
			return err
		}
		if err := s.restored(tx, f.Number); err != nil {
			return err
		}
		lost := Repair{Number: f.Number, Drift: contract.DriftTicketMissing, At: at}
		return s.addEvents(tx, f.Number, 0, f.receipt(), lost.event())
	})
}

// AddLostMessage puts a message without words where a state names one that is gone:
// its place is not given to another, and staff see that it is lost. ErrExists: the
// place was taken by another ticket's.
func (s *Store) AddLostMessage(ctx context.Context, number ticket.Number, id int64, at time.Time) error {
	return s.inTx(ctx, "marking a message of "+string(number)+" as lost", func(tx *gorm.DB) error {
		if _, err := lockTicket(tx, number); err != nil {
			return err
		}
		key, err := s.openKey(tx, number, daily)
		if err != nil {
			return err
		}
		row := messageRow{ID: id, Number: number, Kind: MessageLost, At: instantOf(at)}
		if row.Body, err = key.Seal(nil, place(number, "messages", "body", id)); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; isDuplicate(err) {
			return ErrExists
		} else if err != nil {
			return err
		}
		lost := Repair{Number: number, Drift: contract.DriftWordsMissing, At: at}.event()
		lost.Object = id
		return s.addEvents(tx, number, 0, lost)
	})
}
