package contract

// TroubleCode is why an activity fails, or a workflow can't go on: the types of the
// activities' errors, as they stand in histories, and what has no type. It is all
// that is told of an error to those who look after tickets; its text is not kept.
// The catalogue key is "trouble.<TroubleCode>".
type TroubleCode string

const (
	TroubleDatabase TroubleCode = "database"
	TroubleMail     TroubleCode = "mail"
	TroubleAccounts TroubleCode = "account_system"
	TroubleText     TroubleCode = "text_message"
	TroublePlan     TroubleCode = "plan"
	TroubleGone     TroubleCode = "gone"   // what it is about is not there, or no longer: a retry can't help
	TroubleWrong    TroubleCode = "wrong"  // asked for something that makes no sense: a retry can't help
	TroubleBehind   TroubleCode = "behind" // the workflow is behind the database, after a restore: the doctor sees to it
	TroubleTimeout  TroubleCode = "timeout"
	TroublePanic    TroubleCode = "panic"
	TroubleUnknown  TroubleCode = "unknown"
	TroubleWorkflow TroubleCode = "workflow" // the workflow's own code
)

// WaitsItsTurn is the type of the error of a letter of which there were too many to
// one address. It waits by design, and is no trouble.
const WaitsItsTurn = "too_many_to_one_address"

// troubleTypes are those that are types of errors.
var troubleTypes = map[TroubleCode]bool{TroubleDatabase: true, TroubleMail: true, TroubleAccounts: true, TroubleText: true, TroublePlan: true,
	TroubleGone: true, TroubleWrong: true, TroubleBehind: true}

// TroubleOf is the code of an error of that type; anything else is unknown.
func TroubleOf(errorType string) TroubleCode {
	if code := TroubleCode(errorType); troubleTypes[code] {
		return code
	}
	return TroubleUnknown
}

// TaskItself stands for the workflow's own code where activities are named.
const TaskItself = "WorkflowTask"

// Activities lists the activities.
func Activities() []string {
	return []string{ActivityPlanClock, ActivityPlanWait, ActivityNextMorning, ActivityRecord, ActivityCheckPresence, ActivityPurgeRecords,
		ActivityOpenTickets, ActivitySendMail, ActivitySendText, ActivityNotifyStaff, ActivityLookUpAccount, ActivityCheckObstacles,
		ActivityActOnAccount, ActivityReplanTickets}
}
