package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"google.golang.org/protobuf/encoding/protojson"

	"rightsdesk/evidence"
	"rightsdesk/ticket"
)

// Why there is no digest of a workflow's history. After HistoryAway there may be one the
// next time.
const (
	HistoryAway    = "the workflow engine did not answer"
	historyNotKept = "the workflow engine no longer keeps all of it"
)

// history digests all that Temporal has recorded of a ticket's workflow, every run
// of it. What keeps it from that is said in the result: evidence does not wait for
// Temporal.
func (e *engine) history(ctx context.Context, number ticket.Number, budget time.Duration) evidence.History {
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	h, err := e.digestHistory(ctx, number)
	var notFound *serviceerror.NotFound
	switch {
	case errors.As(err, &notFound):
		return evidence.History{Why: historyNotKept}
	case err != nil:
		e.log.Warn("digesting the history of a workflow", "ticket", number, "error", err)
		return evidence.History{Why: HistoryAway}
	}
	return h
}

func (e *engine) digestHistory(ctx context.Context, number ticket.Number) (evidence.History, error) {
	run, err := e.firstRun(ctx, number)
	if err != nil {
		return evidence.History{}, err
	}
	h := evidence.History{Available: true}
	sum := sha256.New()
	for run != "" {
		if _, err := io.WriteString(sum, run+"\n"); err != nil {
			return h, err
		}
		h.Runs++
		events := e.client.GetWorkflowHistory(ctx, string(number), run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		var last *history.HistoryEvent
		for events.HasNext() {
			if last, err = events.Next(); err != nil {
				return h, err
			}
			if err := writeEvent(sum, last); err != nil {
				return h, err
			}
			h.Events++
		}
		run = last.GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId()
		h.Ended = ends(last)
	}
	h.Digest = hex.EncodeToString(sum.Sum(nil))
	return h, nil
}

// firstRun finds the run with which the workflow began.
func (e *engine) firstRun(ctx context.Context, number ticket.Number) (string, error) {
	events := e.client.GetWorkflowHistory(ctx, string(number), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	if !events.HasNext() {
		return "", errors.New("the workflow has no history")
	}
	first, err := events.Next()
	if err != nil {
		return "", err
	}
	run := first.GetWorkflowExecutionStartedEventAttributes().GetFirstExecutionRunId()
	if run == "" {
		return "", errors.New("the workflow's history does not begin with its start")
	}
	return run, nil
}

func ends(e *history.HistoryEvent) bool {
	switch e.GetEventType() {
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
		enums.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
		enums.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT:
		return true
	}
	return false
}

// writeEvent writes an event in a form that is always the same: its JSON as
// protocol buffers define it, the members of every object sorted by name, without
// white space, and a line break.
func writeEvent(to io.Writer, e *history.HistoryEvent) error {
	text, err := protojson.Marshal(e) // its own spaces vary from build to build
	if err != nil {
		return fmt.Errorf("writing event %d: %w", e.GetEventId(), err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var members map[string]any
	if err := d.Decode(&members); err != nil {
		return fmt.Errorf("writing event %d: %w", e.GetEventId(), err)
	}
	out := json.NewEncoder(to) // sorts the members, and ends with a line break
	out.SetEscapeHTML(false)
	return out.Encode(members)
}
