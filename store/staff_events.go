package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// StaffAct is what was done to somebody's access.
type StaffAct string

const (
	StaffAdded         StaffAct = "added"          // Code: the role
	StaffRoleChanged   StaffAct = "role_changed"   // Code: the new role
	StaffQueuesChanged StaffAct = "queues_changed" // Code: the queues, joined by commas; empty: all
	StaffDisabled      StaffAct = "disabled"
	StaffEnabled       StaffAct = "enabled"
	StaffPasswordReset StaffAct = "password_reset" // a new one-time password
	StaffPasswordSet   StaffAct = "password_set"   // by themselves
	StaffFactorSet     StaffAct = "factor_set"     // the second factor, by themselves
	StaffFactorReset   StaffAct = "factor_reset"
	StaffCodeUsed      StaffAct = "recovery_code_used"
	StaffCodesMade     StaffAct = "recovery_codes_made"
	StaffLinked        StaffAct = "single_sign_on" // from now on they come by single sign-on, and their password is gone
)

// ByCommandLine is the actor of what was done on the server itself.
const ByCommandLine ticket.AgentID = ""

// StaffEvent is an entry of the record of staff administration. It is only ever
// added to, and holds no name and no address.
type StaffEvent struct {
	ID      int64
	At      time.Time      // zero: now
	Actor   ticket.AgentID // ByCommandLine: none of the staff
	Act     StaffAct
	Subject ticket.AgentID // whose access it is
	Code    string         // what it was changed to
}

type staffEventRow struct {
	ID      int64
	At      instant
	Actor   ticket.AgentID
	Act     StaffAct
	Subject ticket.AgentID
	Code    string
}

func (staffEventRow) TableName() string { return "staff_events" }

// recordStaff puts what was done to a member on record, in the transaction that
// does it.
func (s *Store) recordStaff(tx *gorm.DB, subject ticket.AgentID, events []StaffEvent) error {
	for _, e := range events {
		if e.At.IsZero() {
			e.At = s.now()
		}
		row := staffEventRow{At: instantOf(e.At), Actor: e.Actor, Act: e.Act, Subject: subject, Code: e.Code}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// StaffEvents lists the record, the newest first, a page at a time: those before
// an id, or the last ones for 0.
func (s *Store) StaffEvents(ctx context.Context, before int64, limit int) ([]StaffEvent, error) {
	query := s.read(ctx).Order("id DESC").Limit(limit)
	if before > 0 {
		query = query.Where("id < ?", before)
	}
	var rows []staffEventRow
	err := query.Find(&rows).Error
	events := make([]StaffEvent, len(rows))
	for i, r := range rows {
		events[i] = StaffEvent{ID: r.ID, At: r.At.time(), Actor: r.Actor, Act: r.Act, Subject: r.Subject, Code: r.Code}
	}
	return events, failed("reading the record of staff", err)
}
