package activities_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"rightsdesk/activities"
	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// engine answers replan updates by ticket.
type engine struct {
	answers map[ticket.Number]error
	sent    []client.UpdateWorkflowOptions
	awayAt  int // the n-th update finds Temporal away, once
}

func (e *engine) UpdateWorkflow(_ context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	e.sent = append(e.sent, o)
	if len(e.sent) == e.awayAt {
		return nil, serviceerror.NewUnavailable("down")
	}
	err := e.answers[ticket.Number(o.WorkflowID)]
	var ended *serviceerror.NotFound
	if errors.As(err, &ended) {
		return nil, err
	}
	return handle{err: err}, nil
}

type handle struct {
	client.WorkflowUpdateHandle
	err error
}

func (h handle) Get(_ context.Context, out any) error {
	if h.err == nil {
		out.(*contract.Done).Moved = true
	}
	return h.err
}

func replan(t *testing.T, e *engine, numbers ...ticket.Number) (contract.Replanned, error) {
	t.Helper()
	return replanAfter(t, nil, e, numbers...)
}

// replanAfter is an attempt that finds the last heartbeat of an earlier one.
func replanAfter(t *testing.T, heartbeat any, e *engine, numbers ...ticket.Number) (contract.Replanned, error) {
	t.Helper()
	d := newDesktop(t)
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	rollout := activities.NewRollout(e, d.clock)
	env.RegisterActivity(rollout.ReplanTickets)
	if heartbeat != nil {
		env.SetHeartbeatDetails(heartbeat)
	}
	var out contract.Replanned
	result, err := env.ExecuteActivity(rollout.ReplanTickets, contract.ReplanTickets{Calendar: 3, Numbers: numbers})
	if err == nil {
		require.NoError(t, result.Get(&out))
	}
	return out, err
}

func TestEveryOpenTicketIsAskedOnceUnderOneID(t *testing.T) {
	e := &engine{answers: map[ticket.Number]error{
		"B": serviceerror.NewNotFound("workflow execution already completed"),
		"C": temporal.NewNonRetryableApplicationError("already answered", contract.RefusedType, nil),
		"D": errors.New("does not answer"),
	}}
	out, err := replan(t, e, "A", "B", "C", "D", "E")
	require.NoError(t, err)
	assert.Equal(t, contract.Replanned{Moved: 2, Failed: 1}, out, "the ended and the answered one have no deadline to move")
	require.Len(t, e.sent, 5)
	for _, o := range e.sent {
		assert.Equal(t, "replan-3", o.UpdateID)
		assert.Equal(t, contract.UpdateReplan, o.UpdateName)
	}
}

func TestTemporalBeingAwayIsRetriedAndCountsNoTicketAsFailed(t *testing.T) {
	e := &engine{awayAt: 2}
	_, err := replan(t, e, "A", "B", "C")
	require.Error(t, err)
	assert.ErrorContains(t, err, "Temporal is away")
	assert.Len(t, e.sent, 2)
}

func TestAnAttemptThatWasCutOffGoesOnWhereItStood(t *testing.T) {
	e := &engine{}
	out, err := replanAfter(t, map[string]int{"visited": 2, "moved": 1, "failed": 1}, e, "A", "B", "C")
	require.NoError(t, err)
	assert.Equal(t, contract.Replanned{Moved: 2, Failed: 1}, out)
	require.Len(t, e.sent, 1)
	assert.Equal(t, "C", e.sent[0].WorkflowID)
}
