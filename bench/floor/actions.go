package floor

import (
	enums "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
)

// Actions are what Temporal's hosted service would bill of a history, by its
// public definition (docs.temporal.io/cloud/actions): a workflow started; an
// activity started, each retry again; a timer started; a signal; an update; one
// command that upserts search attributes, but for the version of the code; all
// local activities recorded by one workflow task together; and two for a child
// workflow. What stands in no history, such as queries and retries that are still
// under way, is not counted.
type Actions struct {
	Starts, Children, Activities, Locals, Timers, Signals, Updates, Upserts int
}

// Total is their sum.
func (a Actions) Total() int {
	return a.Starts + a.Children + a.Activities + a.Locals + a.Timers + a.Signals + a.Updates + a.Upserts
}

// Plus adds two counts.
func (a Actions) Plus(b Actions) Actions {
	return Actions{a.Starts + b.Starts, a.Children + b.Children, a.Activities + b.Activities, a.Locals + b.Locals,
		a.Timers + b.Timers, a.Signals + b.Signals, a.Updates + b.Updates, a.Upserts + b.Upserts}
}

// CountActions counts them in a history.
func CountActions(events []*historypb.HistoryEvent) Actions {
	var a Actions
	markedBy := map[int64]bool{} // workflow tasks that recorded local activities
	for _, e := range events {
		switch e.EventType {
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
			a.Starts++
		case enums.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
			a.Children += 2
		case enums.EVENT_TYPE_ACTIVITY_TASK_STARTED:
			a.Activities += int(e.GetActivityTaskStartedEventAttributes().Attempt)
		case enums.EVENT_TYPE_MARKER_RECORDED:
			m := e.GetMarkerRecordedEventAttributes()
			if m.MarkerName == "LocalActivity" && !markedBy[m.WorkflowTaskCompletedEventId] {
				markedBy[m.WorkflowTaskCompletedEventId] = true
				a.Locals++
			}
		case enums.EVENT_TYPE_TIMER_STARTED:
			a.Timers++
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
			a.Signals++
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
			a.Updates++
		case enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
			if changed := e.GetUpsertWorkflowSearchAttributesEventAttributes().GetSearchAttributes().GetIndexedFields(); len(changed) != 1 || changed["TemporalChangeVersion"] == nil {
				a.Upserts++
			}
		}
	}
	return a
}
