package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// DeliveryOp is what Temporal is to be told.
type DeliveryOp string

const (
	OpStart  DeliveryOp = "start"  // start the ticket's workflow
	OpUpdate DeliveryOp = "update" // send it an update

	// OpRestart: begin the ticket's workflow anew from its row, in place of the run
	// that Restart names.
	OpRestart DeliveryOp = "restart"
)

// DeliveryLease is for how long PendingDeliveries keeps a row from other workers.
const DeliveryLease = 30 * time.Second

// longestWait is longer than any delivery is put off for.
const longestWait = 15 * time.Minute

// FirstTry is for how long a new delivery is left to the process that made it.
const FirstTry = 3 * time.Second

// Delivery is something Temporal has to be told, kept until it has been.
type Delivery struct {
	ID        int64
	Number    ticket.Number // empty: of no ticket
	Op        DeliveryOp
	Name      string // of the workflow or update
	Payload   []byte // JSON of a contract type: nothing personal
	CreatedAt time.Time
	Attempts  int
	NextAt    time.Time
	DoneAt    time.Time
	Rejected  string // code of the refusal, if the workflow refused it
	Trace     string // the trace it belongs to, as a traceparent; empty: none
}

type deliveryRow struct {
	ID        int64
	Number    ticket.Number
	Op        DeliveryOp
	Name      string
	Payload   []byte
	CreatedAt instant
	Attempts  int
	Pending   bool
	NextAt    instant
	DoneAt    instant
	Rejected  string
	Message   int64 // the words it tells of; 0: none
	Trace     string
}

func (deliveryRow) TableName() string { return "deliveries" }

func (r deliveryRow) delivery() Delivery {
	return Delivery{ID: r.ID, Number: r.Number, Op: r.Op, Name: r.Name, Payload: r.Payload, CreatedAt: r.CreatedAt.time(),
		Attempts: r.Attempts, NextAt: r.NextAt.time(), DoneAt: r.DoneAt.time(), Rejected: r.Rejected, Trace: r.Trace}
}

// AddDelivery keeps something for Temporal, of a ticket or (number empty) of none.
// The payload may hold nothing personal. For FirstTry no worker takes it.
func (s *Store) AddDelivery(ctx context.Context, number ticket.Number, op DeliveryOp, name string, payload []byte) (Delivery, error) {
	var row deliveryRow
	err := s.write(ctx, "keeping a delivery of "+string(number), func(db *gorm.DB) error {
		row = s.newDelivery(number, op, name, payload)
		return db.Create(&row).Error
	})
	return row.delivery(), err
}

func (s *Store) newDelivery(number ticket.Number, op DeliveryOp, name string, payload []byte) deliveryRow {
	now := instantOf(s.now())
	return deliveryRow{Number: number, Op: op, Name: name, Payload: payload, CreatedAt: now, NextAt: now.add(FirstTry), Pending: true}
}

// AddMessageToDeliver stores what a person wrote together with the update that
// tells the workflow of it, in one transaction. Payload makes the update's
// argument of the message's id and the number of its files. The same Key again
// gives the same message and the same delivery, done or not.
func (s *Store) AddMessageToDeliver(ctx context.Context, m NewMessage, update string, payload func(id int64, files int) []byte) (int64, Delivery, error) {
	var row deliveryRow
	err := s.inTx(ctx, "adding a message to "+string(m.Number), func(tx *gorm.DB) error {
		id, err := s.addMessage(tx, m, daily)
		if err != nil {
			return err
		}
		row = deliveryRow{}
		err = tx.Take(&row, "number = ? AND message = ?", m.Number, id).Error
		if !errors.Is(err, gorm.ErrRecordNotFound) {
			return err
		}
		row = s.newDelivery(m.Number, OpUpdate, update, payload(id, len(m.Uploads)+len(m.Files)))
		row.Message = id
		return tx.Create(&row).Error
	})
	if err != nil {
		return 0, Delivery{}, err
	}
	return row.Message, row.delivery(), nil
}

