package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// execution is a workflow as Temporal lists or describes it.
type execution struct {
	run     string
	status  enums.WorkflowExecutionStatus // unspecified: there is none
	started time.Time
	shown   shown
}

// shown is what its search attributes say.
type shown struct {
	stage      ticket.Stage
	sla        ticket.SLAState
	due        time.Time
	assignee   ticket.AgentID
	escalation int
}

func (x execution) there() bool { return x.status != enums.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED }

func (x execution) running() bool { return x.status == enums.WORKFLOW_EXECUTION_STATUS_RUNNING }

func (x execution) completed() bool { return x.status == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED }

// ticketOf is whose workflow an id names, and whether it is the ticket's own. Other ids
// are nobody's.
func ticketOf(id string) (number ticket.Number, own, ok bool) {
	number, ok = ticket.ParseNumber(strings.TrimSuffix(id, contract.RetentionID("")))
	own = id == string(number)
	return number, own, ok && (own || id == contract.RetentionID(number))
}

// list reads what Temporal lists of all tickets, running and ended. A list is late by
// moments: it is only a hint where to look closely.
func (d *Doctor) list(ctx context.Context) error {
	kinds := []string{contract.WorkflowRetention}
	for _, k := range ticket.Kinds() {
		kinds = append(kinds, contract.WorkflowFor(k))
	}
	query := "WorkflowType IN ('" + strings.Join(kinds, "','") + "') AND ExecutionStatus != 'ContinuedAsNew'"
	if only := d.options.Only; only != "" {
		query += fmt.Sprintf(" AND WorkflowId IN ('%s','%s')", only, contract.RetentionID(only))
	}
	err := d.each(ctx, query, func(id string, x execution) {
		if _, _, ok := ticketOf(id); !ok {
			return
		}
		if was := d.listed[id]; !was.there() || !was.running() && (x.running() || x.started.After(was.started)) {
			d.listed[id] = x
		}
	})
	d.report.Workflows = len(d.listed)
	if err != nil {
		return err
	}
	return d.each(ctx, fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running'", contract.WorkflowCalendarRollout),
		func(string, execution) { d.rollout = true })
}

// listedNow is what Temporal's list says of one ticket's workflow by now.
func (d *Doctor) listedNow(ctx context.Context, number ticket.Number) (found execution, err error) {
	err = d.each(ctx, fmt.Sprintf("WorkflowId = '%s' AND ExecutionStatus = 'Running'", number), func(_ string, x execution) { found = x })
	return found, err
}

// A page of Temporal's list, and how often it is asked for. The pages are small, and
// asked for again: a Temporal that has much to catch up on takes long to answer.
const (
	listPage  = 100
	listTries = 4
)

func (d *Doctor) page(ctx context.Context, ask *workflowservice.ListWorkflowExecutionsRequest) (page *workflowservice.ListWorkflowExecutionsResponse, err error) {
	for range listTries {
		if page, err = d.engine.client.ListWorkflow(ctx, ask); err == nil || ctx.Err() != nil {
			break
		}
		pause(ctx, time.Second)
	}
	return page, err
}

func (d *Doctor) each(ctx context.Context, query string, one func(id string, x execution)) error {
	var next []byte
	for {
		page, err := d.page(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: listPage, NextPageToken: next})
		if err != nil {
			return understood("listing workflows", err)
		}
		for _, info := range page.GetExecutions() {
			one(info.GetExecution().GetWorkflowId(), executionOf(info))
		}
		if next = page.GetNextPageToken(); len(next) == 0 {
			return nil
		}
	}
}

// describe asks Temporal how a workflow stands at this moment.
func (d *Doctor) describe(ctx context.Context, id string) (execution, error) {
	if err := d.limit.Wait(ctx); err != nil {
		return execution{}, err
	}
	answer, err := d.engine.client.DescribeWorkflowExecution(ctx, id, "")
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return execution{}, nil
	}
	if err != nil {
		return execution{}, understood("describing a workflow", err)
	}
	return executionOf(answer.GetWorkflowExecutionInfo()), nil
}

func executionOf(info *workflowpb.WorkflowExecutionInfo) execution {
	x := execution{run: info.GetExecution().GetRunId(), status: info.GetStatus(), started: info.GetStartTime().AsTime()}
	fields := info.GetSearchAttributes().GetIndexedFields()
	x.shown = shown{
		stage: listedAs[ticket.Stage](fields, contract.AttrStage.GetName()), sla: listedAs[ticket.SLAState](fields, contract.AttrSLA.GetName()),
		due: listedAs[time.Time](fields, contract.AttrReplyDue.GetName()), assignee: listedAs[ticket.AgentID](fields, contract.AttrAssignee.GetName()),
		escalation: listedAs[int](fields, contract.AttrEscalation.GetName()),
	}
	return x
}

// listedAs reads a search attribute; one that is not set is the zero value.
func listedAs[T any](fields map[string]*common.Payload, name string) (value T) {
	if p := fields[name]; p != nil {
		_ = converter.GetDefaultDataConverter().FromPayload(p, &value)
	}
	return value
}

// differs lists the search attributes that do not say what a state says.
func (s shown) differs(st contract.State) (names []string) {
	for _, one := range []struct {
		name string
		same bool
	}{
		{contract.AttrStage.GetName(), s.stage == st.Stage},
		{contract.AttrSLA.GetName(), s.sla == st.Clock.SLA},
		{contract.AttrReplyDue.GetName(), s.due.Truncate(time.Second).Equal(st.Clock.Due.Truncate(time.Second))},
		{contract.AttrAssignee.GetName(), s.assignee == st.Assignee},
		{contract.AttrEscalation.GetName(), s.escalation == st.Clock.Escalation},
	} {
		if !one.same {
			names = append(names, one.name)
		}
	}
	slices.Sort(names)
	return names
}
