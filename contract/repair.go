package contract

import (
	"time"

	"rightsdesk/ticket"
)

// Drift is a way in which the database and Temporal do not say the same of a
// ticket. Its word stands in the audit trail of a ticket that was repaired for
// it; the catalogue key is "repaired.<Drift>".
type Drift string

const (
	// Temporal lacks what the database has.
	DriftWorkflowMissing  Drift = "workflow_missing"  // the ticket goes on, and has no workflow
	DriftWorkflowEnded    Drift = "workflow_ended"    // the ticket goes on, and its workflow has ended
	DriftWorkflowBehind   Drift = "workflow_behind"   // the workflow stands where the ticket stood earlier
	DriftWorkflowStray    Drift = "workflow_stray"    // the ticket has ended, and its workflow runs on
	DriftRetentionMissing Drift = "retention_missing" // what is kept of the ticket has nothing that purges it

	// The database lacks what Temporal has.
	DriftTicketMissing  Drift = "ticket_missing"  // a workflow without a ticket: what the person wrote is lost
	DriftDatabaseBehind Drift = "database_behind" // the row stands where the ticket stood earlier
	DriftProjection     Drift = "projection_differs"
	DriftFacts          Drift = "facts_differ"    // of what a ticket was filed with, the row says another thing than its workflow
	DriftWordsMissing   Drift = "words_missing"   // a message that the state names is gone
	DriftProofMissing   Drift = "proof_missing"   // a document that staff are to look at is gone
	DriftAccountMissing Drift = "account_missing" // what the account system said is gone
	DriftMailStuck      Drift = "mail_stuck"      // pending in the mail log, and nobody sends it
	DriftPurgeUndone    Drift = "purge_undone"    // what had been purged is back
	DriftLockMissing    Drift = "lock_missing"    // what is retained is not locked away
	DriftCalendarBehind Drift = "calendar_behind" // the deadline was not computed anew under a schedule loaded since
	DriftAttributes     Drift = "attributes_differ"

	// What no repair mends.
	DriftWorkflowSilent Drift = "workflow_silent" // it does not answer, or can't record a change
	DriftRetentionStray Drift = "retention_stray" // a Retention of a ticket that is not there
	DriftDeliveryStuck  Drift = "delivery_stuck"  // Temporal has not been told for long
	DriftPolicyMissing  Drift = "policy_missing"  // the policy that a ticket is pinned to is not there
)

// Drifts lists them in the order in which they are reported.
func Drifts() []Drift {
	return []Drift{DriftWorkflowMissing, DriftWorkflowEnded, DriftWorkflowBehind, DriftWorkflowStray, DriftRetentionMissing,
		DriftTicketMissing, DriftDatabaseBehind, DriftProjection, DriftFacts, DriftWordsMissing, DriftProofMissing, DriftAccountMissing,
		DriftMailStuck, DriftPurgeUndone, DriftLockMissing, DriftCalendarBehind, DriftAttributes,
		DriftWorkflowSilent, DriftRetentionStray, DriftDeliveryStuck, DriftPolicyMissing}
}

// OnTrail reports that its repair stands in the audit trail under its own word.
func (d Drift) OnTrail() bool {
	switch d {
	case DriftWorkflowSilent, DriftRetentionStray, DriftPolicyMissing, // nothing repairs these
		DriftDeliveryStuck,  // Temporal is told
		DriftCalendarBehind: // it stands in the clock's ledger
		return false
	}
	return true
}

// EntriesLost stands in the audit trail where revisions are missing from it: with
// the first and the last of them, as "entries_lost:6-8". They were recorded in a
// database that has been replaced by an older one.
const EntriesLost Code = "entries_lost"

// QueryState asks a ticket's workflow how it stands. It answers after its end too.
const QueryState = "state"

// Standing is the answer to QueryState.
type Standing struct {
	Start    Start   `json:"start"` // without what it resumed from
	State    State   `json:"state"`
	Recorded int64   `json:"recorded"`           // the last revision that is known to be in the database
	Changing bool    `json:"changing,omitempty"` // a change is being made: State is not on record yet
	Ended    bool    `json:"ended,omitempty"`    // nothing more is taken
	Sending  []Step  `json:"sending,omitempty"`  // letters on their way
	Letters  []Heard `json:"letters,omitempty"`  // those of which this run knows what became
}

// Heard is what became of a letter.
type Heard struct {
	Step   Step       `json:"step"`
	Result MailResult `json:"result"`
}

// Repair has a ticket's workflow record itself anew, so that its row says again
// what it knows. Rev is its revision as it was looked at: a workflow that has
// recorded something since changes nothing.
type Repair struct {
	Drift       Drift   `json:"drift"`
	Rev         int64   `json:"rev"`
	WordsLost   bool    `json:"words_lost,omitempty"`   // the row was made anew, without what the person wrote
	AccountLost bool    `json:"account_lost,omitempty"` // ask the account system again
	ProofsLost  []int64 `json:"proofs_lost,omitempty"`  // ask for these documents again
}

// MailsOf asks for the mails of a ticket that may be in the air.
type MailsOf struct {
	Number ticket.Number `json:"number"`
	Since  time.Time     `json:"since"` // those queued earlier have been given up
}

// MailsInTheAir is the answer: what is pending, and the newest answer and the
// newest notice of an extension, of which a workflow may have yet to hear.
type MailsInTheAir struct {
	Letters []LetterInTheAir `json:"letters,omitempty"`
}

// LetterInTheAir is a letter as the mail log has it. Whether it carries a code does
// not stand there.
type LetterInTheAir struct {
	Order   MailOrder      `json:"order"`
	Settled bool           `json:"settled,omitempty"` // Result says how
	Result  MailResult     `json:"result,omitzero"`
	Agent   ticket.AgentID `json:"agent,omitempty"` // who wrote its words
}
