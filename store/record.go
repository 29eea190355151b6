package store

import (
	"context"

	"gorm.io/gorm"

	"rightsdesk/contract"
)

// Record writes one change of a ticket's workflow in one transaction: the
// projection of its state, the events, the ledger, and the mails it orders as
// pending. It is keyed by the state's revision: a record that is not newer than
// what is there changes nothing, since that, and all that came with it, has been
// written already. Messages that the change names are no longer pending. A workflow
// records its changes one after the other.
func (s *Store) Record(ctx context.Context, r contract.Record) error {
	return s.inTx(ctx, "recording a change of "+string(r.Number), func(tx *gorm.DB) error {
		row, err := lockTicket(tx, r.Number)
		if err != nil {
			return err
		}
		if row.Rev >= r.State.Rev {
			return nil
		}
		if err := row.project(r.State); err != nil {
			return err
		}
		row.Unstarted = false
		if err := tx.Model(&row).Select("*").Updates(&row).Error; err != nil {
			return err
		}
		if err := destroyDecided(tx, r, instantOf(s.now())); err != nil {
			return err
		}
		return s.recordWhatHappened(tx, r)
	})
}

func (s *Store) recordWhatHappened(tx *gorm.DB, r contract.Record) error {
	if err := s.addEvents(tx, r.Number, r.State.Rev, r.Events...); err != nil {
		return err
	}
	if err := confirmMessages(tx, r.Number, wordsOf(r)...); err != nil {
		return err
	}
	if err := s.addLedger(tx, r.Number, r.State.Rev, r.Ledger...); err != nil {
		return err
	}
	queued := s.queuedAt(r)
	for _, order := range r.Mails {
		order.Number = r.Number
		row := newMailRow(order, queued)
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
