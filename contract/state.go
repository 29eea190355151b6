package contract

import (
	"time"

	"rightsdesk/ticket"
)

// State is all that a ticket's workflow knows. The ticket's row in the database
// is its projection, and a run that grows too long hands it to the next one.
type State struct {
	Rev      int64                `json:"rev"` // counts the recorded changes
	Stage    ticket.Stage         `json:"stage"`
	Awaiting ticket.Awaiting      `json:"awaiting"`
	Category ticket.Category      `json:"category,omitempty"`
	Outcome  ticket.Outcome       `json:"outcome,omitempty"`
	Reason   ticket.RefusalReason `json:"reason,omitempty"`

	Assignee ticket.AgentID   `json:"assignee,omitempty"`
	Lease    Lease            `json:"lease"`
	Handlers []ticket.AgentID `json:"handlers,omitempty"` // who handled it: barred from its appeal

	Level      ticket.Level `json:"level"` // proved so far
	VerifiedAt time.Time    `json:"verified_at,omitzero"`
	Codes      int          `json:"codes,omitempty"` // sent so far
	CodeAt     time.Time    `json:"code_at,omitzero"`

	Proofs         []Proof `json:"proofs,omitempty"`          // documents the person sent
	RelationProved bool    `json:"relation_proved,omitempty"` // they may act for the data subject

	// since when this step waits for the person; zero when it does not
	WaitingSince time.Time `json:"waiting_since,omitzero"`

	Clock Clock `json:"clock"`

	Decision *Decision  `json:"decision,omitempty"` // in force, or waiting for its approval
	Account  Account    `json:"account"`
	Asked    *Question  `json:"asked,omitempty"` // what the person was asked and hasn't answered
	Messages int        `json:"messages,omitempty"`
	Solved   bool       `json:"solved,omitempty"`
	Appealed bool       `json:"appealed,omitempty"` // "not solved" was said: once
	Reopened bool       `json:"reopened,omitempty"` // the appeal's own clock has been started
	Counter  int        `json:"counter,omitempty"`  // numbers mails of one kind
	Answer   AnswerMail `json:"answer"`
	ClosedAt time.Time  `json:"closed_at,omitzero"`

	// what the person wrote was lost in a restore of the database, their address with it
	WordsLost bool `json:"words_lost,omitempty"`
}

// Lease is a claim: who works on the ticket, under which number, until when.
// Acts carry the number; one under a lost lease is refused.
type Lease struct {
	Number int            `json:"number"`
	Holder ticket.AgentID `json:"holder,omitempty"`
	Until  time.Time      `json:"until,omitzero"`
}

// Clock is the reply clock.
type Clock struct {
	From        time.Time       `json:"from"`
	Due         time.Time       `json:"due"` // the last second of the period
	Provisional bool            `json:"provisional,omitempty"`
	Calendar    CalendarVersion `json:"calendar"`
	SLA         ticket.SLAState `json:"sla"`
	Escalation  int             `json:"escalation"` // rungs climbed
	Extended    bool            `json:"extended,omitempty"`
	Pauses      []Pause         `json:"pauses,omitempty"`
	Rungs       []Rung          `json:"rungs,omitempty"` // in the order of their time
	OverdueDays int             `json:"overdue_days,omitempty"`
	AckedBy     ticket.Role     `json:"acked_by,omitempty"` // who took note: notices up to their level are quiet
	BreachedAt  time.Time       `json:"breached_at,omitzero"`
	StoppedAt   time.Time       `json:"stopped_at,omitzero"`
}

// BreachAt is the first instant after the period: 24:00 of its last day, or the
// end of an exact term's last second.
func (c Clock) BreachAt() time.Time { return c.Due.Truncate(time.Second).Add(time.Second) }

// Running reports that it counts: it neither has stopped nor waits.
func (c Clock) Running() bool { return c.StoppedAt.IsZero() && !c.Paused() }

// Paused reports that it waits for the person.
func (c Clock) Paused() bool { return len(c.Pauses) > 0 && c.Pauses[len(c.Pauses)-1].To.IsZero() }

