package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"rightsdesk/contract"
	"rightsdesk/ticket"
	"rightsdesk/workflows"
)

// kept runs what is kept of a cancelled account from 1 March 2026 on.
func kept(t *testing.T, w *world, keep contract.RetentionStart, meanwhile func(*testsuite.TestWorkflowEnvironment)) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silence)
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(moment("2026-03-01 10:00"))
	w.answer(env)
	workflows.Register(env)
	if meanwhile != nil {
		meanwhile(env)
	}
	env.ExecuteWorkflow(contract.WorkflowRetention, keep)
	require.NoError(t, env.GetWorkflowError())
}

func TestWhatIsKeptIsPurgedOnDay365AndNotBefore(t *testing.T) {
	w := newWorld()
	until := moment("2026-03-01 10:00").Add(365 * 24 * time.Hour)
	kept(t, w, contract.RetentionStart{Number: number, Until: until, Account: true}, func(env *testsuite.TestWorkflowEnvironment) {
		env.RegisterDelayedCallback(func() {
			require.Empty(t, w.purged)
			require.Empty(t, w.acted)
		}, 365*24*time.Hour-time.Second)
		env.RegisterDelayedCallback(env.CancelWorkflow, 24*time.Hour) // by mistake, in the Temporal UI
	})
	require.Len(t, w.acted, 1)
	require.Equal(t, contract.StepPurge, w.acted[0].Act)
	require.Len(t, w.purged, 1)
	require.True(t, w.purged[0].Equal(until))
	require.Empty(t, w.notices)
}

func TestOurOwnRecordsArePurgedEvenIfTheAccountSystemWillNot(t *testing.T) {
	for name, answer := range map[string]contract.AccountActed{"refused": {Failed: true}, "by hand": {Pending: true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.act = func(contract.AccountAct, int) (contract.AccountActed, error) { return answer, nil }
			kept(t, w, contract.RetentionStart{Number: number, Until: moment("2026-03-05 10:00"), Account: true}, nil)
			require.Len(t, w.purged, 1)
			require.Len(t, w.notices, 1)
			require.Equal(t, []ticket.Role{ticket.PrivacyOfficer}, w.notices[0].Roles)
		})
	}
	w := newWorld()
	w.act = func(contract.AccountAct, int) (contract.AccountActed, error) {
		return contract.AccountActed{}, refusedForGood()
	}
	kept(t, w, contract.RetentionStart{Number: number, Until: moment("2026-03-05 10:00"), Account: true}, nil)
	require.Len(t, w.purged, 1)
}

func TestWhatNeverTouchedAnAccountIsPurgedHereAlone(t *testing.T) {
	w := newWorld()
	kept(t, w, contract.RetentionStart{Number: number, Until: moment("2026-02-05 10:00")}, nil)
	require.Empty(t, w.acted)
	require.Len(t, w.purged, 1, "at once if its time has passed")
}

func TestATicketIsNotEndedByCancellingItsWorkflow(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.cancelledAt = moment("2026-03-02 12:00")
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-02 13:00", li.claims())
	s.at("2026-03-02 13:05", li.accepts(7))
	s.at("2026-03-02 14:00", saysSolved())
	s.run()
	require.Equal(t, "03-02 14:00 closed", s.stages()[5])
}
