package ticket

// SLAState is how the reply clock of a ticket stands.
type SLAState string

const (
	OnTrack    SLAState = "on_track"
	AtRisk     SLAState = "at_risk"  // 80 % of the time is gone
	Breached   SLAState = "breached" // the deadline has passed, and an answer is still owed
	InTime     SLAState = "answered" // answered before the deadline
	Late       SLAState = "late"     // answered, or ended, after the deadline
	StoppedSLA SLAState = "stopped"  // ended without an answer being owed: withdrawn, not verified
)

// SLAStates lists the states.
func SLAStates() []SLAState { return []SLAState{OnTrack, AtRisk, Breached, InTime, Late, StoppedSLA} }

// Rung is a step of the escalation ladder. Each fires exactly once on a
// ticket's clock; RungOverdue repeats every working day, once per day.
type Rung string

const (
	RungHalf       Rung = "half"       // 50 % of the time gone: the assignee
	RungAtRisk     Rung = "at_risk"    // 80 %: the assignee and the team lead
	RungLastDay    Rung = "last_day"   // morning of the last working day: the manager
	RungBreach     Rung = "breach"     // the deadline itself: recorded at that instant
	RungOverdue    Rung = "overdue"    // every working-day morning after: manager and privacy officer
	RungUnassigned Rung = "unassigned" // nobody took it for one working day: the team lead
)

// ClockEvent is the kind of an entry in the ledger of the clock.
type ClockEvent string

const (
	ClockStarted         ClockEvent = "started"
	ClockPaused          ClockEvent = "paused"
	ClockResumed         ClockEvent = "resumed"
	ClockExtended        ClockEvent = "extended"
	ClockExtensionFailed ClockEvent = "extension_failed" // the notice was not accepted in time
	ClockMoved           ClockEvent = "moved"            // another calendar
	ClockRung            ClockEvent = "rung"
	ClockBreached        ClockEvent = "breached"
	ClockBreachLifted    ClockEvent = "breach_lifted" // the answer turned out to be accepted in time
	ClockAcknowledged    ClockEvent = "acknowledged"
	ClockStopped         ClockEvent = "stopped"
	ClockReopened        ClockEvent = "reopened"   // the answer bounced: as if it had never stopped
	ClockAppeal          ClockEvent = "appeal"     // a new clock
	ClockMadeAgain       ClockEvent = "made_again" // the lines just before were cut off and do not count; how the clock stands
)

// ClockRule is whether the clock waits with the desk.
type ClockRule string

const (
	ClockRuns   ClockRule = "runs"
	ClockPauses ClockRule = "pauses_while_waiting_on_subject"
)

// Awaiting says whom an open ticket waits for: its owner at this moment. A
// state without an owner does not exist.
type Awaiting string

const (
	AwaitingSubject  Awaiting = "subject"
	AwaitingAgent    Awaiting = "agent"
	AwaitingApprover Awaiting = "approver"
	AwaitingAccounts Awaiting = "account_system"
	AwaitingMail     Awaiting = "mail"
	AwaitingTime     Awaiting = "time"
	AwaitingNobody   Awaiting = "nobody"
)
