package workflows_test

import (
	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// An act is something a person does: an update.
type act struct {
	name string
	arg  func(*story) any
	then func(*story, contract.Done)
}

func plain(name string, arg any) act { return act{name: name, arg: func(*story) any { return arg }} }

// The person's acts.

func proves() act {
	return act{name: contract.UpdateIdentityProved, arg: func(s *story) any {
		return contract.IdentityProved{Verification: 1, Level: min(s.start.Terms.Verification.Level, ticket.LevelAccount), Method: ticket.MethodMailCode}
	}}
}

func resends() act        { return plain(contract.UpdateResendCode, contract.Plain{}) }
func replies(m int64) act { return plain(contract.UpdateReply, contract.Words{Message: m}) }
func withdraws() act      { return plain(contract.UpdateWithdraw, contract.Plain{}) }
func confirms() act       { return plain(contract.UpdateConfirm, contract.Plain{}) }
func settles() act        { return plain(contract.UpdateObstaclesSettled, contract.Plain{}) }
func saysSolved() act     { return plain(contract.UpdateSolved, contract.Plain{}) }
func appeals(m int64) act { return plain(contract.UpdateNotSolved, contract.Words{Message: m}) }
func reads(answer int64) act {
	return plain(contract.UpdateAnswerRead, contract.Plain{Message: answer})
}

// The desk's own.

func replans(v contract.CalendarVersion) act {
	return plain(contract.UpdateReplan, contract.Replan{Calendar: v})
}

// staff is a member of staff.
type staff struct {
	id   ticket.AgentID
	role ticket.Role
}

var (
	li   = staff{"li.wei", ticket.Agent}
	wang = staff{"wang.fang", ticket.Agent}
	zhao = staff{"zhao.lei", ticket.Lead}
	sun  = staff{"sun.mei", ticket.Manager}
	chen = staff{"chen.jing", ticket.PrivacyOfficer}
)

// does is an act under whatever claim they hold.
func (p staff) does(name string, arg func(contract.Staff) any) act {
	return act{name: name, arg: func(s *story) any {
		return arg(contract.Staff{ID: p.id, Role: p.role, Lease: s.leases[p.id]})
	}}
}

func (p staff) bare(name string) act {
	return p.does(name, func(by contract.Staff) any { return contract.StaffAct{By: by} })
}

func (p staff) says(name string, m int64) act {
	return p.does(name, func(by contract.Staff) any { return contract.StaffWords{By: by, Message: m} })
}

func (p staff) claims() act {
	a := p.bare(contract.UpdateClaim)
	a.then = func(s *story, d contract.Done) { s.leases[p.id] = d.Lease }
	return a
}

func (p staff) releases() act         { return p.bare(contract.UpdateRelease) }
func (p staff) acknowledges() act     { return p.bare(contract.UpdateAcknowledge) }
func (p staff) notes(m int64) act     { return p.says(contract.UpdateNote, m) }
func (p staff) asks(m int64) act      { return p.says(contract.UpdateAsk, m) }
func (p staff) escalates(m int64) act { return p.says(contract.UpdateEscalate, m) }
func (p staff) extends(m int64) act   { return p.says(contract.UpdateExtend, m) }
func (p staff) sawBounce(m int64) act { return p.says(contract.UpdateBounced, m) }

func (p staff) assigns(to staff) act {
	return p.does(contract.UpdateAssign, func(by contract.Staff) any {
		return contract.Assign{By: by, To: to.id, ToRole: to.role}
	})
}

func (p staff) categorises(c ticket.Category) act {
	return p.does(contract.UpdateCategorise, func(by contract.Staff) any { return contract.Categorise{By: by, Category: c} })
}

func (p staff) checks(level ticket.Level, passed bool) act {
	return p.does(contract.UpdateCheckIdentity, func(by contract.Staff) any {
		return contract.CheckIdentity{By: by, Level: level, Passed: passed}
	})
}

func (p staff) accepts(m int64, fields ...contract.FieldDecision) act {
	return p.decides(contract.Decide{Outcome: ticket.Accepted, Message: m, Fields: fields})
}

func (p staff) declines(m int64, why ticket.RefusalReason, fields ...contract.FieldDecision) act {
	return p.decides(contract.Decide{Outcome: ticket.Declined, Reason: why, Message: m, Fields: fields})
}

func (p staff) decides(d contract.Decide) act {
	return p.does(contract.UpdateDecide, func(by contract.Staff) any { d.By = by; return d })
}

func (p staff) approves(yes bool) act {
	return p.does(contract.UpdateApprove, func(by contract.Staff) any { return contract.Approve{By: by, Approve: yes} })
}

func (p staff) ticks(step contract.AccountStep) act {
	return p.does(contract.UpdateTaskDone, func(by contract.Staff) any { return contract.TaskDone{By: by, Step: step} })
}
