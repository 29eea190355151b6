package store

import (
	"time"

	"gorm.io/gorm"
)

// migration0001Tickets makes the tickets and all that belongs to one. What belongs
// to a ticket refers to it, so that nothing can be kept of a ticket that isn't there.
func migration0001Tickets(tx *gorm.DB) error {
	type Ticket struct {
		Number        string    `gorm:"primaryKey;size:24;index:tickets_open_due,priority:3;index:tickets_due,priority:2;index:tickets_received,priority:2"`
		FormHash      *string   `gorm:"size:64;uniqueIndex:tickets_form"`
		Kind          string    `gorm:"size:32;not null;index:tickets_kind,priority:1"`
		Category      string    `gorm:"size:32;not null"`
		Channel       string    `gorm:"size:16;not null"`
		Relation      string    `gorm:"size:24;not null"`
		Locale        string    `gorm:"size:16;not null"`
		Open          bool      `gorm:"not null;index:tickets_open_due,priority:1;index:tickets_assignee,priority:2"`
		Stage         string    `gorm:"size:24;not null;index:tickets_stage,priority:1"`
		Awaiting      string    `gorm:"size:24;not null"`
		Outcome       string    `gorm:"size:24;not null"`
		Reason        string    `gorm:"size:48;not null"`
		ReceivedAt    time.Time `gorm:"precision:6;not null;index:tickets_received,priority:1"`
		FiledAt       time.Time `gorm:"precision:6;not null"`
		FiledBy       string    `gorm:"size:32;not null"`
		PolicyName    string    `gorm:"size:32;not null"`
		PolicyVersion string    `gorm:"size:32;not null"`
		PolicyDigest  string    `gorm:"size:64;not null"`
		ReplyDue      time.Time `gorm:"precision:6;not null;index:tickets_open_due,priority:2;index:tickets_due,priority:1;index:tickets_assignee,priority:3;index:tickets_stage,priority:2;index:tickets_kind,priority:2"`
		Provisional   bool      `gorm:"not null"`
		Calendar      int       `gorm:"not null"`
		SLA           string    `gorm:"size:16;not null"`
		Escalation    int       `gorm:"not null"`
		Assignee      string    `gorm:"size:32;not null;index:tickets_assignee,priority:1"`
		LeaseNumber   int       `gorm:"not null"`
		LeaseHolder   string    `gorm:"size:32;not null"`
		LeaseUntil    time.Time `gorm:"precision:6"`
		Level         int       `gorm:"not null"`
		VerifiedAt    time.Time `gorm:"precision:6"`
		AnsweredAt    time.Time `gorm:"precision:6"`
		ClosedAt      time.Time `gorm:"precision:6"`
		StoppedAt     time.Time `gorm:"precision:6"`
		BreachedAt    time.Time `gorm:"precision:6"`
		Appealed      bool      `gorm:"not null"`
		Rev           int64     `gorm:"not null"`
		State         string    `gorm:"not null"`
		KeptUntil     time.Time `gorm:"precision:6"`
		LockedAt      time.Time `gorm:"precision:6"`
		PurgedAt      time.Time `gorm:"precision:6"`
		Unstarted     bool      `gorm:"not null"`
	}
	type TicketSecret struct {
		TicketNumber string `gorm:"column:number;primaryKey;size:24"`
		DataKey      []byte `gorm:"size:512"`
		Content      []byte
		Account      []byte
		Kept         []byte
		Ticket       Ticket `gorm:"foreignKey:TicketNumber;references:Number"`
	}
	type TicketContact struct {
		Hash         string `gorm:"primaryKey;size:64"`
		TicketNumber string `gorm:"column:number;primaryKey;size:24;index:ticket_contacts_number"`
		Ticket       Ticket `gorm:"foreignKey:TicketNumber;references:Number"`
	}
	type Message struct {
		ID           int64     `gorm:"primaryKey"`
		TicketNumber string    `gorm:"column:number;size:24;not null;index:messages_number;uniqueIndex:messages_dedup,priority:1"`
		Dedup        *string   `gorm:"size:64;uniqueIndex:messages_dedup,priority:2"`
		Kind         string    `gorm:"size:16;not null"`
		Agent        string    `gorm:"size:32;not null"`
		At           time.Time `gorm:"precision:6;not null"`
		Pending      bool      `gorm:"not null"`
		Body         []byte
		Ticket       Ticket `gorm:"foreignKey:TicketNumber;references:Number"`
	}
	type Note struct {
		ID           int64     `gorm:"primaryKey"`
		TicketNumber string    `gorm:"column:number;size:24;not null;index:notes_number"`
		Agent        string    `gorm:"size:32;not null"`
		At           time.Time `gorm:"precision:6;not null"`
		Body         []byte
		Ticket       Ticket `gorm:"foreignKey:TicketNumber;references:Number"`
	}
	type Attachment struct {
		ID           int64     `gorm:"primaryKey"`
		TicketNumber string    `gorm:"column:number;size:24;not null;index:attachments_number"`
		Message      int64     `gorm:"not null"`
		FromSubject  bool      `gorm:"not null"`
		MediaType    string    `gorm:"size:128;not null"`
		Size         int64     `gorm:"not null"`
		At           time.Time `gorm:"precision:6;not null"`
		Name         []byte
		Content      []byte
		Ticket       Ticket `gorm:"foreignKey:TicketNumber;references:Number"`
	}
	type Draft struct {
		TicketNumber string    `gorm:"column:number;primaryKey;size:24"`
		Agent        string    `gorm:"primaryKey;size:32"`
		Kind         string    `gorm:"primaryKey;size:32"`
		SavedAt      time.Time `gorm:"precision:6;not null"`
		Body         []byte
		Ticket       Ticket `gorm:"foreignKey:TicketNumber;references:Number"`
	}
	type Event struct {
		ID           int64     `gorm:"primaryKey"`
		TicketNumber string    `gorm:"column:number;size:24;not null;index:events_number"`
		Rev          int64     `gorm:"not null"`
		At           time.Time `gorm:"precision:6;not null"`
		Actor        string    `gorm:"size:16;not null"`
		Agent        string    `gorm:"size:32;not null"`
		Act          string    `gorm:"size:48;not null"`
		Code         string    `gorm:"size:64;not null"`
		Object       int64     `gorm:"not null"`
		Ticket       Ticket    `gorm:"foreignKey:TicketNumber;references:Number"`
	}
	type LedgerEntry struct {
		ID           int64     `gorm:"primaryKey"`
		TicketNumber string    `gorm:"column:number;size:24;not null;index:ledger_entries_number"`
		Rev          int64     `gorm:"not null"`
		At           time.Time `gorm:"precision:6;not null"`
		Event        string    `gorm:"size:32;not null"`
		Running      bool      `gorm:"not null"`
		Due          time.Time `gorm:"precision:6"`
		Provisional  bool      `gorm:"not null"`
		Calendar     int       `gorm:"not null"`
		Rung         string    `gorm:"size:16;not null"`
		Actor        string    `gorm:"size:16;not null"`
		Agent        string    `gorm:"size:32;not null"`
		Reason       int64     `gorm:"not null"`
		Ticket       Ticket    `gorm:"foreignKey:TicketNumber;references:Number"`
	}
	type Mail struct {
		ID           int64     `gorm:"primaryKey"`
		TicketNumber string    `gorm:"column:number;size:24;not null;uniqueIndex:mails_step,priority:1"`
		Step         string    `gorm:"size:96;not null;uniqueIndex:mails_step,priority:2"`
		Letter       string    `gorm:"size:32;not null"`
		Recipient    string    `gorm:"size:16;not null"`
		Message      int64     `gorm:"not null"`
		Due          time.Time `gorm:"precision:6"`
		Status       string    `gorm:"size:16;not null"`
		Attempts     int       `gorm:"not null"`
		LastCode     int       `gorm:"not null"`
		MessageID    string    `gorm:"size:255;not null"`
		QueuedAt     time.Time `gorm:"precision:6;not null"`
		AcceptedAt   time.Time `gorm:"precision:6"`
		LastTriedAt  time.Time `gorm:"precision:6"`
		Ticket       Ticket    `gorm:"foreignKey:TicketNumber;references:Number"`
	}
	type StaffMail struct {
		TicketNumber string    `gorm:"column:number;primaryKey;size:24"`
		Step         string    `gorm:"primaryKey;size:96"`
		Agent        string    `gorm:"primaryKey;size:32"`
		SentAt       time.Time `gorm:"precision:6;not null"`
		Ticket       Ticket    `gorm:"foreignKey:TicketNumber;references:Number"`
	}
	type Verification struct {
		ID           int64     `gorm:"primaryKey"`
		TicketNumber string    `gorm:"column:number;size:24;not null;index:verifications_number"`
		Step         string    `gorm:"size:96;not null"`
		Method       string    `gorm:"size:24;not null"`
		Level        int       `gorm:"not null"`
		Recipient    string    `gorm:"size:16;not null"`
		CodeHash     string    `gorm:"size:64;not null"`
		Contact      []byte    `gorm:"size:2048"`
		Tries        int       `gorm:"not null"`
		Delivered    bool      `gorm:"not null"`
		SentAt       time.Time `gorm:"precision:6;not null"`
		ExpiresAt    time.Time `gorm:"precision:6;not null"`
		ProvedAt     time.Time `gorm:"precision:6"`
		SupersededAt time.Time `gorm:"precision:6"`
		Ticket       Ticket    `gorm:"foreignKey:TicketNumber;references:Number"`
	}
	type Link struct {
		ID           int64     `gorm:"primaryKey"`
		TokenHash    string    `gorm:"size:64;not null;uniqueIndex:links_token"`
		TicketNumber string    `gorm:"column:number;size:24;not null;index:links_number"`
		Purpose      string    `gorm:"size:16;not null"`
		Proved       bool      `gorm:"not null"`
		ExpiresAt    time.Time `gorm:"precision:6;not null;index:links_expiry"`
		Ticket       Ticket    `gorm:"foreignKey:TicketNumber;references:Number"`
	}
	type Delivery struct { // refers to no ticket: a calendar's rollout belongs to none
		ID           int64     `gorm:"primaryKey"`
		TicketNumber string    `gorm:"column:number;size:24;not null;index:deliveries_number,priority:1"`
		Op           string    `gorm:"size:16;not null"`
		Name         string    `gorm:"size:64;not null"`
		Payload      []byte    `gorm:"not null"`
		CreatedAt    time.Time `gorm:"precision:6;not null"`
		Attempts     int       `gorm:"not null"`
		Pending      bool      `gorm:"not null;index:deliveries_pending,priority:1;index:deliveries_number,priority:2"`
		NextAt       time.Time `gorm:"precision:6;not null;index:deliveries_pending,priority:2"`
		DoneAt       time.Time `gorm:"precision:6"`
		Rejected     string    `gorm:"size:64;not null"`
		Message      int64     `gorm:"not null"`
	}
	type Presence struct {
		TicketNumber string    `gorm:"column:number;primaryKey;size:24"`
		Agent        string    `gorm:"primaryKey;size:32"`
		SeenAt       time.Time `gorm:"precision:6;not null"`
		Ticket       Ticket    `gorm:"foreignKey:TicketNumber;references:Number"`
	}
	return tx.AutoMigrate(&Ticket{}, &TicketSecret{}, &TicketContact{}, &Message{}, &Note{}, &Attachment{}, &Draft{},
		&Event{}, &LedgerEntry{}, &Mail{}, &StaffMail{}, &Verification{}, &Link{}, &Delivery{}, &Presence{})
}
