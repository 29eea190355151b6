package worker

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"

	"rightsdesk/contract"
	"rightsdesk/store"
)

const (
	checkEvery   = 30 * time.Second
	checkBatch   = 50 // troubles held against Temporal at a time
	mostReported = 200
	localLasts   = time.Minute // a local activity is given up well before
)

// problems is the search attribute under which Temporal itself reports workflows
// whose task fails again and again: five times in a row by default. Servers from
// 1.30 on have it.
const problems = "TemporalReportedProblems"

// checkTroubles keeps the list of stuck tickets true. Temporal reports workflows
// that can't go on by themselves; and what was noted is held against it, since an
// activity may have been given up or called off, and a workflow ended, without this
// worker having had a hand in it. Any number of workers may do so at once.
func (w *Worker) checkTroubles(ctx context.Context) {
	if err := w.reported(ctx); err != nil && ctx.Err() == nil {
		w.config.Log.Warn("asking Temporal for stuck workflows", "error", err)
	}
	now := w.config.Now()
	noted, err := w.config.Store.TroublesToCheck(ctx, now.Add(-checkEvery/2), now, checkBatch)
	for _, t := range noted {
		if err == nil {
			err = w.check(ctx, t)
		}
	}
	if err != nil && ctx.Err() == nil {
		w.config.Log.Warn("checking which tickets are stuck", "error", err)
	}
}

// reported notes the workflows that Temporal reports.
func (w *Worker) reported(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	list, err := w.config.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{PageSize: mostReported,
		Query: "ExecutionStatus = 'Running' AND " + problems + " IN ('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')"})
	var unknown *serviceerror.InvalidArgument
	if errors.As(err, &unknown) {
		return nil // an older server: it has no such attribute
	}
	if err != nil {
		return err
	}
	now := w.config.Now()
	for _, e := range list.GetExecutions() {
		id := e.GetExecution().GetWorkflowId()
		number, ok := contract.NumberOf(id)
		if !ok {
			continue
		}
		err := w.config.Store.NoteTrouble(ctx, store.Trouble{TroubleKey: store.TroubleKey{Workflow: id, Activity: contract.TaskItself},
			Number: number, Code: contract.TroubleWorkflow, Since: now, LastAt: now})
		if err != nil {
			return err
		}
	}
	return nil
}

// check takes a trouble back that Temporal knows nothing of.
func (w *Worker) check(ctx context.Context, t store.Trouble) error {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	seen := w.config.Now()
	now, err := w.config.Temporal.DescribeWorkflowExecution(ctx, t.Workflow, "")
	var gone *serviceerror.NotFound
	switch {
	case errors.As(err, &gone):
		return w.config.Store.TroubleOver(ctx, t.TroubleKey, seen)
	case err != nil:
		return err
	case still(t, now, seen):
		return nil
	}
	return w.config.Store.TroubleOver(ctx, t.TroubleKey, seen)
}

// still reports that a trouble is one as Temporal sees it.
func still(t store.Trouble, now *workflowservice.DescribeWorkflowExecutionResponse, at time.Time) bool {
	info := now.GetWorkflowExecutionInfo()
	if info.GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return false
	}
	switch {
	case t.Activity == contract.TaskItself:
		return info.GetSearchAttributes().GetIndexedFields()[problems] != nil
	case t.Step == store.LocalStep:
		return at.Sub(t.LastAt) < localLasts
	}
	for _, p := range now.GetPendingActivities() {
		if p.GetActivityId() == t.Step && p.GetActivityType().GetName() == t.Activity {
			return true
		}
	}
	return false
}
