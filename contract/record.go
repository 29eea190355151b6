package contract

import (
	"time"

	"rightsdesk/ticket"
)

// Record is one change of a ticket, written to the database in one transaction:
// the projection of the state, what happened, and what the clock did. It is
// keyed by the state's revision: recording it twice changes nothing.
type Record struct {
	Number ticket.Number `json:"number"`
	State  State         `json:"state"`
	Task   time.Time     `json:"task,omitzero"`  // when Temporal began the task that makes it; zero: no task does
	Once   bool          `json:"once,omitempty"` // by an update that is not Repeated: if Temporal forgets it, nobody asks again
	Events []Event       `json:"events,omitempty"`
	Ledger []LedgerEntry `json:"ledger,omitempty"`
	Mails  []MailOrder   `json:"mails,omitempty"` // queued by this change: shown as pending from now on
}

// Event is an entry of the audit trail. It holds no personal data and survives
// the erasure.
type Event struct {
	At     time.Time      `json:"at"`
	Actor  Actor          `json:"actor"`
	Agent  ticket.AgentID `json:"agent,omitempty"`
	Act    Act            `json:"act"`
	Code   Code           `json:"code,omitempty"`   // the stage, reason, rung, level or field concerned
	Object int64          `json:"object,omitempty"` // id of the message, verification, … concerned
}

// Code is a word of the product's own vocabulary; it stands in the audit trail.
type Code string

// Actor is the kind of who acted.
type Actor string

const (
	BySubject Actor = "subject"
	ByStaff   Actor = "staff"
	BySystem  Actor = "system"
)

// Act is what happened. The catalogue key is "act.<Act>".
type Act string

const (
	ActReceived          Act = "received"
	ActCodeSent          Act = "code_sent"
	ActVerified          Act = "verified"
	ActIdentityRefused   Act = "identity_refused"
	ActVerifyExpired     Act = "verification_expired"
	ActProofSent         Act = "proof_sent"
	ActProofReviewed     Act = "proof_reviewed" // by the first of two
	ActProofAccepted     Act = "proof_accepted" // the document is destroyed
	ActProofRefused      Act = "proof_refused"  // the document is destroyed
	ActReminded          Act = "reminded"
	ActStage             Act = "stage"
	ActClaimed           Act = "claimed"
	ActReleased          Act = "released"
	ActLeaseLost         Act = "lease_lost"
	ActAssigned          Act = "assigned"
	ActCategorised       Act = "categorised"
	ActNoted             Act = "noted"
	ActAsked             Act = "asked"
	ActReplied           Act = "replied"
	ActDecided           Act = "decided"
	ActApproved          Act = "approved"
	ActApprovalRefused   Act = "approval_refused"
	ActAccountLooked     Act = "account_looked_up"
	ActObstacles         Act = "obstacles_found"
	ActObstaclesSettled  Act = "obstacles_settled"
	ActConfirmed         Act = "consequences_confirmed"
	ActServicesStopped   Act = "services_stopped"
	ActLeftStopped       Act = "left_stopped" // and withdrawn meanwhile: staff put the services back
	ActNoReturn          Act = "point_of_no_return"
	ActErased            Act = "erased"
	ActCorrected         Act = "corrected"
	ActCorrectionUndone  Act = "correction_undone"
	ActFulfilmentFailed  Act = "fulfilment_failed"
	ActTaskOpened        Act = "task_opened"
	ActTaskTicked        Act = "task_ticked"
	ActAnswered          Act = "answered"
	ActAnswerBounced     Act = "answer_bounced"
	ActAnswerRead        Act = "answer_read"
	ActMailFailed        Act = "mail_failed"
	ActEscalated         Act = "escalated"
	ActAcknowledged      Act = "acknowledged"
	ActExtensionAsked    Act = "extension_asked"
	ActExtended          Act = "extended"
	ActExtensionFailed   Act = "extension_failed"
	ActWithdrawn         Act = "withdrawn"
	ActSolved            Act = "solved"
	ActAppealed          Act = "appealed"
	ActClosed            Act = "closed"
	ActRetained          Act = "retained"
	ActPurged            Act = "purged"
	ActRetainedOpened    Act = "retained_opened"
	ActPersonalDataShown Act = "personal_data_shown"
	ActEvidenceExported  Act = "evidence_exported"
	ActMadeAgain         Act = "made_again" // the changes that Code names, as "6-8", did not take effect; this one does
	ActRepaired          Act = "repaired"   // the database and Temporal did not say the same; Code: a Drift, or EntriesLost
)

// LedgerEntry is a line of the clock's ledger. From one entry to the next the
// clock either ran or stood still, so the intervals add up to the wall time.
type LedgerEntry struct {
	At          time.Time         `json:"at"`
	Event       ticket.ClockEvent `json:"event"`
	Running     bool              `json:"running"` // from this entry on
	Due         time.Time         `json:"due"`
	Provisional bool              `json:"provisional,omitempty"`
	Calendar    CalendarVersion   `json:"calendar"`
	Rung        ticket.Rung       `json:"rung,omitempty"`
	Actor       Actor             `json:"actor"`
	Agent       ticket.AgentID    `json:"agent,omitempty"`
	Reason      int64             `json:"reason,omitempty"` // id of the message that gives it
}
