package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// supersededReason stands in the history of a run that the database was ahead of.
const supersededReason = "superseded: the ticket stands further in the database, and goes on from there"

// restart begins a ticket's workflow anew from its row, in place of the run that the
// delivery names. One that has been begun already counts as begun: however often, and
// from however many machines, one run comes of it.
func (e *engine) restart(ctx context.Context, d store.Delivery) error {
	var instead store.Restart
	if err := json.Unmarshal(d.Payload, &instead); err != nil {
		return fmt.Errorf("delivery %d: %w", d.ID, err)
	}
	t, err := e.store.Ticket(ctx, d.Number)
	if err != nil {
		return err
	}
	start, err := e.startOf(ctx, t)
	if err != nil {
		return err
	}
	if t.Rev > 0 {
		start.Resume, start.Recovered = &t.State, true
	}
	if err := e.terminate(ctx, string(t.Number), instead.Run); err != nil {
		return err
	}
	options, err := e.startOptions(ctx, t, start)
	if err != nil {
		return err
	}
	options.WorkflowIDReusePolicy = enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	return e.execute(ctx, options, d.Name, start)
}

// terminate ends one run. One that has ended is left alone.
func (e *engine) terminate(ctx context.Context, id, run string) error {
	if run == "" {
		return nil
	}
	err := e.client.TerminateWorkflow(ctx, id, run, supersededReason)
	var gone *serviceerror.NotFound
	if err == nil || errors.As(err, &gone) {
		return nil
	}
	return understood("ending a run that is superseded", err)
}

// startOf is what the ticket's workflow was started with; where that is gone, what it
// would be, by the row and the policy that the ticket is pinned to.
func (e *engine) startOf(ctx context.Context, t store.Ticket) (contract.Start, error) {
	start, err := e.store.StartOf(ctx, t.Number)
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return start, err
	}
	policy, err := e.planner.Policy(ctx, t.Policy)
	if err != nil {
		return start, err
	}
	start = startUnder(policy, contract.Start{Number: t.Number, Kind: t.Kind, Category: t.Category, Channel: t.Channel,
		Relation: t.Relation, Locale: t.Locale, ReceivedAt: t.ReceivedAt})
	content, err := e.store.Content(ctx, t.Number)
	if errors.Is(err, store.ErrLocked) || errors.Is(err, store.ErrPurged) {
		return start, nil // it has ended, and nothing is corrected any more
	}
	start.Fields = fieldsUnder(policy, content.Changes)
	return start, err
}

// startUnder adds what a policy promises.
func startUnder(policy *ticket.Policy, start contract.Start) contract.Start {
	start.Policy, start.Terms = policy.Ref(), policy.Kinds[start.Kind]
	start.LeaseMinutes, start.Messages = policy.Limits.LeaseMinutes, policy.Limits.Messages
	return start
}

// fieldsUnder is what a policy asks of each field that is to be corrected.
func fieldsUnder(policy *ticket.Policy, changes []store.Change) (fields []contract.FieldTask) {
	for _, change := range changes {
		if rule, ok := policy.Field(string(change.Field)); ok {
			fields = append(fields, contract.FieldTask{
				Field: contract.FieldName(rule.Name), Level: rule.Level, FourEyes: rule.FourEyes,
			})
		}
	}
	return fields
}

// keep begins the workflow that purges what is kept of a ticket, unless one has
// done so.
func (e *engine) keep(ctx context.Context, keep contract.RetentionStart) error {
	options := onceOnly(contract.RetentionID(keep.Number), "kept until "+keep.Until.UTC().Format(time.DateOnly)+", then purged")
	options.WorkflowIDReusePolicy = enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY
	return e.execute(ctx, options, contract.WorkflowRetention, keep)
}

// execute starts a workflow. One that is running already, or that the options don't
// allow again, counts as started.
func (e *engine) execute(ctx context.Context, options client.StartWorkflowOptions, name string, args any) error {
	_, err := e.client.ExecuteWorkflow(ctx, options, name, args)
	var already *serviceerror.WorkflowExecutionAlreadyStarted
	if err == nil || errors.As(err, &already) {
		return nil
	}
	return understood("starting "+name, err)
}
