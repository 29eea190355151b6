package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// Ticket is a ticket's row: the projection of its workflow's state, without
// anything personal.
type Ticket struct {
	Number      ticket.Number
	Kind        ticket.Kind
	Category    ticket.Category
	Channel     ticket.Channel
	Relation    ticket.Relation
	Locale      ticket.Locale
	Stage       ticket.Stage
	Awaiting    ticket.Awaiting
	Outcome     ticket.Outcome
	Reason      ticket.RefusalReason
	ReceivedAt  time.Time
	FiledAt     time.Time
	FiledBy     ticket.AgentID
	Policy      ticket.PolicyRef
	ReplyDue    time.Time
	Provisional bool
	Calendar    contract.CalendarVersion
	SLA         ticket.SLAState
	Escalation  int
	Assignee    ticket.AgentID
	LeaseNumber int
	LeaseHolder ticket.AgentID
	LeaseUntil  time.Time
	Level       ticket.Level
	VerifiedAt  time.Time
	AnsweredAt  time.Time // the mail server accepted the answer, or the person read it
	ClosedAt    time.Time
	StoppedAt   time.Time // the reply clock
	BreachedAt  time.Time
	Appealed    bool
	Rev         int64
	State       contract.State
	KeptUntil   time.Time
	LockedAt    time.Time // locked away since; see LockAway
	PurgedAt    time.Time
	Starting    bool // its workflow has not been started yet
}

// ChecksAccount reports that staff are to check whose the account is: there is no
// account system that a code could be sent by, and it has not been proved yet.
func (t Ticket) ChecksAccount(terms ticket.Terms) bool {
	return t.State.Account.ByHand && t.Level < min(terms.Verification.Level, ticket.LevelAccount)
}

// Ticket returns a ticket.
func (s *Store) Ticket(ctx context.Context, number ticket.Number) (Ticket, error) {
	row, err := ticketByNumber(s.read(ctx), number)
	if err != nil {
		return Ticket{}, failed("reading "+string(number), err)
	}
	return row.ticket()
}

func ticketByNumber(db *gorm.DB, number ticket.Number) (ticketRow, error) {
	var row ticketRow
	err := db.Take(&row, "number = ?", number).Error
	return row, err
}

// lockTicket reads a ticket and keeps others from changing it until the
// transaction ends.
func lockTicket(tx *gorm.DB, number ticket.Number) (ticketRow, error) {
	return ticketByNumber(tx.Clauses(forUpdate()), number)
}
