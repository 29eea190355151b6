package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"google.golang.org/protobuf/types/known/timestamppb"

	"rightsdesk/contract"
	"rightsdesk/evidence"
	"rightsdesk/ticket"
)

// twoRuns is the history of a workflow that continued as new once.
func twoRuns() map[string][]*history.HistoryEvent {
	at := timestamppb.New(time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC))
	started := func(first string) *history.HistoryEvent {
		return &history.HistoryEvent{EventId: 1, EventTime: at, EventType: enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
			Attributes: &history.HistoryEvent_WorkflowExecutionStartedEventAttributes{
				WorkflowExecutionStartedEventAttributes: &history.WorkflowExecutionStartedEventAttributes{FirstExecutionRunId: first}}}
	}
	runs := map[string][]*history.HistoryEvent{
		"run-1": {started("run-1"), {EventId: 2, EventTime: at, EventType: enums.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
			Attributes: &history.HistoryEvent_WorkflowExecutionContinuedAsNewEventAttributes{
				WorkflowExecutionContinuedAsNewEventAttributes: &history.WorkflowExecutionContinuedAsNewEventAttributes{NewExecutionRunId: "run-2"}}}},
		"run-2": {started("run-1"), {EventId: 2, EventTime: at, EventType: enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED}},
	}
	runs[""] = runs["run-2"]
	return runs
}

func (o *office) evidence(t *testing.T, number ticket.Number) evidence.File {
	t.Helper()
	text, err := o.ExportEvidence(t.Context(), Staff{ID: "sun.officer", Role: ticket.PrivacyOfficer}, number)
	require.NoError(t, err)
	f, _, err := evidence.Verify(text, nil)
	require.NoError(t, err)
	return f
}

func TestTheHistoryIsDigestedInItsDocumentedForm(t *testing.T) {
	o := newOffice(t)
	number := o.filed(t, complaint()).Number
	o.temporal.histories = twoRuns()
	at := `"eventTime":"2026-11-23T04:00:00Z"`
	want := sha256.Sum256([]byte("run-1\n" +
		`{"eventId":"1",` + at + `,"eventType":"EVENT_TYPE_WORKFLOW_EXECUTION_STARTED","workflowExecutionStartedEventAttributes":{"firstExecutionRunId":"run-1"}}` + "\n" +
		`{"eventId":"2",` + at + `,"eventType":"EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW","workflowExecutionContinuedAsNewEventAttributes":{"newExecutionRunId":"run-2"}}` + "\n" +
		"run-2\n" +
		`{"eventId":"1",` + at + `,"eventType":"EVENT_TYPE_WORKFLOW_EXECUTION_STARTED","workflowExecutionStartedEventAttributes":{"firstExecutionRunId":"run-1"}}` + "\n" +
		`{"eventId":"2",` + at + `,"eventType":"EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"}` + "\n"))
	assert.Equal(t, evidence.History{Available: true, Runs: 2, Events: 4, Ended: true, Digest: hex.EncodeToString(want[:])},
		o.evidence(t, number).Workflow)
}

func TestEvidenceDoesNotWaitForTemporal(t *testing.T) {
	o := newOffice(t)
	number := o.filed(t, complaint()).Number
	for why, fails := range map[string]error{
		historyNotKept: serviceerror.NewNotFound("gone"),
		HistoryAway:    errors.New("connection refused"),
	} {
		o.temporal.historyFails = fails
		assert.Equal(t, evidence.History{Why: why}, o.evidence(t, number).Workflow)
	}
	// Only the first run is gone.
	o.temporal.historyFails, o.temporal.histories = nil, twoRuns()
	delete(o.temporal.histories, "run-1")
	assert.Equal(t, evidence.History{Why: historyNotKept}, o.evidence(t, number).Workflow)
}

func TestThePrivacyOfficerAndTheAuditorTakeEvidenceAndItIsOnRecord(t *testing.T) {
	o := newOffice(t)
	number := o.filed(t, complaint()).Number
	o.temporal.historyFails = errors.New("away")
	for _, role := range ticket.Roles() {
		_, err := o.ExportEvidence(t.Context(), Staff{ID: "x.y", Role: role}, number)
		if role.May(ticket.MayExportEvidence) {
			require.NoError(t, err)
			continue
		}
		assert.Equal(t, CodeNotAllowed, refusal(t, err).Code, role)
	}
	text, err := o.ExportEvidenceAtServer(t.Context(), number)
	require.NoError(t, err)
	f, _, err := evidence.Verify(text, nil)
	require.NoError(t, err)
	assert.Equal(t, evidence.CommandLine, f.MadeBy)
	events, err := o.store.Events(t.Context(), number)
	require.NoError(t, err)
	var by []string
	for _, e := range events {
		if e.Act == contract.ActEvidenceExported {
			by = append(by, fmt.Sprint(e.Actor, " ", e.Agent))
		}
	}
	assert.Equal(t, []string{"staff x.y", "staff x.y", "system "}, by)
	assert.Len(t, f.Trail, len(events))
	assert.Equal(t, "cn", f.Calendar.Name)
	assert.Equal(t, "sample", f.Product)
}
