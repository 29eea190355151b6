package ticket

import "slices"

// Role is what a member of staff may do. From agent to manager every role may do
// all that the ones before it may; the others have acts of their own.
type Role string

const (
	Agent          Role = "agent"           // 坐席: handles tickets
	Lead           Role = "lead"            // team lead: assigns, files old receipts
	Manager        Role = "manager"         // 主管: extends, takes leases away, runs the team
	PrivacyOfficer Role = "privacy_officer" // 个人信息保护负责人: appeals, breaches, what is retained
	Auditor        Role = "auditor"         // 审计员: sees what was done on tickets, nothing personal, and does nothing
	Administrator  Role = "administrator"   // 系统管理员: runs team and calendar, sees no ticket
)

// Roles lists the roles, those that handle tickets first, from the least to the
// most trusted. New ones are only ever added at the end: how far up an
// acknowledgement reaches is read from this order.
func Roles() []Role { return []Role{Agent, Lead, Manager, PrivacyOfficer, Auditor, Administrator} }

// Permission is one thing a member of staff may be allowed to do.
type Permission string

const (
	MaySignIn         Permission = "sign_in"          // see one's own account
	MaySeeCalendar    Permission = "see_calendar"     // see which days are worked, and count deadlines
	MayKeepTokens     Permission = "keep_tokens"      // have a program act for oneself
	MaySeeTickets     Permission = "see_tickets"      // the queue, and of a ticket its facts, trail, clock and mail log
	MayReadPersonal   Permission = "read_personal"    // what a ticket holds of people: words, files, accounts
	MayHandle         Permission = "handle"           // claim, ask, decide, answer, note
	MayApprove        Permission = "approve"          // be the second person
	MayAssign         Permission = "assign"           // give a ticket to someone else
	MayFileOld        Permission = "file_old"         // a receipt more than one working day back
	MayExtend         Permission = "extend"           // extend the reply deadline
	MayAcknowledge    Permission = "acknowledge"      // stop an escalation
	MayRunTeam        Permission = "run_team"         // add and reset members of staff
	MayHandleAppeal   Permission = "handle_appeal"    // decide what "not solved" brings back
	MayOpenRetention  Permission = "open_retention"   // read what is kept after a cancellation
	MayLoadCalendar   Permission = "load_calendar"    // load a published schedule
	MaySeeStaffEvents Permission = "see_staff_events" // what was done to whose access
	MayExportEvidence Permission = "export_evidence"  // take the signed file that proves how a ticket was handled
)

// Permissions lists the permissions.
func Permissions() []Permission {
	return []Permission{MaySignIn, MaySeeCalendar, MayKeepTokens, MaySeeTickets, MayReadPersonal, MayHandle, MayApprove, MayAssign,
		MayFileOld, MayExtend, MayAcknowledge, MayRunTeam, MayHandleAppeal, MayOpenRetention, MayLoadCalendar, MaySeeStaffEvents, MayExportEvidence}
}

// permissions is the one place that says which role may do what. The console and
// the JSON interface name the permission each of their routes needs.
var permissions = map[Role][]Permission{
	Agent: {MaySignIn, MaySeeCalendar, MayKeepTokens, MaySeeTickets, MayReadPersonal, MayHandle, MayApprove},
	Lead: {MaySignIn, MaySeeCalendar, MayKeepTokens, MaySeeTickets, MayReadPersonal, MayHandle, MayApprove,
		MayAssign, MayFileOld, MayAcknowledge},
	Manager: {MaySignIn, MaySeeCalendar, MayKeepTokens, MaySeeTickets, MayReadPersonal, MayHandle, MayApprove,
		MayAssign, MayFileOld, MayAcknowledge, MayExtend, MayRunTeam, MayLoadCalendar},
	PrivacyOfficer: {MaySignIn, MaySeeCalendar, MayKeepTokens, MaySeeTickets, MayReadPersonal, MayHandle, MayApprove,
		MayAssign, MayFileOld, MayAcknowledge, MayExtend, MayHandleAppeal, MayOpenRetention, MaySeeStaffEvents, MayExportEvidence},
	Auditor:       {MaySignIn, MaySeeCalendar, MayKeepTokens, MaySeeTickets, MayExportEvidence},
	Administrator: {MaySignIn, MaySeeCalendar, MayKeepTokens, MayRunTeam, MayLoadCalendar, MaySeeStaffEvents},
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

// Reserved reports a word that stands for somebody else where staff are named: on the
// audit trail, in the ledger and in evidence.
func (id AgentID) Reserved() bool {
	return slices.Contains([]AgentID{"subject", "staff", "system", "nobody", "doctor"}, id)
}

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
