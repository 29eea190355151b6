package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"rightsdesk/contract"
)

// Record writes one change of a ticket's workflow in one transaction: the
// projection of its state, the events, the ledger, and the mails it orders as
// pending. It is keyed by the state's revision and what it says: a record that is
// there changes nothing, since that, and all that came with it, has been written
// already. Messages that the change names are no longer pending.
//
// A workflow records its changes one after the other. One whose revision is past, or
// was recorded with another state, is either made again, and then takes the place of
// what was recorded (see redo); or its workflow is one that Temporal was restored to:
// ErrBehind, and nothing is written, so that the ticket waits for `rightsdesk doctor`
// instead of losing what is done with it.
//
// Revisions that are missing before one were recorded in a database that has been
// replaced by an older one: that their entries are lost is put on the trail.
func (s *Store) Record(ctx context.Context, r contract.Record) error {
	return s.inTx(ctx, "recording a change of "+string(r.Number), func(tx *gorm.DB) error {
		row, err := lockTicket(tx, r.Number)
		if err != nil {
			return err
		}
		again := r.State.Rev <= row.Rev
		switch {
		case row.outrun(r):
			return ErrBehind
		case row.mayBeMadeAgain(r):
		case row.Rev == r.State.Rev && row.says(r.State):
			return nil
		case again:
			return ErrBehind
		}
		was := row
		if row.TaskAt.isZero() { // an earlier release recorded it, and noted nobody who was told
			row.Told = max(row.Told, row.Rev)
		}
		if err := s.tellOfLostEntries(tx, row, r.State.Rev); err != nil {
			return err
		}
		if err := row.project(r.State); err != nil {
			return err
		}
		row.Unstarted, row.TaskAt = false, instantOf(r.Task)
		switch {
		case r.Once:
			row.Unsettled = r.State.Rev
		case again: // made from what stands in the history: the act it takes the place of is forgotten
			row.Unsettled = 0
		}
		if err := row.update(tx, was); err != nil {
			return err
		}
		if err := destroyDecided(tx, r, instantOf(s.now())); err != nil {
			return err
		}
		if again {
			return s.redo(tx, r)
		}
		return s.recordWhatHappened(tx, r, was.words())
	})
}

func (s *Store) tellOfLostEntries(tx *gorm.DB, row ticketRow, rev int64) error {
	first, last := row.Rev+1, rev-1
	if first > last {
		return nil
	}
	if err := s.restored(tx, row.Number); err != nil {
		return err
	}
	return s.addEvents(tx, row.Number, rev, contract.Event{At: s.now(), Actor: contract.BySystem, Act: contract.ActRepaired,
		Code: contract.Code(fmt.Sprintf("%s:%d-%d", contract.EntriesLost, first, last))})
}

// recordWhatHappened writes what came with a change. Confirmed are the messages that
// the state before it names: they are not pending any more.
func (s *Store) recordWhatHappened(tx *gorm.DB, r contract.Record, confirmed []int64) error {
	if err := s.addEvents(tx, r.Number, r.State.Rev, r.Events...); err != nil {
		return err
	}
	accepted := slices.DeleteFunc(wordsOf(r), func(id int64) bool { return slices.Contains(confirmed, id) })
	if err := confirmMessages(tx, r.Number, accepted...); err != nil {
		return err
	}
	if err := s.addLedger(tx, r.Number, r.State.Rev, r.Ledger...); err != nil {
		return err
	}
	queued := s.queuedAt(r)
	for _, order := range r.Mails {
		order.Number = r.Number
		row := newMailRow(order, r.State.Rev, queued)
		if err := tx.Create(&row).Error; err != nil && !isDuplicate(err) {
			return err
		}
	}
	return nil
}

// queuedAt is when the mails of a record were ordered: when its first event
// happened, or now if nothing tells.
func (s *Store) queuedAt(r contract.Record) instant {
	switch {
	case len(r.Events) > 0:
		return instantOf(r.Events[0].At)
	case len(r.Ledger) > 0:
		return instantOf(r.Ledger[0].At)
	}
	return instantOf(s.now())
}
