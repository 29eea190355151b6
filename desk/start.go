package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// start begins what a delivery orders: a ticket's workflow or a calendar's
// rollout. One that is running already, or has run, counts as started.
func (e *engine) start(ctx context.Context, d store.Delivery, t *store.Ticket) error {
	options, args, err := e.startArgs(ctx, d, t)
	if err != nil {
		return err
	}
	return e.execute(ctx, options, d.Name, args)
}

func (e *engine) startArgs(ctx context.Context, d store.Delivery, t *store.Ticket) (client.StartWorkflowOptions, any, error) {
	if d.Name == contract.WorkflowCalendarRollout {
		var r rollout
		if err := json.Unmarshal(d.Payload, &r); err != nil {
			return client.StartWorkflowOptions{}, nil, fmt.Errorf("delivery %d: %w", d.ID, err)
		}
		return onceOnly(rolloutID(r.Name, r.Start.Calendar), "calendar rollout · "+r.Name), r.Start, nil
	}
	var start contract.Start
	if err := json.Unmarshal(d.Payload, &start); err != nil {
		return client.StartWorkflowOptions{}, nil, fmt.Errorf("delivery %d: %w", d.ID, err)
	}
	if t == nil {
		read, err := e.store.Ticket(ctx, d.Number)
		if err != nil {
			return client.StartWorkflowOptions{}, nil, err
		}
		t = &read
	}
	options, err := e.startOptions(ctx, *t, start)
	return options, start, err
}

// startOptions are the summary and the search attributes of a ticket as its row has
// it.
func (e *engine) startOptions(ctx context.Context, t store.Ticket, start contract.Start) (client.StartWorkflowOptions, error) {
	due := t.ReplyDue
	if policy, err := e.planner.Policy(ctx, t.Policy); err == nil {
		if zone, err := e.planner.Zone(ctx, policy.Calendar); err == nil {
			due = due.In(zone)
		}
	}
	options := onceOnly(string(t.Number), summary(start, due, t.Provisional))
	attributes := []temporal.SearchAttributeUpdate{
		contract.AttrKind.ValueSet(string(start.Kind)),
		contract.AttrStage.ValueSet(string(t.Stage)),
		contract.AttrReplyDue.ValueSet(due),
		contract.AttrSLA.ValueSet(string(t.SLA)),
	}
	if t.Assignee != ticket.Nobody {
		attributes = append(attributes, contract.AttrAssignee.ValueSet(string(t.Assignee)))
	}
	options.TypedSearchAttributes = temporal.NewSearchAttributes(attributes...)
	return options, nil
}

// onceOnly are the options under which Temporal itself refuses a second start.
func onceOnly(id, summary string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                                       id,
		TaskQueue:                                contract.TaskQueue,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		StaticSummary:                            summary,
	}
}

// summary is the line managers read in the Temporal UI: words of the vocabulary
// and a date, such as "complaint · privacy · due 2026-03-12".
func summary(s contract.Start, due time.Time, provisional bool) string {
	words := []string{spaced(s.Kind)}
	if s.Category != "" {
		words = append(words, spaced(s.Category))
	}
	last := "due " + due.Format(time.DateOnly)
	if provisional {
		last += " (provisional)"
	}
	return strings.Join(append(words, last), " · ")
}

func spaced[T ~string](word T) string { return strings.ReplaceAll(string(word), "_", " ") }
