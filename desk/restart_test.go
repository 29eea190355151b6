package desk

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestARestartBeginsFromTheRow(t *testing.T) {
	o := newOffice(t)
	n := o.filed(t, complaint()).Number
	filed := o.temporal.starts[0].(contract.Start)
	st := contract.State{Rev: 3, Stage: ticket.InProgress, Awaiting: ticket.AwaitingAgent, Assignee: "li.wei",
		Clock: contract.Clock{Due: time.Now().AddDate(0, 0, 9).UTC(), SLA: ticket.AtRisk}}
	for rev := int64(1); rev <= 3; rev++ {
		st.Rev = rev
		require.NoError(t, o.store.Record(t.Context(), contract.Record{Number: n, State: st}))
	}
	d, err := o.store.OrderRestart(t.Context(), store.Repair{Number: n, Seen: 3, Drift: contract.DriftWorkflowMissing, At: time.Now()}, store.Restart{})
	require.NoError(t, err)
	o.temporal.set(func(s *temporalStub) { s.started, s.starts = nil, nil })
	for range 2 { // the doctor, and the courier after it
		_, err = o.engine.carry(t.Context(), d)
		require.NoError(t, err)
	}
	require.Len(t, o.temporal.started, 1)
	begun := o.temporal.starts[0].(contract.Start)
	require.True(t, begun.Recovered)
	st.Rev = 4
	require.True(t, store.SameState(st, *begun.Resume), "the row's state, with the revision of the repair")
	begun.Resume, begun.Recovered = nil, false
	require.JSONEq(t, asJSON(t, filed), asJSON(t, begun), "what it was promised is what it was promised")
	require.Equal(t, enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, o.temporal.started[0].WorkflowIDReusePolicy)
	stage, ok := o.temporal.started[0].TypedSearchAttributes.GetKeyword(contract.AttrStage)
	require.True(t, ok)
	require.Equal(t, string(ticket.InProgress), stage)
}

func TestAStartThatIsGoneIsBuiltFromThePolicy(t *testing.T) {
	o := newOffice(t)
	n := o.filed(t, complaint()).Number
	start, err := o.store.StartOf(t.Context(), n)
	require.NoError(t, err)
	start.Number = ticket.NewNumber(time.Now())
	require.NoError(t, o.store.FileLost(t.Context(), start, contract.State{Stage: ticket.Triage, Clock: contract.Clock{Due: time.Now()}}, time.Now()))
	row, err := o.store.Ticket(t.Context(), start.Number)
	require.NoError(t, err)
	built, err := o.engine.startOf(t.Context(), row)
	require.NoError(t, err)
	built.ReceivedAt, start.ReceivedAt = time.Time{}, time.Time{}
	require.Equal(t, asJSON(t, start), asJSON(t, built))
}
