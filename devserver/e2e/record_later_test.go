package e2e

import (
	"reflect"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// Stories in which days pass. On a real server none do: a ticket's run is ended, and
// the next one begins from the same state with all of its times so much earlier.

// again is how the next run begins.
type again bool

const (
	resumed again = false // handed over, as a long run hands over
	takenUp again = true  // from what the database has, as after a restore
)

const day = 24 * time.Hour

// later is the ticket when so much time has passed.
func (o *office) later(number ticket.Number, passed time.Duration, how again) {
	o.t.Helper()
	ctx, id := o.t.Context(), string(number)
	var now contract.Standing
	o.eventually(func() bool {
		answer, err := o.engine.QueryWorkflow(ctx, id, "", contract.QueryState)
		require.NoError(o.t, err)
		now = contract.Standing{}
		require.NoError(o.t, answer.Get(&now))
		return !now.Changing && len(now.Sending) == 0 && now.Recorded == now.State.Rev
	})
	start := now.Start
	start.Resume, start.Recovered = &now.State, bool(how)
	earlier(reflect.ValueOf(&start).Elem(), passed)
	require.NoError(o.t, o.engine.TerminateWorkflow(ctx, id, "", "time passes"))
	_, err := o.engine.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: contract.TaskQueue}, contract.WorkflowFor(start.Kind), start)
	require.NoError(o.t, err)
}

// earlier moves every time that is set in a value.
func earlier(v reflect.Value, by time.Duration) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			earlier(v.Elem(), by)
		}
	case reflect.Slice:
		for i := range v.Len() {
			earlier(v.Index(i), by)
		}
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			if !at.IsZero() {
				v.Set(reflect.ValueOf(at.Add(-by)))
			}
			return
		}
		for i := range v.NumField() {
			earlier(v.Field(i), by)
		}
	}
}

// endsAs waits for the end, and requires which.
func (o *office) endsAs(number ticket.Number, stage ticket.Stage, outcome ticket.Outcome) {
	o.t.Helper()
	o.ends(string(number))
	t, err := o.records.Ticket(o.t.Context(), number)
	require.NoError(o.t, err)
	require.Equal(o.t, stage, t.Stage)
	require.Equal(o.t, outcome, t.Outcome)
}

func complaintExpired(o *office) {
	number := o.unproved(o.complaintOf())
	o.until(number, func(t store.Ticket) bool { return t.Stage == ticket.Verifying })
	o.later(number, 20*day, resumed)
	o.endsAs(number, ticket.VerificationExpired, ticket.Unproved)
	o.record("complaint-expired", string(number))
}

func cancellationExpired(o *office) {
	number := o.unproved(o.accountOf(ticket.AccountCancellation, o.holder()))
	o.until(number, func(t store.Ticket) bool { return t.State.Codes == 1 })
	o.later(number, 20*day, resumed)
	o.endsAs(number, ticket.VerificationExpired, ticket.Unproved)
	o.record("account_cancellation-expired", string(number))
}

func cancellationSilent(o *office) {
	number := o.account(ticket.AccountCancellation, o.holder())
	o.until(number, func(t store.Ticket) bool { return t.Stage == ticket.WaitingOnSubject })
	o.later(number, 20*day, resumed)
	o.endsAs(number, ticket.Closed, ticket.NoReply)
	o.record("account_cancellation-silent", string(number))
}

func complaintSilent(o *office) {
	number := o.complaint()
	o.did(o.desk.Ask(o.t.Context(), o.claims(agent, number), number, "Which number do you mean?"))
	o.until(number, func(t store.Ticket) bool { return t.Stage == ticket.WaitingOnSubject })
	o.later(number, 20*day, resumed)
	o.endsAs(number, ticket.Closed, ticket.NoReply)
	o.record("complaint-silent", string(number))
}

func complaintClosed(o *office) {
	number := answeredComplaint(o)
	o.later(number, 20*day, resumed)
	o.until(number, func(t store.Ticket) bool { return t.Stage == ticket.Closed })
	o.record("complaint-closed", string(number)) // and an appeal is still heard
	o.later(number, 20*day, resumed)
	o.endsAs(number, ticket.Closed, ticket.Accepted)
	o.record("complaint-closed_for_good", string(number))
}

func complaintOverdue(o *office) {
	ctx, number := o.t.Context(), o.complaint()
	o.later(number, 40*day, resumed)
	o.until(number, func(t store.Ticket) bool { return t.State.Clock.OverdueDays > 0 && !t.State.Clock.BreachedAt.IsZero() })
	o.did(o.desk.Acknowledge(ctx, officer, number))
	o.answers(agent, number, granted)
	t, err := o.records.Ticket(ctx, number)
	require.NoError(o.t, err)
	require.Equal(o.t, ticket.Late, t.State.Clock.SLA)
	o.record("complaint-overdue", string(number))
}

func complaintExtended(o *office) {
	policy, text, err := ticket.EmbeddedPolicy("gdpr") // the one of China allows no extension
	require.NoError(o.t, err)
	o.desk = o.deskUnder(policy, text)
	number := o.complaint()
	o.did(o.desk.Extend(o.t.Context(), officer, number, "We need more time: three departments are involved."))
	o.until(number, func(t store.Ticket) bool { return t.State.Clock.Extended })
	o.answers(agent, number, granted)
	o.record("complaint-extended", string(number))
}

// complaintTakenUp is a run that begins from the database: somebody had been asked.
func complaintTakenUp(o *office) {
	ctx, number := o.t.Context(), o.complaint()
	o.did(o.desk.Ask(ctx, o.claims(agent, number), number, "Which number do you mean?"))
	o.later(number, 2*day, takenUp)
	o.taken(o.desk.Reply(ctx, number, desk.Words{Text: "The one on the form."}))
	o.answers(agent, number, granted)
	o.record("complaint-taken_up", string(number))
}
