package tally

import (
	"context"
	"errors"
	"fmt"
	"time"

	enums "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
)

// History is what Temporal keeps of a workflow.
type History struct {
	Events      []*historypb.HistoryEvent
	Bytes       int64 // as Temporal counts them
	Transitions int64 // how often its state was written
}

// restLimit is for how long a workflow may be under way with something.
const restLimit = 30 * time.Second

// ReadHistory reads it once nothing of the workflow is under way.
func ReadHistory(ctx context.Context, engine client.Client, id string) (h History, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, restLimit, errors.New("something of it is still under way"))
	defer cancel()
	for {
		now, err := engine.DescribeWorkflowExecution(ctx, id, "")
		if err != nil {
			return h, fmt.Errorf("the workflow %s: %w", id, err)
		}
		if len(now.PendingActivities) == 0 && now.PendingWorkflowTask == nil {
			h.Bytes, h.Transitions = now.WorkflowExecutionInfo.HistorySizeBytes, now.WorkflowExecutionInfo.StateTransitionCount
			break
		}
		select {
		case <-ctx.Done():
			return h, fmt.Errorf("the workflow %s: %w", id, context.Cause(ctx))
		case <-time.After(20 * time.Millisecond):
		}
	}
	for it := engine.GetWorkflowHistory(ctx, id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		e, err := it.Next()
		if err != nil {
			return h, fmt.Errorf("the history of %s: %w", id, err)
		}
		h.Events = append(h.Events, e)
	}
	return h, nil
}
