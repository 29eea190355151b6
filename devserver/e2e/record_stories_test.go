package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

var (
	granted = desk.Decision{Outcome: ticket.Accepted, Text: "We looked into it and have mended it."}
	refused = desk.Decision{Outcome: ticket.Declined, Reason: ticket.ReasonUnfounded, Text: "We never had that number."}
)

// TestStoriesReplay tells each story on the real parts, without a browser, and
// replays what Temporal remembers of it.
func TestStoriesReplay(t *testing.T) {
	whole := openOffice(t)
	for _, story := range []struct {
		name string
		tell func(*office)
	}{
		{"complaint-answered", complaintAnswered},
		{"complaint-guardian", complaintGuardian},
		{"info_correction-document", correctionDocument},
		{"complaint-refused", complaintRefused},
		{"complaint-withdrawn", complaintWithdrawn},
		{"complaint-solved", complaintSolved},
		{"complaint-appeal", complaintAppeal},
		{"cancellation-erased", cancellationErased},
		{"cancellation-obstacles", cancellationObstacles},
		{"correction-real-name", correctionRealName},
		{"calendar-rollout", calendarRollout}, // counts the open tickets: what may leave one open comes after it

		{"account_cancellation-refused", cancellationRefused},
		{"account_cancellation-sent_back", cancellationSentBack},
		{"account_cancellation-withdrawn", cancellationWithdrawn},
		{"account_cancellation-withdrawn_halfway", cancellationWithdrawnHalfway},
		{"complaint-bounced", complaintBounced},
		{"complaint-escalated", complaintEscalated},
		{"info_correction-partly", correctionPartly},
		{"info_correction-refused", correctionRefused},
		{"info_correction-withdrawn", correctionWithdrawn},
		{"info_correction-withdrawn_halfway", correctionWithdrawnHalfway},
		{"info_correction-undone", correctionUndone},

		{"account_cancellation-text_message", cancellationTextMessage},
		{"info_correction-payment", correctionPayment},
		{"info_correction-registry", correctionRegistry},

		{"account_cancellation-expired", cancellationExpired},
		{"account_cancellation-silent", cancellationSilent},
		{"complaint-closed", complaintClosed},
		{"complaint-expired", complaintExpired},
		{"complaint-extended", complaintExtended},
		{"complaint-overdue", complaintOverdue},
		{"complaint-silent", complaintSilent},
		{"complaint-taken_up", complaintTakenUp},
	} {
		t.Run(story.name, func(t *testing.T) { story.tell(whole.in(t)) })
	}
}

func complaintAnswered(o *office) {
	number := answeredComplaint(o)
	o.record("complaint-answered", string(number))
}

func complaintRefused(o *office) {
	number := o.complaint()
	o.answers(agent, number, refused)
	o.record("complaint-refused", string(number))
}

func complaintWithdrawn(o *office) {
	number := o.complaint()
	o.taken(o.desk.Withdraw(o.t.Context(), number))
	o.ends(string(number))
	o.record("complaint-withdrawn", string(number))
}

func complaintSolved(o *office) {
	ctx, number := o.t.Context(), o.complaint()
	by := o.claims(agent, number)
	o.did(o.desk.Note(ctx, by, number, "Seen before."))
	o.did(o.desk.Categorise(ctx, by, number, ticket.CategoryMarketing))
	o.did(o.desk.Ask(ctx, by, number, "Which number do you mean?"))
	o.until(number, func(t store.Ticket) bool { return t.Stage == ticket.WaitingOnSubject })
	o.taken(o.desk.Reply(ctx, number, desk.Words{Text: "The one on the form."}))
	o.answers(agent, number, granted)
	o.taken(o.desk.Solved(ctx, number))
	o.ends(string(number))
	o.record("complaint-solved", string(number))
	o.record("retention-complaint", contract.RetentionID(number))
}

func complaintAppeal(o *office) {
	number := o.complaint()
	o.answers(agent, number, refused)
	o.taken(o.desk.NotSolved(o.t.Context(), number, desk.Words{Text: "You did have it."}))
	o.until(number, func(t store.Ticket) bool { return t.State.Reopened && t.Stage == ticket.Triage })
	o.answers(officer, number, granted)
	o.record("complaint-appeal", string(number))
}

// confirms accepts the consequences once they may be accepted.
func (o *office) confirms(number ticket.Number) {
	o.until(number, func(t store.Ticket) bool { return t.State.Account.Checked })
	o.taken(o.desk.Confirm(o.t.Context(), number))
}

