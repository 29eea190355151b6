package ticket

// Role is what a member of staff may do. Every role may do all that the ones
// before it may, but for the privacy officer's own acts.
type Role string

const (
	Agent          Role = "agent"           // 坐席: handles tickets
	Lead           Role = "lead"            // team lead: assigns, files old receipts
	Manager        Role = "manager"         // 主管: extends, takes leases away, runs the team
	PrivacyOfficer Role = "privacy_officer" // 个人信息保护负责人: appeals, breaches, what is retained
)

// Roles lists the roles from the least to the most trusted.
func Roles() []Role { return []Role{Agent, Lead, Manager, PrivacyOfficer} }

// Permission is one thing a member of staff may be allowed to do.
type Permission string

const (
	MayHandle        Permission = "handle"         // claim, ask, decide, answer, note
	MayApprove       Permission = "approve"        // be the second person
	MayAssign        Permission = "assign"         // give a ticket to someone else
	MayFileOld       Permission = "file_old"       // a receipt more than one working day back
	MayExtend        Permission = "extend"         // extend the reply deadline
	MayAcknowledge   Permission = "acknowledge"    // stop an escalation
	MayRunTeam       Permission = "run_team"       // add and reset members of staff
	MayHandleAppeal  Permission = "handle_appeal"  // decide what "not solved" brings back
	MayOpenRetention Permission = "open_retention" // read what is kept after a cancellation
	MayLoadCalendar  Permission = "load_calendar"  // load a published schedule

	MayExportEvidence Permission = "export_evidence" // take the signed file that proves how a ticket was handled
)

var permissions = map[Role][]Permission{
	Agent:   {MayHandle, MayApprove},
	Lead:    {MayHandle, MayApprove, MayAssign, MayFileOld, MayAcknowledge},
	Manager: {MayHandle, MayApprove, MayAssign, MayFileOld, MayAcknowledge, MayExtend, MayRunTeam, MayLoadCalendar},
	PrivacyOfficer: {MayHandle, MayApprove, MayAssign, MayFileOld, MayAcknowledge, MayExtend,
		MayHandleAppeal, MayOpenRetention, MayExportEvidence},
}

// May reports whether the role carries the permission.
func (r Role) May(p Permission) bool {
	for _, q := range permissions[r] {
		if p == q {
			return true
		}
	}
	return false
}

// AgentID names a member of staff in workflows, search attributes and the
// audit trail: the sign-in name, which the operator chooses and which must
// not be a personal e-mail address (see CheckAgentID).
type AgentID string

// Nobody is the assignee of a ticket that no one has.
const Nobody AgentID = ""

// CheckAgentID says whether s can be a sign-in name: 2 to 32 of a-z, 0-9, dot
// and hyphen, beginning with a letter.
func CheckAgentID(s string) (AgentID, bool) {
	if len(s) < 2 || len(s) > 32 || s[0] < 'a' || s[0] > 'z' {
		return "", false
	}
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-') {
			return "", false
		}
	}
	return AgentID(s), true
}