// PendingStart returns the start of a ticket's workflow while it is not done, for
// the process that filed the ticket and would start it at once.
func (s *Store) PendingStart(ctx context.Context, number ticket.Number) (Delivery, error) {
	var row deliveryRow
	err := s.read(ctx).Take(&row, "number = ? AND op = ? AND pending = ?", number, OpStart, true).Error
	return row.delivery(), failed("looking for the start of "+string(number), err)
}

// PendingDeliveries takes deliveries that are due, oldest first and of each ticket
// only the first that is not done (a restart waits for no other),
// and keeps them from other workers for
// DeliveryLease. A worker that dies gives them back by that; one that is slower
// than that may find them delivered twice, which Temporal recognises by their ids.
func (s *Store) PendingDeliveries(ctx context.Context, now time.Time, limit int) ([]Delivery, error) {
	const doing = "taking pending deliveries"
	var due []deliveryRow
	// A row that waits for longer than any row does was put off by a machine whose
	// clock was ahead.
	err := s.read(ctx).Where("pending = ? AND (next_at <= ? OR next_at > ?)", true, instantOf(now), instantOf(now.Add(longestWait))).
		Where("(op = ? OR NOT EXISTS (SELECT 1 FROM deliveries earlier WHERE earlier.number = deliveries.number"+
			" AND earlier.pending = ? AND earlier.id < deliveries.id))", OpRestart, true).
		Order("id").Limit(limit).Find(&due).Error
	if err != nil {
		return nil, failed(doing, err)
	}
	var taken []Delivery
	for _, row := range due {
		next := instantOf(now.Add(DeliveryLease))
		var mine bool
		err := s.write(ctx, doing, func(db *gorm.DB) error {
			// Whoever counts the attempt first has the row.
			took := db.Model(&deliveryRow{}).Where("id = ? AND pending = ? AND attempts = ?", row.ID, true, row.Attempts).
				Updates(map[string]any{"attempts": row.Attempts + 1, "next_at": next})
			mine = took.RowsAffected == 1
			return took.Error
		})
		if err != nil {
			return taken, err
		}
		if mine {
			row.Attempts, row.NextAt = row.Attempts+1, next
			taken = append(taken, row.delivery())
		}
	}
	return taken, nil
}

// Outcome is what came of a delivery.
type Outcome struct {
	Rejected string // the code with which the workflow refused an update, if it did
	Rev      int64  // the revision that an update led to
}

// DeliveryDone records that Temporal has been told, and that an update is done; see Told.
// If that is lost with the machine, Temporal is told again, and knows it by its id.
func (s *Store) DeliveryDone(ctx context.Context, d Delivery, o Outcome) error {
	return s.inLightTx(ctx, "recording a delivery", func(tx *gorm.DB) error {
		if err := s.deliveryDone(tx, d.ID, o.Rejected); err != nil {
			return err
		}
		switch {
		case d.Op == OpStart:
			return tx.Model(&ticketRow{}).Where("number = ?", d.Number).Update("unstarted", false).Error
		case o.Rev > 0:
			return told(tx, d.Number, o.Rev)
		}
		return nil
	})
}

// deliveryDone ends a delivery that is pending; one that has ended stays as it is.
func (s *Store) deliveryDone(db *gorm.DB, id int64, rejected string) error {
	ended := db.Model(&deliveryRow{}).Where("id = ? AND pending = ?", id, true).
		Updates(map[string]any{"pending": false, "done_at": instantOf(s.now()), "rejected": rejected})
	if ended.Error != nil || ended.RowsAffected > 0 {
		return ended.Error
	}
	return db.Select("id").Take(&deliveryRow{}, "id = ?", id).Error
}

// DeliveryFailed puts a delivery off until it is tried again.
func (s *Store) DeliveryFailed(ctx context.Context, id int64, next time.Time) error {
	return s.write(ctx, "putting off a delivery", func(db *gorm.DB) error {
		return db.Model(&deliveryRow{}).Where("id = ? AND pending = ?", id, true).Update("next_at", instantOf(next)).Error
	})
}

// PendingCount says how many deliveries are not done.
func (s *Store) PendingCount(ctx context.Context) (int, error) {
	var n int64
	err := s.read(ctx).Model(&deliveryRow{}).Where("pending = ?", true).Count(&n).Error
	return int(n), failed("counting pending deliveries", err)
}
