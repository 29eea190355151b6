package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// A change is recorded while a worker carries out a task of Temporal's, and Temporal
// learns of it when the task is done. If the worker is lost in between, or what it did
// does not count because something else came up meanwhile, the task is carried out
// again, often in another order and always later: the workflow makes another change
// under the same revision. The workflow is right then, and the row follows it.
//
// A workflow that Temporal was restored to looks the same at first sight, and must not
// win: what people did is not in its history. What tells the two apart is whether
// somebody was told: Temporal answers an act only when the task that made it is
// done for good, and a letter is sent only then. What a workflow does by itself it does
// again after a restore as well.
//
// An act that nobody asks for again, and that Temporal has forgotten, is made again by
// nothing. It stays marked as unsettled, and is seen to by its mark.

// Told notes that somebody was told that a change of a ticket is done: from then on no
// other change takes its place. A note that is lost with the machine is made again when
// the act is seen to as an unsettled one.
func (s *Store) Told(ctx context.Context, number ticket.Number, rev int64) error {
	return s.writeLightly(ctx, "noting what is done with "+string(number), func(db *gorm.DB) error { return told(db, number, rev) })
}

// told takes the revision, or the query for it.
func told(db *gorm.DB, number ticket.Number, rev any) error {
	return db.Model(&ticketRow{}).Where("number = ? AND told < (?)", number, rev).Updates(map[string]any{
		"told":      gorm.Expr("(?)", rev),
		"unsettled": gorm.Expr("CASE WHEN unsettled <= (?) THEN 0 ELSE unsettled END", rev),
	}).Error
}

// mayBeMadeAgain reports that a record may take the place of what was recorded under
// its revision and those after it.
func (r ticketRow) mayBeMadeAgain(by contract.Record) bool {
	return by.State.Rev <= r.Rev && by.State.Rev > r.Told && !r.TaskAt.isZero() && instantOf(by.Task).time().After(r.TaskAt.time())
}

// outrun reports that a record comes from a task that has been carried out again
// meanwhile by somebody else.
func (r ticketRow) outrun(by contract.Record) bool {
	return !by.Task.IsZero() && instantOf(by.Task).time().Before(r.TaskAt.time())
}

// redo writes down what happened in a change that takes the place of others. Nothing
// is taken off the trail or the ledger: where the change is another one, an entry says
// which ones did not take effect. Letters they ordered that nobody has begun to send
// are forgotten, and words of staff they accepted wait again.
func (s *Store) redo(tx *gorm.DB, r contract.Record) error {
	was, err := recordedSince(tx, r.Number, r.State.Rev)
	if err != nil {
		return err
	}
	if err := was.forgetMails(tx, r.Number); err != nil {
		return err
	}
	if was.says(r) {
		r.Events, r.Ledger = nil, nil
		return s.recordWhatHappened(tx, r, nil)
	}
	if err := was.unsay(tx, r); err != nil {
		return err
	}
	r.Events = slices.Insert(slices.Clone(r.Events), 0, contract.Event{At: r.Task, Actor: contract.BySystem, Act: contract.ActMadeAgain,
		Code: contract.Code(fmt.Sprintf("%d-%d", r.State.Rev, was.last))})
	if len(was.ledger) > 0 {
		c := r.State.Clock
		r.Ledger = slices.Insert(slices.Clone(r.Ledger), 0, contract.LedgerEntry{At: r.Task, Event: ticket.ClockMadeAgain, Actor: contract.BySystem,
			Running: c.Running(), Due: c.Due, Provisional: c.Provisional, Calendar: c.Calendar})
	}
	return s.recordWhatHappened(tx, r, nil)
}

// recorded is what stands on the trails of a ticket from a revision on.
type recorded struct {
	first, last int64
	before      []eventRow // of earlier revisions
	events      []eventRow
	ledger      []ledgerRow
}

func recordedSince(tx *gorm.DB, number ticket.Number, rev int64) (recorded, error) {
	was := recorded{first: rev, last: rev}
	var rows []eventRow
	if err := tx.Order(inChain).Find(&rows, "number = ? AND rev > 0", number).Error; err != nil {
		return was, err
	}
	for _, e := range rows {
		was.last = max(was.last, e.Rev)
		if e.Rev < rev {
			was.before = append(was.before, e)
		} else {
			was.events = append(was.events, e)
		}
	}
	err := tx.Order(inChain).Find(&was.ledger, "number = ? AND rev >= ?", number, rev).Error
	for _, e := range was.ledger {
		was.last = max(was.last, e.Rev)
	}
	return was, err
}

// says reports that the trails say of this change what it says itself, but for when.
func (was recorded) says(r contract.Record) bool {
	return was.last == r.State.Rev && slices.EqualFunc(was.events, r.Events, func(row eventRow, e contract.Event) bool {
		stands := row.event()
		stands.At, e.At = time.Time{}, time.Time{}
		return stands == e
	}) && slices.EqualFunc(was.ledger, r.Ledger, func(row ledgerRow, e contract.LedgerEntry) bool {
		stands := row.line()
		due := stands.Due.Equal(instantOf(e.Due).time())
		stands.At, stands.Due, e.At, e.Due = time.Time{}, time.Time{}, time.Time{}, time.Time{}
		return due && stands == e
	})
}

// forgetMails forgets the letters that were ordered and whose sending has not begun.
// The change orders anew those it orders too.
func (was recorded) forgetMails(tx *gorm.DB, number ticket.Number) error {
	return tx.Where("number = ? AND rev >= ? AND status = ? AND attempts = 0", number, was.first, MailPending).Delete(&mailRow{}).Error
}

// unsay has words of staff wait for their act again that no change has accepted now.
func (was recorded) unsay(tx *gorm.DB, r contract.Record) error {
	accepted := wordsOf(r)
	for _, e := range was.before {
		if namesMessage(e.Act) {
			accepted = append(accepted, e.Object)
		}
	}
	var waiting []int64
	for _, e := range was.events {
		if namesMessage(e.Act) && !slices.Contains(accepted, e.Object) {
			waiting = append(waiting, e.Object)
		}
	}
	if waiting == nil {
		return nil
	}
	return tx.Model(&messageRow{}).Where("number = ? AND id IN ? AND agent <> ''", r.Number, waiting).Update("pending", true).Error
}