func cancellationErased(o *office) {
	number := o.account(ticket.AccountCancellation, "zhang.wei@example.com")
	o.confirms(number)
	o.answers(agent, number, granted)
	o.taken(o.desk.Solved(o.t.Context(), number))
	o.ends(string(number))
	o.record("account_cancellation-erased", string(number))
	o.record("retention-account", contract.RetentionID(number))
	o.purged(number)
}

// purged sees the end of a retention whose year is a second.
func (o *office) purged(number ticket.Number) {
	id := contract.RetentionID(number) + "-early"
	_, err := o.engine.ExecuteWorkflow(o.t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: contract.TaskQueue},
		contract.WorkflowRetention, contract.RetentionStart{Number: number, Until: time.Now().Add(time.Second), Account: true})
	require.NoError(o.t, err)
	o.ends(id)
	o.until(number, func(t store.Ticket) bool { return !t.PurgedAt.IsZero() })
	o.record("retention-purged", id)
}

func cancellationObstacles(o *office) {
	ctx, number := o.t.Context(), o.account(ticket.AccountCancellation, "wang.fang@example.com")
	o.until(number, func(t store.Ticket) bool { return t.State.Account.Obstacles > 0 })
	require.NoError(o.t, o.People.Settle(ctx, "u-1002"))
	o.taken(o.desk.ObstaclesSettled(ctx, number))
	o.confirms(number)
	o.answers(agent, number, granted)
	o.record("account_cancellation-obstacles", string(number))
}

func correctionRealName(o *office) {
	number := answeredCorrection(o)
	o.record("info_correction-real_name", string(number))
}

// sends a document that proves something.
func (o *office) sends(number ticket.Number, kind ticket.ProofKind) int64 {
	o.t.Helper()
	ctx := o.t.Context()
	o.taken(o.desk.SendProof(ctx, number, desk.ProofFiles{Kind: kind, Key: seal.NewToken(),
		Files: []store.NewFile{{Name: "paper.png", Type: "image/png", Content: []byte("a picture")}}}))
	proofs, err := o.records.Proofs(ctx, number)
	require.NoError(o.t, err)
	return proofs[len(proofs)-1].ID
}

func complaintGuardian(o *office) {
	ctx, address := o.t.Context(), "guardian@example.net"
	number := o.filed(desk.Request{Kind: ticket.Complaint, Category: ticket.CategoryPrivacy, Relation: ticket.Guardian,
		RelationNote: "Mother of the child", Person: store.Person{Email: address}, Text: "What do you keep about my child?"}, address)
	first := o.sends(number, ticket.ProofRelation)
	o.did(o.desk.ReviewProof(ctx, agent, number, first, false))
	second := o.sends(number, ticket.ProofRelation)
	o.did(o.desk.ReviewProof(ctx, agent, number, second, true))
	o.answers(agent, number, granted)
	o.record("complaint-guardian", string(number))
}

func correctionDocument(o *office) {
	ctx := o.t.Context()
	number := o.account(ticket.InfoCorrection, "chen.jing@example.com", store.Change{Field: "real_name", Proposed: "陈婧"})
	id := o.sends(number, ticket.ProofIdentity)
	o.did(o.desk.ReviewProof(ctx, lead, number, id, true))
	o.did(o.desk.ReviewProof(ctx, agent, number, id, true))
	by := o.claims(agent, number)
	o.did(o.desk.Decide(ctx, by, number, desk.Decision{Outcome: ticket.Accepted, Text: "Corrected.",
		Fields: []contract.FieldDecision{{Field: "real_name", Accept: true}}}))
	o.did(o.desk.Approve(ctx, lead, number, true, ""))
	o.delivered(number)
	o.record("info_correction-document", string(number))
}

func calendarRollout(o *office) {
	open := o.complaint()
	const schedule = "# covers: 2031\n2031-01-01\tholiday\t元旦\n"
	version, err := o.desk.LoadCalendar(o.t.Context(), "cn", []byte(schedule), "manager")
	require.NoError(o.t, err)
	done, err := o.desk.WaitRollout(o.t.Context(), "cn", version)
	require.NoError(o.t, err)
	require.Equal(o.t, contract.RolloutResult{Visited: 1}, done, "the one open ticket")
	o.record("calendar_rollout-open_ticket", "calendar-rollout-cn-1")
	o.record("complaint-replanned", string(open))
}
