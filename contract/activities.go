package contract

import (
	"fmt"
	"time"

	"rightsdesk/ticket"
)

// Names of the activities. Part of every history: never change one.
const (
	// local: short steps on our own database
	ActivityPlanClock     = "PlanClock"
	ActivityPlanWait      = "PlanWait"
	ActivityNextMorning   = "NextMorning"
	ActivityRecord        = "Record"
	ActivityCheckPresence = "CheckPresence"
	ActivityPurgeRecords  = "PurgeRecords"
	ActivityOpenTickets   = "OpenTickets"
	ActivityMailsInTheAir = "MailsInTheAir"

	// remote: other systems, retried for long
	ActivitySendMail       = "SendMail"
	ActivitySendText       = "SendText"
	ActivityNotifyStaff    = "NotifyStaff"
	ActivityLookUpAccount  = "LookUpAccount"
	ActivityCheckObstacles = "CheckObstacles"
	ActivityActOnAccount   = "ActOnAccount"
	ActivityReplanTickets  = "ReplanTickets"
)

// Local reports an activity that runs locally as long as our own database answers.
func Local(activity string) bool {
	switch activity {
	case ActivityPlanClock, ActivityPlanWait, ActivityNextMorning, ActivityRecord, ActivityCheckPresence, ActivityPurgeRecords, ActivityOpenTickets:
		return true
	}
	return false
}

// PlanClock asks for a reply deadline and the rungs of its ladder.
type PlanClock struct {
	Number   ticket.Number    `json:"number"`
	Policy   ticket.PolicyRef `json:"policy"`
	From     time.Time        `json:"from"`
	Term     ticket.Term      `json:"term"`
	Extend   ticket.Term      `json:"extend,omitzero"`
	Roll     bool             `json:"roll,omitempty"`
	Pauses   []Pause          `json:"pauses,omitempty"` // all closed
	Assigned bool             `json:"assigned,omitempty"`
}

// ClockPlan is the answer: when the reply is due, and when each rung fires.
// The first overdue rung is included; the later ones come from NextMorning.
type ClockPlan struct {
	Due         time.Time       `json:"due"`
	Provisional bool            `json:"provisional,omitempty"`
	Calendar    CalendarVersion `json:"calendar"`
	Rungs       []Rung          `json:"rungs"`
}

// PlanWait asks when to remind and when to give up waiting for the person.
type PlanWait struct {
	Policy    ticket.PolicyRef `json:"policy"`
	From      time.Time        `json:"from"`
	Reminders []int            `json:"reminders,omitempty"` // days after From
	Expires   int              `json:"expires"`             // days after From
}

// WaitPlan is the answer: reminders at the policy's hour of working days, and
// the end of the last day.
type WaitPlan struct {
	Reminders []time.Time `json:"reminders,omitempty"`
	Expires   time.Time   `json:"expires"`
}

// NextMorning asks for the first reminder hour of a working day after an instant.
type NextMorning struct {
	Policy ticket.PolicyRef `json:"policy"`
	After  time.Time        `json:"after"`
}

// Morning is the answer.
type Morning struct {
	At time.Time `json:"at"`
}

// CheckPresence asks when the holder of a lease was last seen at the ticket.
type CheckPresence struct {
	Number ticket.Number  `json:"number"`
	Agent  ticket.AgentID `json:"agent"`
}

// Presence is the answer; zero: never.
type Presence struct {
	Seen time.Time `json:"seen,omitzero"`
}

// PurgeRecords destroys the ticket's data key, after which nothing personal of
// it can be read, and records that.
type PurgeRecords struct {
	Number ticket.Number `json:"number"`
	At     time.Time     `json:"at"`
}

// OpenTickets asks for the numbers of open tickets behind one, in order.
type OpenTickets struct {
	After ticket.Number `json:"after,omitempty"`
	Limit int           `json:"limit"`
}

// OpenTicketsPage is the answer.
type OpenTicketsPage struct {
	Numbers []ticket.Number `json:"numbers"`
}

// ReplanTickets asks each of the tickets to compute its deadline anew.
type ReplanTickets struct {
	Calendar CalendarVersion `json:"calendar"`
	Numbers  []ticket.Number `json:"numbers"`
}

// Replanned is the answer.
type Replanned struct {
	Moved  int `json:"moved"`
	Failed int `json:"failed"`
}

// Step keys what an activity does once: unique within a ticket.
type Step string

// StepOf builds a Step from a word of the vocabulary and a count.
func StepOf[T ~string](word T, n int) Step { return Step(fmt.Sprintf("%s-%d", word, n)) }

