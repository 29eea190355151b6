package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// MailStatus is how a letter's delivery stands.
type MailStatus string

const (
	MailPending  MailStatus = "pending"
	MailAccepted MailStatus = "accepted" // by the mail server
	MailRefused  MailStatus = "refused"  // for good
)

// Mail is a line of the mail log. It has no address and no text.
type Mail struct {
	ID          int64
	Number      ticket.Number
	Rev         int64 // of the record that ordered it; 0: an earlier release's
	Step        contract.Step
	Letter      contract.Letter
	To          contract.Recipient
	Message     int64
	Due         time.Time
	Status      MailStatus
	Attempts    int
	LastCode    int    // SMTP reply code
	MessageID   string // Message-Id header, once accepted
	QueuedAt    time.Time
	AcceptedAt  time.Time
	LastTriedAt time.Time
}

type mailRow struct {
	ID          int64
	Number      ticket.Number
	Rev         int64 // of the record that ordered it; 0: none told
	Step        contract.Step
	Letter      contract.Letter
	Recipient   contract.Recipient
	Message     int64
	Due         instant
	Status      MailStatus
	Attempts    int
	LastCode    int
	MessageID   string
	QueuedAt    instant
	AcceptedAt  instant
	LastTriedAt instant
}

func (mailRow) TableName() string { return "mails" }

func newMailRow(o contract.MailOrder, rev int64, queued instant) mailRow {
	return mailRow{Number: o.Number, Rev: rev, Step: o.Step, Letter: o.Letter, Recipient: o.To, Message: o.Message,
		Due: instantOf(o.Due), Status: MailPending, QueuedAt: queued}
}

func (r mailRow) mail() Mail {
	return Mail{ID: r.ID, Number: r.Number, Step: r.Step, Letter: r.Letter, To: r.Recipient, Message: r.Message, Due: r.Due.time(),
		Status: r.Status, Attempts: r.Attempts, LastCode: r.LastCode, MessageID: r.MessageID, QueuedAt: r.QueuedAt.time(),
		AcceptedAt: r.AcceptedAt.time(), LastTriedAt: r.LastTriedAt.time()}
}

func aboutMail(doing string, number ticket.Number, step contract.Step) string {
	return doing + " the mail " + string(step) + " of " + string(number)
}

// MailOf returns the mail of a step.
func (s *Store) MailOf(ctx context.Context, number ticket.Number, step contract.Step) (Mail, error) {
	var row mailRow
	err := s.read(ctx).Take(&row, "number = ? AND step = ?", number, step).Error
	return row.mail(), failed(aboutMail("reading", number, step), err)
}

// Mails returns the mail log of a ticket in order. It survives the purge.
func (s *Store) Mails(ctx context.Context, number ticket.Number) ([]Mail, error) {
	var rows []mailRow
	err := rowsOf(s.read(ctx).Order("id"), number, &rows)
	mails := make([]Mail, len(rows))
	for i, r := range rows {
		mails[i] = r.mail()
	}
	return mails, failed("reading the mails of "+string(number), err)
}

// TryMail is called before each attempt to send: it enters the mail if it isn't
// there and counts the attempt. A mail that comes back accepted or refused is
// settled and must not be sent again. An attempt that is lost with the machine is made
// again in any case.
func (s *Store) TryMail(ctx context.Context, order contract.MailOrder, at time.Time) (Mail, error) {
	var row mailRow
	err := s.writeLightly(ctx, aboutMail("trying", order.Number, order.Step), func(db *gorm.DB) error {
		row = mailRow{}
		counted, err := countAttempt(db, order, at)
		if err != nil {
			return err
		}
		err = db.Take(&row, "number = ? AND step = ?", order.Number, order.Step).Error
		if counted || !errors.Is(err, gorm.ErrRecordNotFound) {
			return err
		}
		row = newMailRow(order, 0, instantOf(at)) // the record that orders it has not been written yet
		row.Attempts, row.LastTriedAt = 1, instantOf(at)
		if err := db.Create(&row).Error; !isDuplicate(err) {
			return err
		}
		if _, err := countAttempt(db, order, at); err != nil {
			return err
		}
		row = mailRow{}
		return db.Take(&row, "number = ? AND step = ?", order.Number, order.Step).Error
	})
	return row.mail(), err
}