// Pause is a time in which the clock waited for the person. To is zero while
// it lasts.
type Pause struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
}

// Rung is one step of the escalation ladder.
type Rung struct {
	Name  ticket.Rung `json:"name"`
	At    time.Time   `json:"at"`
	Fired bool        `json:"fired,omitempty"`
}

// Decision is what an agent decided; its words are a message in the database.
type Decision struct {
	By       ticket.AgentID       `json:"by"`
	At       time.Time            `json:"at"`
	Outcome  ticket.Outcome       `json:"outcome"`
	Reason   ticket.RefusalReason `json:"reason,omitempty"`
	Message  int64                `json:"message"`
	Fields   []FieldDecision      `json:"fields,omitempty"`
	FourEyes bool                 `json:"four_eyes,omitempty"`
	Approved ticket.AgentID       `json:"approved,omitempty"`
}

// FieldDecision is an agent's word on one field of a correction.
type FieldDecision struct {
	Field  FieldName            `json:"field"`
	Accept bool                 `json:"accept"`
	Reason ticket.RefusalReason `json:"reason,omitempty"`
}

// Account is how far fulfilment at the account system has come.
type Account struct {
	Looked      bool          `json:"looked,omitempty"`
	Found       bool          `json:"found,omitempty"`
	ByHand      bool          `json:"by_hand,omitempty"` // there is no interface: staff look it up
	Obstacles   int           `json:"obstacles,omitempty"`
	Settled     bool          `json:"settled,omitempty"`     // the person says so: ask again
	Checked     bool          `json:"checked,omitempty"`     // no obstacle was left when last asked
	Confirmed   bool          `json:"confirmed,omitempty"`   // the person accepted the consequences
	ConfirmedAt time.Time     `json:"confirmed_at,omitzero"` // begins the cooling-off time
	NoReturn    time.Time     `json:"no_return,omitzero"`    // erasure began
	Manual      *ManualTask   `json:"manual,omitempty"`      // a person has to do it
	Applied     []FieldName   `json:"applied,omitempty"`     // fields changed so far
	Before      []FieldName   `json:"before,omitempty"`      // those that were so before the decision now carried out
	Undoing     bool          `json:"undoing,omitempty"`     // it is being put back
	Done        []AccountStep `json:"done,omitempty"`
	KeptUntil   time.Time     `json:"kept_until,omitzero"`
}

// AccountStep is something done once at the account system.
type AccountStep string

const (
	StepStopServices AccountStep = "stop_services"
	StepErase        AccountStep = "erase"
	StepCorrect      AccountStep = "correct"
	StepUndo         AccountStep = "undo"
	StepPurge        AccountStep = "purge"
)

// ManualTask is a step at the account system that staff tick off, erasure by
// two different persons.
type ManualTask struct {
	Step   AccountStep    `json:"step"`
	Field  FieldName      `json:"field,omitempty"`
	First  ticket.AgentID `json:"first,omitempty"`
	Second ticket.AgentID `json:"second,omitempty"`
	Done   bool           `json:"done,omitempty"`
}

// Proof is a document and what staff think of it. First is who looked at it
// first, where two have to.
type Proof struct {
	ID     int64            `json:"id"`
	Kind   ticket.ProofKind `json:"kind"`
	First  ticket.AgentID   `json:"first,omitempty"`
	Done   bool             `json:"done,omitempty"`
	Passed bool             `json:"passed,omitempty"`
}

// Question is what the person was asked.
type Question struct {
	Message int64     `json:"message"`
	At      time.Time `json:"at"`
}

// AnswerMail is how the answer's delivery stands.
type AnswerMail struct {
	Message   int64     `json:"message,omitempty"`
	Sent      int       `json:"sent,omitempty"` // how many answers went out, bounced ones included
	Delivered time.Time `json:"delivered,omitzero"`
	ReadAt    time.Time `json:"read_at,omitzero"`  // opened on the tracking page
	Bounced   bool      `json:"bounced,omitempty"` // came back after it was accepted
}