// Letter is a mail to the person. The template of its name is under templates/.
type Letter string

const (
	LetterReceipt        Letter = "receipt"
	LetterCode           Letter = "code"
	LetterVerifyReminder Letter = "verify_reminder"
	LetterVerifyExpired  Letter = "verify_expired"
	LetterVerified       Letter = "verified"
	LetterProofRefused   Letter = "proof_refused"
	LetterObstacles      Letter = "obstacles"
	LetterConsequences   Letter = "consequences" // asks to confirm them, from a link
	LetterQuestion       Letter = "question"
	LetterWaitReminder   Letter = "wait_reminder"
	LetterAnswer         Letter = "answer"
	LetterExtension      Letter = "extension"
	LetterWithdrawn      Letter = "withdrawn"
	LetterClosedNoReply  Letter = "closed_no_reply"
	LetterAppealReceived Letter = "appeal_received"
)

// Letters lists every letter, for tests and previews.
func Letters() []Letter {
	return []Letter{LetterReceipt, LetterCode, LetterVerifyReminder, LetterVerifyExpired, LetterVerified, LetterProofRefused,
		LetterObstacles, LetterConsequences, LetterQuestion, LetterWaitReminder, LetterAnswer,
		LetterExtension, LetterWithdrawn, LetterClosedNoReply, LetterAppealReceived}
}

// Recipient says to which of the person's addresses a letter goes.
type Recipient string

const (
	ToTyped  Recipient = "typed"   // the address given in the form
	ToOnFile Recipient = "on_file" // the address on file at the account system
	ToProved Recipient = "proved"  // the one whose control was proved; the typed one until then
)

// MailOrder orders one letter. Step makes it unique: however often the activity
// runs, what the server accepted and we recorded is not sent again.
type MailOrder struct {
	Number  ticket.Number `json:"number"`
	Step    Step          `json:"step"`
	Letter  Letter        `json:"letter"`
	To      Recipient     `json:"to"`
	Message int64         `json:"message,omitempty"` // whose text it carries
	Code    bool          `json:"code,omitempty"`    // it carries a one-time code
	Due     time.Time     `json:"due,omitzero"`
}

// MailResult is how it went: accepted by the mail server, or refused for good.
type MailResult struct {
	Accepted time.Time `json:"accepted,omitzero"`
	Refused  bool      `json:"refused,omitempty"`
	Code     int       `json:"code,omitempty"` // SMTP reply code
}

// TextOrder orders a text message with a one-time code to the telephone on file.
// Step makes it unique, as a MailOrder's does.
type TextOrder struct {
	Number ticket.Number `json:"number"`
	Step   Step          `json:"step"`
}

// TextResult is how it went: accepted by the gateway, or refused for good.
type TextResult struct {
	Accepted time.Time `json:"accepted,omitzero"`
	Refused  bool      `json:"refused,omitempty"`
}

// StaffNotice orders a mail to members of staff: number, kind, stage, due date.
type StaffNotice struct {
	Number ticket.Number    `json:"number"`
	Step   Step             `json:"step"`
	Rung   ticket.Rung      `json:"rung,omitempty"`
	Act    Act              `json:"act,omitempty"` // what else calls for them: appealed, escalated, assigned, …
	Agents []ticket.AgentID `json:"agents,omitempty"`
	Roles  []ticket.Role    `json:"roles,omitempty"`
}

// AccountRef asks about a ticket's account.
type AccountRef struct {
	Number ticket.Number `json:"number"`
}

// AccountFound is the answer to LookUpAccount. Whether there is such an account
// is told to nobody outside.
type AccountFound struct {
	Found  bool `json:"found"`
	Manual bool `json:"manual,omitempty"` // staff look it up
}

// ObstaclesFound is the answer to CheckObstacles; the words are in the database.
type ObstaclesFound struct {
	Count int `json:"count"`
}

// AccountAct orders one step at the account system.
type AccountAct struct {
	Number ticket.Number `json:"number"`
	Act    AccountStep   `json:"act"`
	Field  FieldName     `json:"field,omitempty"`
	Key    Step          `json:"key"` // idempotency
	Until  time.Time     `json:"until,omitzero"`
}

// AccountActed is how it went.
type AccountActed struct {
	Pending bool      `json:"pending,omitempty"` // a person has to do it
	Failed  bool      `json:"failed,omitempty"`  // for good: the account system refused
	Code    Code      `json:"code,omitempty"`
	At      time.Time `json:"at,omitzero"`
}
