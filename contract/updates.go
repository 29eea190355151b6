package contract

import (
	"time"

	"rightsdesk/ticket"
)

// Names of the updates a ticket takes. Part of every history: never change one.
const (
	// from the person
	UpdateIdentityProved   = "identity_proved"
	UpdateResendCode       = "resend_code"
	UpdateSendText         = "send_text"
	UpdateProofSent        = "proof_sent"
	UpdateReply            = "reply"
	UpdateWithdraw         = "withdraw"
	UpdateConfirm          = "confirm_consequences"
	UpdateObstaclesSettled = "obstacles_settled"
	UpdateSolved           = "solved"
	UpdateNotSolved        = "not_solved"
	UpdateAnswerRead       = "answer_read"

	// from staff
	UpdateClaim         = "claim"
	UpdateRelease       = "release"
	UpdateAssign        = "assign"
	UpdateCategorise    = "categorise"
	UpdateNote          = "note"
	UpdateAsk           = "ask"
	UpdateCheckIdentity = "check_identity"
	UpdateReviewProof   = "review_proof"
	UpdateDecide        = "decide"
	UpdateApprove       = "approve"
	UpdateTaskDone      = "task_done"
	UpdateEscalate      = "escalate"
	UpdateAcknowledge   = "acknowledge"
	UpdateExtend        = "extend"
	UpdateBounced       = "bounced"

	// from the desk itself
	UpdateReplan = "replan"
	UpdateRepair = "repair"
)

// Repeated reports that whoever asks for an update asks until they know its end: an act
// of the person is a delivery, and a rollout goes on until every ticket has answered.
// Staff, and the doctor, ask once.
func Repeated(update string) bool {
	switch update {
	case UpdateIdentityProved, UpdateResendCode, UpdateSendText, UpdateProofSent, UpdateReply, UpdateWithdraw, UpdateConfirm,
		UpdateObstaclesSettled, UpdateSolved, UpdateNotSolved, UpdateAnswerRead, UpdateReplan:
		return true
	}
	return false
}

// Done is what every update returns: how the ticket stands after it.
type Done struct {
	Rev   int64        `json:"rev"`
	Stage ticket.Stage `json:"stage"`
	Lease int          `json:"lease,omitempty"` // claim: the number of the new lease
	Moved bool         `json:"moved,omitempty"` // replan: the deadline moved
}

// Staff is who acts: their role was checked when they signed in.
type Staff struct {
	ID    ticket.AgentID `json:"id"`
	Role  ticket.Role    `json:"role"`
	Lease int            `json:"lease,omitempty"` // the claim they act under
}

// IdentityProved says that a verifier has been satisfied.
type IdentityProved struct {
	Verification int64         `json:"verification"`
	Level        ticket.Level  `json:"level"`
	Method       ticket.Method `json:"method"`
}

// ProofSent says that the person has sent a document; it is in the database.
type ProofSent struct {
	Proof int64            `json:"proof"`
	Kind  ticket.ProofKind `json:"kind"`
}

// Plain is an act of the person that needs no more than itself: resend_code,
// send_text, withdraw, confirm_consequences, obstacles_settled, solved, answer_read.
type Plain struct {
	Message int64 `json:"message,omitempty"` // answer_read: which answer
}

// Words is an act of the person that carries a message: reply, not_solved.
type Words struct {
	Message int64 `json:"message"`
	Files   int   `json:"files,omitempty"`
}

// StaffAct is an act of staff without more: claim, release, acknowledge.
type StaffAct struct {
	By Staff `json:"by"`
}

// Assign gives the ticket to someone.
type Assign struct {
	By     Staff          `json:"by"`
	To     ticket.AgentID `json:"to"`
	ToRole ticket.Role    `json:"to_role"`
}

// Categorise sets a complaint's category.
type Categorise struct {
	By       Staff           `json:"by"`
	Category ticket.Category `json:"category"`
}

// StaffWords is an act of staff that carries a message: note, ask, escalate,
// extend, bounced.
type StaffWords struct {
	By      Staff `json:"by"`
	Message int64 `json:"message"`
}

// CheckIdentity is the verdict of an agent who checked who the person is.
type CheckIdentity struct {
	By     Staff        `json:"by"`
	Level  ticket.Level `json:"level"`
	Passed bool         `json:"passed"`
}

// ReviewProof is what a member of staff thinks of a document.
type ReviewProof struct {
	By     Staff `json:"by"`
	Proof  int64 `json:"proof"`
	Passed bool  `json:"passed"`
}

// Decide is an agent's decision with its words, which become the answer once
// everything it promises has been done.
type Decide struct {
	By      Staff                `json:"by"`
	Outcome ticket.Outcome       `json:"outcome"` // accepted, partly or refused
	Reason  ticket.RefusalReason `json:"reason,omitempty"`
	Message int64                `json:"message"`
	Fields  []FieldDecision      `json:"fields,omitempty"`
}

// Approve is the second person's word on a decision.
type Approve struct {
	By      Staff `json:"by"`
	Approve bool  `json:"approve"`
	Message int64 `json:"message,omitempty"` // why not, for colleagues
}

// TaskDone ticks off a step that a person does at the account system.
type TaskDone struct {
	By   Staff       `json:"by"`
	Step AccountStep `json:"step"`
}

// Replan asks for the deadline to be computed anew under a calendar.
type Replan struct {
	Calendar CalendarVersion `json:"calendar"`
	At       time.Time       `json:"at"`
}

// RefusedType is the type of the application error by which a workflow rejects
// an update; its only detail is a ticket.Error.
const RefusedType = "refused"
