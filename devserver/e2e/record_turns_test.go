package e2e

import (
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// Stories that take another turn than the person or the agent had hoped for.

func cancellationRefused(o *office) {
	number := o.account(ticket.AccountCancellation, o.holder())
	o.confirms(number)
	o.answers(agent, number, refused)
	o.record("account_cancellation-refused", string(number))
}

func cancellationSentBack(o *office) {
	ctx, number := o.t.Context(), o.account(ticket.AccountCancellation, o.holder())
	o.confirms(number)
	o.did(o.desk.Decide(ctx, o.claims(agent, number), number, granted))
	o.did(o.desk.Approve(ctx, lead, number, false, "Say what is kept."))
	o.answers(agent, number, granted)
	o.record("account_cancellation-sent_back", string(number))
}

func cancellationWithdrawn(o *office) {
	number := o.account(ticket.AccountCancellation, o.holder())
	o.confirms(number)
	o.withdrawn(number)
	o.record("account_cancellation-withdrawn", string(number))
}

func (o *office) withdrawn(number ticket.Number) {
	o.t.Helper()
	o.taken(o.desk.Withdraw(o.t.Context(), number))
	o.ends(string(number))
}

// withdrawnHalfway: the person withdraws while the account system is away, so that
// nobody knows what it has done of a decision.
func (o *office) withdrawnHalfway(number ticket.Number, d desk.Decision) {
	o.t.Helper()
	ctx := o.t.Context()
	o.People.SetDown(true)
	defer o.People.SetDown(false)
	o.did(o.desk.Decide(ctx, o.claims(agent, number), number, d))
	t, err := o.records.Ticket(ctx, number)
	require.NoError(o.t, err)
	if t.State.Decision.FourEyes {
		o.did(o.desk.Approve(ctx, lead, number, true, ""))
	}
	o.until(number, func(t store.Ticket) bool { return t.Stage == ticket.Fulfilling })
	o.taken(o.desk.Withdraw(ctx, number))
	o.People.SetDown(false)
	o.ends(string(number))
}

func cancellationWithdrawnHalfway(o *office) {
	number := o.account(ticket.AccountCancellation, o.holder())
	o.confirms(number)
	o.withdrawnHalfway(number, granted)
	o.record("account_cancellation-withdrawn_halfway", string(number))
}

func complaintBounced(o *office) {
	ctx, number := o.t.Context(), o.complaint()
	o.answers(agent, number, granted)
	o.did(o.desk.Bounced(ctx, agent, number, "The mailbox is full."))
	o.until(number, func(t store.Ticket) bool { return t.Stage == ticket.InProgress })
	o.answers(agent, number, granted)
	o.record("complaint-bounced", string(number))
}

func complaintEscalated(o *office) {
	ctx, number := o.t.Context(), o.complaint()
	o.did(o.desk.Escalate(ctx, o.claims(agent, number), number, "It concerns several departments."))
	o.did(o.desk.Acknowledge(ctx, lead, number))
	o.answers(agent, number, granted)
	o.record("complaint-escalated", string(number))
}

// correction is a verified correction of fields; the account is the story's own.
func (o *office) correction(changes ...store.Change) ticket.Number {
	o.t.Helper()
	return o.account(ticket.InfoCorrection, o.holder(), changes...)
}

var (
	moved   = store.Change{Field: "address", Proposed: "9 New Street"}
	renamed = store.Change{Field: "name", Proposed: "New Name"}
	cursed  = store.Change{Field: "name", Proposed: "fail-permanently"} // the account system refuses it for good
)

func correctionPartly(o *office) {
	number := o.correction(moved, renamed)
	o.answers(agent, number, onFields(yes("address"), no("name")))
	o.record("info_correction-partly", string(number))
}

func correctionRefused(o *office) {
	number := o.correction(moved)
	o.answers(agent, number, onFields(no("address")))
	o.record("info_correction-refused", string(number))
}

func correctionWithdrawn(o *office) {
	number := o.correction(moved)
	o.withdrawn(number)
	o.record("info_correction-withdrawn", string(number))
}

func correctionWithdrawnHalfway(o *office) {
	number := o.correction(moved, renamed)
	o.withdrawnHalfway(number, onFields(yes("address"), yes("name")))
	o.undone(number)
	o.record("info_correction-withdrawn_halfway", string(number))
}

func correctionUndone(o *office) {
	number := o.correction(moved, cursed)
	o.did(o.desk.Decide(o.t.Context(), o.claims(agent, number), number, onFields(yes("address"), yes("name"))))
	o.until(number, func(t store.Ticket) bool { return t.Stage == ticket.InProgress && t.State.Decision == nil })
	o.undone(number)
	o.answers(agent, number, onFields(yes("address"), no("name")))
	o.record("info_correction-undone", string(number))
}

// undone: what had been applied was put back.
func (o *office) undone(number ticket.Number) {
	o.t.Helper()
	events, err := o.records.Events(o.t.Context(), number)
	require.NoError(o.t, err)
	var acts []contract.Act
	for _, e := range events {
		acts = append(acts, e.Act)
	}
	require.Contains(o.t, acts, contract.ActCorrectionUndone)
}