// countAttempt counts an attempt at a mail that is there and pending, and reports
// whether it is.
func countAttempt(db *gorm.DB, order contract.MailOrder, at time.Time) (bool, error) {
	update := db.Model(&mailRow{}).Where("number = ? AND step = ? AND status = ?", order.Number, order.Step, MailPending).
		Updates(map[string]any{"attempts": gorm.Expr("attempts + 1"), "last_tried_at": instantOf(at)})
	return update.RowsAffected > 0, update.Error
}

// MailAccepted records that the mail server accepted the mail. If it carried a
// code, that code counts as delivered.
func (s *Store) MailAccepted(ctx context.Context, order contract.MailOrder, messageID string, at time.Time) error {
	number, step := order.Number, order.Step
	return s.inTx(ctx, aboutMail("recording", number, step), func(tx *gorm.DB) error {
		err := settleMail(tx, number, step, map[string]any{
			"status": MailAccepted, "message_id": messageID, "accepted_at": instantOf(at), "last_code": 250,
		})
		if err != nil {
			return err
		}
		ordered := tx.Model(&mailRow{}).Select("rev").Where("number = ? AND step = ?", number, step)
		if err := told(tx, number, ordered); err != nil || !order.Code {
			return err
		}
		return tx.Model(&verificationRow{}).Where("number = ? AND step = ?", number, step).Update("delivered", true).Error
	})
}

// MailRefused records that the mail server refused the mail for good.
func (s *Store) MailRefused(ctx context.Context, number ticket.Number, step contract.Step, code int, at time.Time) error {
	return s.write(ctx, aboutMail("recording", number, step), func(db *gorm.DB) error {
		return settleMail(db, number, step, map[string]any{
			"status": MailRefused, "last_code": code, "last_tried_at": instantOf(at),
		})
	})
}

// MailDeferred records an attempt that failed and will be made again. Code is the
// server's, or 0 if it could not be reached.
func (s *Store) MailDeferred(ctx context.Context, number ticket.Number, step contract.Step, code int, at time.Time) error {
	return s.write(ctx, aboutMail("recording", number, step), func(db *gorm.DB) error {
		return settleMail(db, number, step, map[string]any{"last_code": code, "last_tried_at": instantOf(at)})
	})
}

// SettleMail enters what became of a mail that is pending and that nobody sends any
// more, and puts it on the trail. One that is settled stays as it is.
func (s *Store) SettleMail(ctx context.Context, r Repair, step contract.Step, result contract.MailResult) error {
	return s.inTx(ctx, aboutMail("settling", r.Number, step), func(tx *gorm.DB) error {
		if _, err := lockTicket(tx, r.Number); err != nil {
			return err
		}
		var row mailRow
		err := tx.Clauses(forUpdate()).Take(&row, "number = ? AND step = ?", r.Number, step).Error
		if err != nil || row.Status != MailPending {
			return err
		}
		change := map[string]any{"status": MailAccepted, "accepted_at": instantOf(result.Accepted)}
		if result.Refused {
			change = map[string]any{"status": MailRefused, "last_code": result.Code}
		}
		if err := tx.Model(&row).Updates(change).Error; err != nil {
			return err
		}
		return s.addEvents(tx, r.Number, 0, r.event())
	})
}

// settleMail changes a mail that is still pending; what is settled stays.
func settleMail(db *gorm.DB, number ticket.Number, step contract.Step, change map[string]any) error {
	settled := db.Model(&mailRow{}).Where("number = ? AND step = ? AND status = ?", number, step, MailPending).Updates(change)
	if settled.Error != nil || settled.RowsAffected > 0 {
		return settled.Error
	}
	return db.Select("id").Take(&mailRow{}, "number = ? AND step = ?", number, step).Error
}
