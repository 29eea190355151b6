package floor

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	enums "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
)

// recorded is a real ticket's history.
func recorded(t *testing.T, name string) []*historypb.HistoryEvent {
	t.Helper()
	file, err := os.Open("../../workflows/testdata/histories/0.2/" + name + ".json")
	require.NoError(t, err)
	defer file.Close()
	h, err := client.HistoryFromJSON(file, client.HistoryJSONOptions{})
	require.NoError(t, err)
	return h.Events
}

func TestAShapeHasAllThatTheTicketDid(t *testing.T) {
	s, err := Read("complaint", recorded(t, "complaint-answered"))
	require.NoError(t, err)
	done := map[Verb]int{}
	for _, o := range s.Ops {
		done[o.Do]++
	}
	assert.Equal(t, map[Verb]int{Local: 9, Begin: 2, Await: 2, Arm: 5, Disarm: 4, Upsert: 4, Accept: 3, Complete: 3}, done)
	local, remote := s.Steps()
	assert.Equal(t, [2]int{9, 2}, [2]int{local, remote})
	assert.Equal(t, 3, s.Updates())
	assert.Len(t, s.AtStart, 4)
	assert.Equal(t, Op{Do: Local, Ref: 1}, s.Ops[0])
}

func TestAnUpdateIsSentWhenWhatItFollowsHasEnded(t *testing.T) {
	s, err := Read("complaint", recorded(t, "complaint-answered"))
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 4, 3}, s.before(1), "three local steps, and the mail that has the code")
	assert.Equal(t, []int{1, 2, 4, 3, 5}, s.before(2))
	end := s.end()
	assert.Equal(t, 9, end[len(end)-1], "the mail with the answer; two local steps follow it")
	assert.Len(t, end, 9)
}

func TestAnEventThatHasNoPlaceInAShapeIsNotPassedOver(t *testing.T) {
	events := recorded(t, "account_cancellation-erased") // goes on to its end, with a child workflow
	_, err := Read("account_cancellation", events)
	assert.ErrorContains(t, err, "no place in a shape")
}

func TestActionsAreCountedByTheirDefinition(t *testing.T) {
	assert.Equal(t, Actions{Starts: 1, Activities: 2, Locals: 5, Timers: 5, Updates: 3, Upserts: 4}, CountActions(recorded(t, "complaint-answered")))
	whole := CountActions(recorded(t, "account_cancellation-erased"))
	assert.Equal(t, 2, whole.Children)
	assert.Equal(t, whole.Total()*2, whole.Plus(whole).Total())
}

func TestARetryIsAnActionAndAVersionIsNone(t *testing.T) {
	started := &historypb.HistoryEvent{EventType: enums.EVENT_TYPE_ACTIVITY_TASK_STARTED,
		Attributes: &historypb.HistoryEvent_ActivityTaskStartedEventAttributes{
			ActivityTaskStartedEventAttributes: &historypb.ActivityTaskStartedEventAttributes{Attempt: 3}}}
	version := &historypb.HistoryEvent{EventType: enums.EVENT_TYPE_MARKER_RECORDED,
		Attributes: &historypb.HistoryEvent_MarkerRecordedEventAttributes{
			MarkerRecordedEventAttributes: &historypb.MarkerRecordedEventAttributes{MarkerName: "Version"}}}
	assert.Equal(t, Actions{Activities: 3}, CountActions([]*historypb.HistoryEvent{started, version}))
}

func TestTheTimingOfAnUpdateIsReadFromTheTasks(t *testing.T) {
	ended, task, update := event(enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED), event(enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED),
		event(enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED)
	apart, together := []*historypb.HistoryEvent{task, ended, task, task, update}, []*historypb.HistoryEvent{task, ended, task, update}
	assert.Equal(t, Timing{true}, ReadTiming(apart))
	assert.Equal(t, Timing{false}, ReadTiming(together))
	assert.Equal(t, Timing{true, false, false}, ReadTiming(slices.Concat(apart, []*historypb.HistoryEvent{task, task, update}, together)),
		"an update that follows another one waits for nothing else")
	assert.True(t, Timing{false, true}.known(2))
	assert.False(t, Timing(nil).known(1))
}

func event(of enums.EventType) *historypb.HistoryEvent { return &historypb.HistoryEvent{EventType: of} }

// accepted fails the test when an update is refused.
type accepted struct{ t *testing.T }

func (accepted) Accept()                 {}
func (a accepted) Reject(err error)      { a.t.Errorf("refused: %v", err) }
func (accepted) Complete(_ any, _ error) {}

func TestABareWorkflowTakesEveryStepOnce(t *testing.T) {
	s, err := Read("complaint", recorded(t, "complaint-answered"))
	require.NoError(t, err)
	for _, style := range []Style{Naive, Alike} {
		t.Run(string(style), func(t *testing.T) {
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestWorkflowEnvironment()
			b := &bare{shapes: map[string]Shape{"complaint": s}, ended: &endings{}, seen: &endings{}}
			env.RegisterWorkflow(b.run)
			env.RegisterActivityWithOptions(b.nothing, activityOptions)
			local, remote := 0, 0
			env.SetOnLocalActivityStartedListener(func(*activity.Info, context.Context, []any) { local++ })
			env.SetOnActivityStartedListener(func(*activity.Info, context.Context, converter.EncodedValues) { remote++ })
			env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil)
			steps, seen := b.ended.of("default-test-workflow-id"), b.seen.of("default-test-workflow-id")
			for n := range s.Updates() {
				env.RegisterDelayedCallback(func() {
					env.UpdateWorkflow(updateName, "", accepted{t}, next{n + 1})
				}, time.Duration(n+1)*time.Second)
			}
			env.RegisterDelayedCallback(func() {
				all := append(s.end(), 10, 11)
				assert.True(t, steps.have(all), "all steps, and those after the answer too")
				assert.True(t, seen.have(all))
				env.CancelWorkflow()
			}, time.Minute)
			env.SetTestTimeout(30 * time.Second)
			env.ExecuteWorkflow(b.run, start{"complaint", style})
			if style == Naive {
				assert.Equal(t, [2]int{0, 11}, [2]int{local, remote})
			} else {
				assert.Equal(t, [2]int{9, 2}, [2]int{local, remote})
			}
		})
	}
}
