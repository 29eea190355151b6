package api

import (
	"slices"
	"time"

	"rightsdesk/calendar"
	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// actName names an act of staff: the id of its form, its words in the catalogue
// and the end of its address.
type actName string

const (
	actClaim         actName = "claim"
	actRelease       actName = "release"
	actAssign        actName = "assign"
	actCategorise    actName = "categorise"
	actNote          actName = "note"
	actAsk           actName = "ask"
	actCheckIdentity actName = "check-identity"
	actReviewProof   actName = "review-proof"
	actDecide        actName = "decide"
	actApprove       actName = "approve"
	actTaskDone      actName = "task-done"
	actEscalate      actName = "escalate"
	actAcknowledge   actName = "acknowledge"
	actExtend        actName = "extend"
	actBounced       actName = "bounced"
)

// actNames lists the acts in the order in which the page offers them: what
// brings the ticket on comes first.
func actNames() []actName {
	return []actName{actClaim, actApprove, actTaskDone, actReviewProof, actCheckIdentity, actDecide, actAsk, actBounced, actNote,
		actAcknowledge, actEscalate, actExtend, actCategorise, actAssign, actRelease}
}

// actForm is an act that is possible now.
type actForm struct {
	Name actName
	Main bool // what the ticket waits for: its form stands open
}

// Path is the end of the act's address.
func (a actForm) Path() string { return string(a.Name) }

// onTicket is all that decides which acts a page offers.
type onTicket struct {
	ticket store.Ticket
	terms  ticket.Terms
	level  ticket.Level // the highest that anything on the ticket needs
	now    time.Time
}

// availableActs offers what this member of staff can do with the ticket at this
// moment. It only spares people forms that would be refused: the ticket's
// workflow remains the judge.
func availableActs(t onTicket, who store.Agent) []actForm {
	var out []actForm
	for _, name := range actNames() {
		if form, ok := t.offer(name, who); ok {
			out = append(out, form)
		}
	}
	return out
}

func (t onTicket) offer(name actName, who store.Agent) (actForm, bool) {
	form := actForm{Name: name}
	s, stage := t.ticket.State, t.ticket.Stage
	may := who.Role.May
	open, mine := stage.Open(), t.heldBy(who.ID) && may(ticket.MayHandle)
	undecided, coded := s.Decision == nil, t.ticket.Level >= min(t.terms.Verification.Level, ticket.LevelAccount)
	switch name {
	case actClaim:
		form.Main = t.ticket.Assignee == who.ID || t.ticket.Assignee == ticket.Nobody
		return form, open && !t.held() && may(ticket.MayHandle) && !t.barred(who.ID, who.Role)
	case actRelease:
		return form, open && mine
	case actAssign:
		return form, open && may(ticket.MayAssign)
	case actCategorise:
		return form, open && mine && t.ticket.Kind == ticket.Complaint
	case actNote:
		return form, may(ticket.MayHandle) && (open || answered(stage))
	case actAsk:
		return form, mine && undecided && coded && s.Asked == nil && stage == ticket.InProgress
	case actDecide:
		form.Main = t.ticket.Level >= t.level && stage == ticket.InProgress
		return form, open && mine && undecided && !t.barred(who.ID, who.Role)
	case actCheckIdentity:
		form.Main = true
		return form, open && mine && (t.ticket.ChecksAccount(t.terms) || coded && t.level >= ticket.LevelReal && t.ticket.Level < ticket.LevelReal)
	case actReviewProof:
		form.Main = true
		return form, open && may(ticket.MayHandle) && t.proofFor(who.ID) != nil && !t.barred(who.ID, who.Role)
	case actApprove:
		form.Main = true
		return form, open && may(ticket.MayApprove) && !undecided && s.Decision.FourEyes &&
			s.Decision.Approved == ticket.Nobody && s.Decision.By != who.ID && !(s.Reopened && t.handled(who.ID))
	case actTaskDone:
		form.Main = true
		m := s.Account.Manual
		return form, open && may(ticket.MayHandle) && m != nil && !m.Done && m.First != who.ID
	case actEscalate:
		return form, open && mine
	case actAcknowledge:
		form.Main = t.ticket.SLA == ticket.Breached
		return form, open && may(ticket.MayAcknowledge) && t.ticket.Escalation > 0 && !t.quietFor(who.Role)
	case actExtend:
		return form, open && may(ticket.MayExtend) && !t.terms.Extension.IsZero() && !s.Reopened && !s.Clock.Extended &&
			!calendar.Late(t.now, t.ticket.ReplyDue)
	case actBounced:
		return form, may(ticket.MayHandle) && (t.ticket.Assignee == who.ID || may(ticket.MayAssign)) && !t.barred(who.ID, who.Role) && answered(stage) && !s.Answer.Delivered.IsZero() && s.Answer.ReadAt.IsZero() &&
			!s.Solved && (!s.Appealed || s.Reopened)
	}
	return form, false
}

// answered reports a stage in which the answer is out and the procedure goes on.
func answered(s ticket.Stage) bool {
	return s == ticket.Answered || s == ticket.Refused || s == ticket.Closed
}

// proofFor is the document that waits for this member of staff to look at it.
func (t onTicket) proofFor(id ticket.AgentID) *contract.Proof {
	for i, p := range t.ticket.State.Proofs {
		if !p.Done && p.First != id {
			return &t.ticket.State.Proofs[i]
		}
	}
	return nil
}

// held reports that somebody has a claim on the ticket. Until when it lasts
// follows from their presence; the workflow takes the holder away at its end.
func (t onTicket) held() bool { return t.ticket.LeaseHolder != ticket.Nobody }

func (t onTicket) heldBy(id ticket.AgentID) bool { return t.held() && t.ticket.LeaseHolder == id }

func (t onTicket) handled(id ticket.AgentID) bool {
	return slices.Contains(t.ticket.State.Handlers, id)
}

// barred: an appeal is never handled by who handled the ticket, and only by
// those who may decide appeals.
func (t onTicket) barred(id ticket.AgentID, role ticket.Role) bool {
	return t.ticket.State.Reopened && (t.handled(id) || !role.May(ticket.MayHandleAppeal))
}

// quietFor reports that somebody of this role, or above it, has taken note.
func (t onTicket) quietFor(role ticket.Role) bool {
	acked := t.ticket.State.Clock.AckedBy
	return acked != "" && slices.Index(ticket.Roles(), acked) >= slices.Index(ticket.Roles(), role)
}
