package floor

import (
	enums "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
)

// Timing says of each update of a ticket, in order, whether its workflow knew of the
// end of the step before it when the update came. If it did, the two took a workflow
// task each; if the update came at the same instant, they shared one. The bare
// workflows do likewise, so that neither takes more tasks than the other.
type Timing []bool

// ReadTiming reads it from a history.
func ReadTiming(events []*historypb.HistoryEvent) Timing {
	var t Timing
	tasks := 0     // completed since the last step ended
	ended := false // since the update before
	for _, e := range events {
		switch e.EventType {
		case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
			ended, tasks = true, 0
		case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			tasks++
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
			t = append(t, ended && tasks > 1)
			ended = false
		}
	}
	return t
}

// known says it of one update, from 1. What no history tells of came at the same
// instant, which is the least there can be.
func (t Timing) known(update int) bool { return update <= len(t) && t[update-1] }
