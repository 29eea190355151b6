// Package contract is everything that crosses Temporal: what a workflow is
// started with, what updates and activities take and return, and the state a
// ticket's workflow keeps. Temporal's history is readable by managers and kept
// for long, so nothing here may hold personal data, secrets or free text: those
// stay in the database, encrypted, and are named by id. A test walks these types
// and refuses any field whose type could hold a sentence.
package contract

import (
	"strings"
	"time"

	"rightsdesk/ticket"
)

// TaskQueue is where the workers listen.
const TaskQueue = "rightsdesk"

// Deployment is the name under which Temporal keeps the revisions of the workers.
const Deployment = "rightsdesk"

// Workflow names. They are part of every history: never change one.
const (
	WorkflowAccountCancellation = "AccountCancellation"
	WorkflowInfoCorrection      = "InfoCorrection"
	WorkflowComplaint           = "Complaint"
	WorkflowRetention           = "Retention"
	WorkflowCalendarRollout     = "CalendarRollout"
)

// WorkflowFor names the workflow of a kind.
func WorkflowFor(k ticket.Kind) string {
	switch k {
	case ticket.AccountCancellation:
		return WorkflowAccountCancellation
	case ticket.InfoCorrection:
		return WorkflowInfoCorrection
	case ticket.Complaint:
		return WorkflowComplaint
	}
	panic("contract: no workflow for kind " + string(k))
}

// Start begins a ticket's workflow. The workflow's id is the ticket's number, so
// that a second start of the same ticket is refused by Temporal itself.
type Start struct {
	Number       ticket.Number    `json:"number"`
	Kind         ticket.Kind      `json:"kind"`
	Category     ticket.Category  `json:"category,omitempty"`
	Channel      ticket.Channel   `json:"channel"`
	Relation     ticket.Relation  `json:"relation"`
	Locale       ticket.Locale    `json:"locale"`
	ReceivedAt   time.Time        `json:"received_at"`
	Policy       ticket.PolicyRef `json:"policy"`
	Terms        ticket.Terms     `json:"terms"`
	LeaseMinutes int              `json:"lease_minutes"`
	Messages     int              `json:"messages"`         // how many the person may send
	Fields       []FieldTask      `json:"fields,omitempty"` // corrections: what is to be changed
	Task         time.Time        `json:"task,omitzero"`    // of the last record of the run before, when a long run continues as new
	Resume       *State           `json:"resume,omitempty"` // set when a long run continues as new
	// Recovered: the run before this one is lost, and Resume is what the database
	// has of it. What was in the air then is asked of the database.
	Recovered bool `json:"recovered,omitempty"`
}

// FieldTask is one field to correct. The values are in the database.
type FieldTask struct {
	Field    FieldName    `json:"field"`
	Level    ticket.Level `json:"level"`
	FourEyes bool         `json:"four_eyes,omitempty"`
}

// FieldName is the name of an account field as the policy declares it.
type FieldName string

// RetentionStart begins the year in which a cancelled account's remainder is
// locked away (clause 5.4.1).
type RetentionStart struct {
	Number  ticket.Number `json:"number"`
	Until   time.Time     `json:"until"`
	Account bool          `json:"account,omitempty"` // the account system keeps a remainder too
}

// RetentionID is the id of the workflow that keeps and purges.
func RetentionID(n ticket.Number) string { return string(n) + retention }

const retention = "-retention"

// NumberOf is the ticket that a workflow of this id is about; false: none.
func NumberOf(workflow string) (ticket.Number, bool) {
	id := strings.TrimSuffix(workflow, retention)
	number, ok := ticket.ParseNumber(id)
	return number, ok && string(number) == id
}

// RolloutStart begins the recomputation of every open deadline under a newly
// loaded calendar.
type RolloutStart struct {
	Calendar CalendarVersion `json:"calendar"`
	After    ticket.Number   `json:"after,omitempty"` // resume behind this ticket
	Visited  int             `json:"visited,omitempty"`
	Moved    int             `json:"moved,omitempty"`
	Failed   int             `json:"failed,omitempty"`
}

// RolloutResult says what a rollout did.
type RolloutResult struct {
	Visited int `json:"visited"`
	Moved   int `json:"moved"`
	Failed  int `json:"failed"`
}

// CalendarVersion counts the schedules loaded so far; 0 is the built-in one.
type CalendarVersion int
