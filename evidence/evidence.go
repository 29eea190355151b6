// Package evidence is the form of what proves how a ticket was handled: the
// chained entries of its trail and of its clock, and the signed file that holds
// them. It makes and checks; it reads and writes nothing, and needs neither the
// database nor the master key.
package evidence

import (
	"time"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// Format names the form of a file. A file of another form is another format.
const Format = "rightsdesk evidence 1"

// File is what proves how one ticket was handled. It holds nothing personal: staff
// stand in it by their sign-in names, the person not at all. docs/evidence.md says
// what each member means; their order here is their order in the file.
type File struct {
	Format       string     `json:"format"`
	Product      string     `json:"product"` // version of the program that made it
	MadeAt       time.Time  `json:"made_at"`
	MadeBy       string     `json:"made_by"` // a sign-in name, or CommandLine
	Ticket       Ticket     `json:"ticket"`
	Policy       Policy     `json:"policy"`
	Calendar     Calendar   `json:"calendar"`
	Trail        []Entry    `json:"trail"`
	Clock        Clock      `json:"clock"`
	Mails        []Mail     `json:"mails"`
	Verification []Check    `json:"verification"`
	Decision     *Decision  `json:"decision"` // in force, or waiting for its approval; null: none
	Approvals    []Approval `json:"approvals"`
	Fulfilment   Fulfilment `json:"fulfilment"`
	Workflow     History    `json:"workflow"`
	Chain        Head       `json:"audit_chain"`
	Key          string     `json:"key"`       // public part of the signing key, hex
	Signature    string     `json:"signature"` // Ed25519 over all that stands before it in the file, hex
}

// CommandLine is MadeBy of a file made at the server.
const CommandLine = "command line"

// Ticket is what the desk knows of a ticket that is not personal.
type Ticket struct {
	Number      ticket.Number        `json:"number"`
	Kind        ticket.Kind          `json:"kind"`
	Category    ticket.Category      `json:"category"`
	Channel     ticket.Channel       `json:"channel"`
	Relation    ticket.Relation      `json:"relation"`
	Locale      ticket.Locale        `json:"locale"`
	Stage       ticket.Stage         `json:"stage"`
	Outcome     ticket.Outcome       `json:"outcome"`
	Reason      ticket.RefusalReason `json:"reason"`
	Level       ticket.Level         `json:"level"` // of identity, proved
	Appealed    bool                 `json:"appealed"`
	SLA         ticket.SLAState      `json:"sla"`
	Provisional bool                 `json:"provisional"`
	FiledBy     ticket.AgentID       `json:"filed_by"` // empty: the person
	ReceivedAt  time.Time            `json:"received_at"`
	FiledAt     time.Time            `json:"filed_at"`
	ReplyDue    time.Time            `json:"reply_due"`
	VerifiedAt  time.Time            `json:"verified_at,omitzero"`
	AnsweredAt  time.Time            `json:"answered_at,omitzero"`
	BreachedAt  time.Time            `json:"breached_at,omitzero"`
	ClosedAt    time.Time            `json:"closed_at,omitzero"`
	LockedAt    time.Time            `json:"locked_at,omitzero"`
	PurgedAt    time.Time            `json:"purged_at,omitzero"`
}

// Policy pins what the person was promised.
type Policy struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"` // SHA-256 of its text
}

// Calendar is by which working days the deadline was counted.
type Calendar struct {
	Name      string                   `json:"name"`
	Version   contract.CalendarVersion `json:"version"`   // 0: as built into the program
	Schedules []Schedule               `json:"schedules"` // loaded up to that version
}

// Schedule is a published schedule that was loaded.
type Schedule struct {
	Version  contract.CalendarVersion `json:"version"`
	Digest   string                   `json:"digest"` // SHA-256 of its text
	LoadedAt time.Time                `json:"loaded_at"`
}

// Clock is the ledger of the reply clock, and what it adds up to.
type Clock struct {
	Entries []ClockEntry `json:"entries"`
	Until   time.Time    `json:"until,omitzero"`     // to when it was added up
	Ran     int64        `json:"ran_microseconds"`   // from the first entry until then
	Stood   int64        `json:"stood_microseconds"` // likewise, waiting or stopped
}

// Mail is a letter and what became of it.
type Mail struct {
	Letter     contract.Letter    `json:"letter"`
	To         contract.Recipient `json:"to"` // which of the person's contacts, not its address
	Status     string             `json:"status"`
	Attempts   int                `json:"attempts"`
	Code       int                `json:"smtp_code"` // 0: none was given
	QueuedAt   time.Time          `json:"queued_at"`
	TriedAt    time.Time          `json:"tried_at,omitzero"`
	AcceptedAt time.Time          `json:"accepted_at,omitzero"`
}

// Check is one attempt to prove who the person is.
type Check struct {
	Method    ticket.Method      `json:"method"`
	Level     ticket.Level       `json:"level"`
	To        contract.Recipient `json:"to"`
	Tries     int                `json:"wrong_tries"`
	Delivered bool               `json:"delivered"`
	SentAt    time.Time          `json:"sent_at"`
	ExpiresAt time.Time          `json:"expires_at"`
	ProvedAt  time.Time          `json:"proved_at,omitzero"`
}

// Decision is what was decided; its words are not in the file.
type Decision struct {
	By         ticket.AgentID       `json:"by"`
	At         time.Time            `json:"at"`
	Outcome    ticket.Outcome       `json:"outcome"`
	Reason     ticket.RefusalReason `json:"reason"`
	FourEyes   bool                 `json:"four_eyes"`
	ApprovedBy ticket.AgentID       `json:"approved_by"`
	Fields     []FieldDecision      `json:"fields"`
}

// FieldDecision is the word on one field of a correction.
type FieldDecision struct {
	Field    contract.FieldName   `json:"field"`
	Accepted bool                 `json:"accepted"`
	Reason   ticket.RefusalReason `json:"reason"`
}

// Approval is an act by which somebody stood for a decision. It repeats the entry
// of the trail that has its number.
type Approval struct {
	Seq   int64          `json:"seq"`
	Act   contract.Act   `json:"act"`
	Agent ticket.AgentID `json:"agent"`
	At    time.Time      `json:"at"`
}

// Fulfilment is what was done at the account system, and what is kept.
type Fulfilment struct {
	Done            []contract.AccountStep `json:"done"`
	FieldsChanged   []contract.FieldName   `json:"fields_changed"`
	PointOfNoReturn time.Time              `json:"point_of_no_return,omitzero"`
	KeptUntil       time.Time              `json:"kept_until,omitzero"`
	KeptByPolicy    []KeptRule             `json:"kept_by_policy"` // what the policy has kept after the erasure
}

// KeptRule is a field that the policy keeps after a cancellation, and by which law.
type KeptRule struct {
	Field string `json:"field"`
	Basis string `json:"basis"`
}

// History stands for the history of the ticket's workflow.
type History struct {
	Available bool   `json:"available"`
	Why       string `json:"why"` // it is not available; else empty
	Runs      int    `json:"runs"`
	Events    int64  `json:"events"`
	Ended     bool   `json:"ended"`
	Digest    string `json:"digest"` // SHA-256, hex; see docs/evidence.md
}

// Head is where the chain over all tickets ended when the file was made.
type Head struct {
	Position int64  `json:"position"`
	Hash     string `json:"hash"`
}
