package store

import (
	"context"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/evidence"
	"rightsdesk/ticket"
)

// eventRow is an entry of the audit trail. Seq and Hash chain it to the ticket's
// entry before (see evidence.Entry).
type eventRow struct {
	ID     int64
	Number ticket.Number
	Rev    int64 // of the record it came with; 0: none
	At     instant
	Actor  contract.Actor
	Agent  ticket.AgentID
	Act    contract.Act
	Code   contract.Code
	Object int64
	Seq    int64
	Hash   string
	Seal   string // keyed hash of Hash: nobody without the master key writes an entry
}

func (eventRow) TableName() string { return "events" }

func newEventRow(number ticket.Number, rev int64, e contract.Event) eventRow {
	return eventRow{Number: number, Rev: rev, At: instantOf(e.At), Actor: e.Actor, Agent: e.Agent, Act: e.Act,
		Code: e.Code, Object: e.Object}
}

func (r eventRow) event() contract.Event {
	return contract.Event{At: r.At.time(), Actor: r.Actor, Agent: r.Agent, Act: r.Act, Code: r.Code, Object: r.Object}
}

func (r eventRow) entry() evidence.Entry {
	return evidence.Entry{Seq: r.Seq, Rev: r.Rev, At: r.At.time(), Actor: r.Actor, Agent: r.Agent, Act: r.Act, Code: r.Code,
		Object: r.Object, Hash: r.Hash}
}

type ledgerRow struct {
	ID          int64
	Number      ticket.Number
	Rev         int64
	At          instant
	Event       ticket.ClockEvent
	Running     bool
	Due         instant
	Provisional bool
	Calendar    contract.CalendarVersion
	Rung        ticket.Rung
	Actor       contract.Actor
	Agent       ticket.AgentID
	Reason      int64
	Seq         int64 // chained like the audit trail, in a chain of its own
	Hash        string
	Seal        string
}

func (ledgerRow) TableName() string { return "ledger_entries" }

func newLedgerRow(number ticket.Number, rev int64, e contract.LedgerEntry) ledgerRow {
	return ledgerRow{Number: number, Rev: rev, At: instantOf(e.At), Event: e.Event, Running: e.Running, Due: instantOf(e.Due),
		Provisional: e.Provisional, Calendar: e.Calendar, Rung: e.Rung, Actor: e.Actor, Agent: e.Agent, Reason: e.Reason}
}

func (r ledgerRow) line() contract.LedgerEntry {
	return contract.LedgerEntry{At: r.At.time(), Event: r.Event, Running: r.Running, Due: r.Due.time(),
		Provisional: r.Provisional, Calendar: r.Calendar, Rung: r.Rung, Actor: r.Actor, Agent: r.Agent, Reason: r.Reason}
}

func (r ledgerRow) entry() evidence.ClockEntry {
	return evidence.ClockEntry{Seq: r.Seq, Rev: r.Rev, At: r.At.time(), Event: r.Event, Running: r.Running, Due: r.Due.time(),
		Provisional: r.Provisional, Calendar: r.Calendar, Rung: r.Rung, Actor: r.Actor, Agent: r.Agent, Reason: r.Reason, Hash: r.Hash}
}

// Events returns the audit trail of a ticket in the order in which it was
// written. It survives the purge.
func (s *Store) Events(ctx context.Context, number ticket.Number) ([]contract.Event, error) {
	var rows []eventRow
	err := rowsOf(s.read(ctx).Order(inChain), number, &rows)
	events := make([]contract.Event, len(rows))
	for i, r := range rows {
		events[i] = r.event()
	}
	return events, failed("reading the audit trail of "+string(number), err)
}

// AppendEvent adds to the audit trail what happened outside the workflow. It
// changes nothing else of the ticket.
func (s *Store) AppendEvent(ctx context.Context, number ticket.Number, e contract.Event) error {
	return s.inTx(ctx, "adding to the audit trail of "+string(number), func(tx *gorm.DB) error {
		if _, err := lockTicket(tx, number); err != nil {
			return err
		}
		return s.addEvents(tx, number, 0, e)
	})
}

// Ledger returns what the reply clock of a ticket did, in order.
func (s *Store) Ledger(ctx context.Context, number ticket.Number) ([]contract.LedgerEntry, error) {
	var rows []ledgerRow
	err := rowsOf(s.read(ctx).Order(inChain), number, &rows)
	entries := make([]contract.LedgerEntry, len(rows))
	for i, r := range rows {
		entries[i] = r.line()
	}
	return entries, failed("reading the ledger of "+string(number), err)
}

// inChain is the order of a chain. What has no place in it, which the desk never
// writes, comes last.
const inChain = "seq IS NULL, seq, id"

// rowsOf reads the rows of a ticket in the order of the query, or finds that there
// is no such ticket.
func rowsOf(query *gorm.DB, number ticket.Number, rows any) error {
	db := query.Session(&gorm.Session{NewDB: true})
	found := query.Where("number = ?", number).Find(rows)
	if found.Error != nil || found.RowsAffected > 0 {
		return found.Error
	}
	return db.Select("number").Take(&ticketRow{}, "number = ?", number).Error
}
