package store

import (
	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// trail is a table of chained entries.
type trail string

const (
	trailEvents trail = "events"
	trailLedger trail = "ledger_entries"
)

func trails() []trail { return []trail{trailEvents, trailLedger} }

// What a keyed hash over an entry's hash says of it.
const (
	sealWritten = "audit-entry"         // the desk wrote it
	sealAdopted = "audit-entry-adopted" // release 0.2 found it without a hash, and chained it as it was; nothing gets this seal any more
)

// link is the end of a ticket's chain.
type link struct {
	Seq  int64
	Hash string
}

// lastLink finds the end of a ticket's chain. The ticket is locked, so that it
// stays the end until the transaction is over.
func lastLink(tx *gorm.DB, t trail, number ticket.Number) (link, error) {
	var last link
	err := tx.Table(string(t)).Select("seq", "hash").Where("number = ? AND seq IS NOT NULL", number).
		Order("seq DESC").Limit(1).Scan(&last).Error
	return last, err
}

// addEvents adds to the audit trail of a ticket, which the transaction has locked
// or made.
func (s *Store) addEvents(tx *gorm.DB, number ticket.Number, rev int64, events ...contract.Event) error {
	if len(events) == 0 {
		return nil
	}
	last, err := lastLink(tx, trailEvents, number)
	if err != nil {
		return err
	}
	return s.addEventsBehind(tx, last, number, rev, events...)
}

// addEventsBehind is addEvents where the end of the chain is known.
func (s *Store) addEventsBehind(tx *gorm.DB, last link, number ticket.Number, rev int64, events ...contract.Event) error {
	rows := make([]eventRow, len(events))
	for i, e := range events {
		row := newEventRow(number, rev, e)
		row.Seq = last.Seq + 1
		row.Hash = row.entry().Digest(number, last.Hash)
		row.Seal = s.vault.Hash(sealWritten, row.Hash)
		rows[i], last = row, link{row.Seq, row.Hash}
	}
	return tx.Create(&rows).Error
}

// addLedger adds to the ledger of a ticket's clock, likewise.
func (s *Store) addLedger(tx *gorm.DB, number ticket.Number, rev int64, entries ...contract.LedgerEntry) error {
	if len(entries) == 0 {
		return nil
	}
	last, err := lastLink(tx, trailLedger, number)
	if err != nil {
		return err
	}
	rows := make([]ledgerRow, len(entries))
	for i, e := range entries {
		row := newLedgerRow(number, rev, e)
		row.Seq = last.Seq + 1
		row.Hash = row.entry().Digest(number, last.Hash)
		row.Seal = s.vault.Hash(sealWritten, row.Hash)
		rows[i], last = row, link{row.Seq, row.Hash}
	}
	return tx.Create(&rows).Error
}
