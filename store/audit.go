package store

import (
	"context"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

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
}

func (eventRow) TableName() string { return "events" }

func newEventRow(number ticket.Number, rev int64, e contract.Event) eventRow {
	return eventRow{Number: number, Rev: rev, At: instantOf(e.At), Actor: e.Actor, Agent: e.Agent, Act: e.Act,
		Code: e.Code, Object: e.Object}
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
}

func (ledgerRow) TableName() string { return "ledger_entries" }

func newLedgerRow(number ticket.Number, rev int64, e contract.LedgerEntry) ledgerRow {
	return ledgerRow{Number: number, Rev: rev, At: instantOf(e.At), Event: e.Event, Running: e.Running, Due: instantOf(e.Due),
		Provisional: e.Provisional, Calendar: e.Calendar, Rung: e.Rung, Actor: e.Actor, Agent: e.Agent, Reason: e.Reason}
}

// Events returns the audit trail of a ticket in the order in which it was
// written. It survives the purge.
func (s *Store) Events(ctx context.Context, number ticket.Number) ([]contract.Event, error) {
	var rows []eventRow
	err := s.rowsOf(ctx, number, &rows)
	events := make([]contract.Event, len(rows))
	for i, r := range rows {
		events[i] = contract.Event{At: r.At.time(), Actor: r.Actor, Agent: r.Agent, Act: r.Act, Code: r.Code, Object: r.Object}
	}
	return events, failed("reading the audit trail of "+string(number), err)
}

// AppendEvent adds to the audit trail what happened outside the workflow. It
// changes nothing else of the ticket.
func (s *Store) AppendEvent(ctx context.Context, number ticket.Number, e contract.Event) error {
	return s.write(ctx, "adding to the audit trail of "+string(number), func(db *gorm.DB) error {
		row := newEventRow(number, 0, e)
		return db.Create(&row).Error
	})
}

// Ledger returns what the reply clock of a ticket did, in order.
func (s *Store) Ledger(ctx context.Context, number ticket.Number) ([]contract.LedgerEntry, error) {
	var rows []ledgerRow
	err := s.rowsOf(ctx, number, &rows)
	entries := make([]contract.LedgerEntry, len(rows))
	for i, r := range rows {
		entries[i] = contract.LedgerEntry{At: r.At.time(), Event: r.Event, Running: r.Running, Due: r.Due.time(),
			Provisional: r.Provisional, Calendar: r.Calendar, Rung: r.Rung, Actor: r.Actor, Agent: r.Agent, Reason: r.Reason}
	}
	return entries, failed("reading the ledger of "+string(number), err)
}

// rowsOf reads the rows of a ticket in the order in which they were written, or
// finds that there is no such ticket.
func (s *Store) rowsOf(ctx context.Context, number ticket.Number, rows any) error {
	db := s.read(ctx)
	found := db.Where("number = ?", number).Order("id").Find(rows)
	if found.Error != nil || found.RowsAffected > 0 {
		return found.Error
	}
	return db.Select("number").Take(&ticketRow{}, "number = ?", number).Error
}
