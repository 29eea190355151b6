package activities_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"rightsdesk/activities"
	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// engine answers replan updates by ticket.
type engine struct {
	answers map[ticket.Number]error
	awayAt  int                         // the n-th update finds Temporal away, once
	meet    func(n ticket.Number) error // before it answers; nil: at once

	gone <-chan struct{} // the call is given up; for engines asked one at a time

	mu      sync.Mutex
	sent    []client.UpdateWorkflowOptions
	under   int
	abreast int // the most that were under way at once
	moved   map[ticket.Number]int
}

func (e *engine) UpdateWorkflow(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	n := ticket.Number(o.WorkflowID)
	if e.begins(o) {
		return nil, serviceerror.NewUnavailable("down")
	}
	defer e.ends()
	if e.meet != nil {
		e.mu.Lock()
		e.gone = ctx.Done()
		e.mu.Unlock()
		if err := e.meet(n); err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	err := e.answers[n]
	var ended *serviceerror.NotFound
	if errors.As(err, &ended) {
		return nil, err
	}
	if err == nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.moved[n]++
	}
	return handle{err: err}, nil
}

func (e *engine) begins(o client.UpdateWorkflowOptions) (away bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.moved == nil {
		e.moved = map[ticket.Number]int{}
	}
	e.sent = append(e.sent, o)
	if len(e.sent) == e.awayAt {
		return true
	}
	e.under++
	e.abreast = max(e.abreast, e.under)
	return false
}

func (e *engine) ends() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.under--
}

func (e *engine) asked() (out []ticket.Number) {
	for _, o := range e.sent {
		out = append(out, ticket.Number(o.WorkflowID))
	}
	return out
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

// attempt is one at a page of tickets.
type attempt struct {
	engine    *engine
	abreast   int
	heartbeat any // of the attempt before
	stop      chan struct{}
	beats     []beat // what its own heartbeats said
}

type beat struct {
	Visited int `json:"visited"`
	Moved   int `json:"moved"`
	Failed  int `json:"failed"`
}

func (a *attempt) at(t *testing.T, numbers ...ticket.Number) (contract.Replanned, error) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	rollout := activities.NewRollout(a.engine, time.Now, activities.Pace{Abreast: max(a.abreast, 1), PerSecond: 100_000})
	env.RegisterActivity(rollout.ReplanTickets)
	if a.heartbeat != nil {
		env.SetHeartbeatDetails(a.heartbeat)
	}
	if a.stop != nil {
		env.SetWorkerStopChannel(a.stop)
	}
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		var b beat
		assert.NoError(t, details.Get(&b))
		a.beats = append(a.beats, b)
	})
	var out contract.Replanned
	result, err := env.ExecuteActivity(rollout.ReplanTickets, contract.ReplanTickets{Calendar: 3, Numbers: numbers})
	if err == nil {
		require.NoError(t, result.Get(&out))
	}
	return out, err
}

func many(n int) (out []ticket.Number) {
	for i := range n {
		out = append(out, ticket.Number(fmt.Sprintf("T%03d", i)))
	}
	return out
}

func TestEveryOpenTicketIsAskedUnderOneID(t *testing.T) {
	e := &engine{answers: map[ticket.Number]error{
		"B": serviceerror.NewNotFound("workflow execution already completed"),
		"C": temporal.NewNonRetryableApplicationError("already answered", contract.RefusedType, nil),
	}}
	out, err := (&attempt{engine: e}).at(t, "A", "B", "C", "D")
	require.NoError(t, err)
	assert.Equal(t, contract.Replanned{Moved: 2}, out, "the ended and the answered one have no deadline to move")
	require.Len(t, e.sent, 4)
	for _, o := range e.sent {
		assert.Equal(t, "replan-3", o.UpdateID)
		assert.Equal(t, contract.UpdateReplan, o.UpdateName)
	}
}

func TestATicketThatDoesNotAnswerIsAskedOnceMoreAndHoldsNobodyUp(t *testing.T) {
	e := &engine{answers: map[ticket.Number]error{"B": errors.New("does not answer")}}
	out, err := (&attempt{engine: e}).at(t, "A", "B", "C")
	require.NoError(t, err)
	assert.Equal(t, contract.Replanned{Moved: 2, Failed: 1}, out)
	assert.Equal(t, []ticket.Number{"A", "B", "B", "C"}, slices.Sorted(slices.Values(e.asked())))
}

func TestTemporalBeingAwayIsRetriedAndCountsNoTicketAsFailed(t *testing.T) {
	e := &engine{awayAt: 2}
	a := &attempt{engine: e}
	_, err := a.at(t, "A", "B", "C")
	require.ErrorContains(t, err, "Temporal is away")
	for _, b := range a.beats {
		assert.Zero(t, b.Failed)
	}
}

func TestAnAttemptThatWasCutOffGoesOnWhereItStood(t *testing.T) {
	e := &engine{}
	out, err := (&attempt{engine: e, heartbeat: map[string]int{"visited": 2, "moved": 1, "failed": 1}}).at(t, "A", "B", "C")
	require.NoError(t, err)
	assert.Equal(t, contract.Replanned{Moved: 2, Failed: 1}, out)
	require.Len(t, e.sent, 1)
	assert.Equal(t, "C", e.sent[0].WorkflowID)
}

func TestSeveralTicketsAreUnderWayAtOnceAndNoMore(t *testing.T) {
	full := make(chan struct{})
	e := &engine{}
	e.meet = func(ticket.Number) error { // nobody answers until as many as may are under way
		e.mu.Lock()
		if e.under == 5 && e.abreast == 5 {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		e.mu.Unlock()
		select {
		case <-full:
			return nil
		case <-time.After(20 * time.Second):
			return errors.New("they are not asked abreast")
		}
	}
	out, err := (&attempt{engine: e, abreast: 5}).at(t, many(40)...)
	require.NoError(t, err)
	assert.Equal(t, contract.Replanned{Moved: 40}, out)
	assert.Equal(t, 5, e.abreast)
}

// Tickets that are asked abreast answer out of turn. Wherever an attempt is cut off,
// the next one visits every ticket that has not answered, and counts each once.
func TestWhereverItIsCutOffNoTicketIsSkippedAndNoneCountedTwice(t *testing.T) {
	numbers := many(60)
	answers := map[ticket.Number]error{"T007": errors.New("does not answer"), "T030": errors.New("does not answer")}
	want := contract.Replanned{Moved: 58, Failed: 2}
	for cut := range 20 {
		dice := rand.New(rand.NewPCG(uint64(cut), 7))
		var mu sync.Mutex
		left := 1 + dice.IntN(70) // so many answer before Temporal is away
		first := &engine{answers: answers}
		first.meet = func(ticket.Number) error {
			mu.Lock()
			defer mu.Unlock()
			time.Sleep(time.Duration(dice.IntN(200)) * time.Microsecond)
			if left--; left < 0 {
				return serviceerror.NewUnavailable("down")
			}
			return nil
		}
		a := &attempt{engine: first, abreast: 8}
		out, err := a.at(t, numbers...)
		if err == nil {
			require.Equal(t, want, out)
			continue
		}
		var last any
		visited := 0
		for i, b := range a.beats {
			require.GreaterOrEqual(t, b.Visited, visited, "heartbeat %d", i)
			visited, last = b.Visited, b
		}
		for _, n := range numbers[:visited] {
			require.True(t, first.moved[n] > 0 || answers[n] != nil, "%s is behind the heartbeat and has not answered", n)
		}
		second := &engine{answers: answers}
		out, err = (&attempt{engine: second, abreast: 8, heartbeat: last}).at(t, numbers...)
		require.NoError(t, err)
		require.Equal(t, want, out, "cut off behind %d", visited)
		for _, n := range numbers {
			require.True(t, first.moved[n]+second.moved[n] > 0 || answers[n] != nil, "%s was never visited", n)
		}
	}
}

func TestAWorkerThatStopsLeavesTheRestToTheNext(t *testing.T) {
	stop := make(chan struct{})
	e := &engine{}
	e.meet = func(n ticket.Number) error {
		if n == "T010" { // its workflow has nobody to run it any more
			close(stop)
			<-e.gone
		}
		return nil
	}
	a := &attempt{engine: e, abreast: 1, stop: stop}
	_, err := a.at(t, many(40)...)
	require.ErrorContains(t, err, "the worker stops")
	last := a.beats[len(a.beats)-1]
	assert.Equal(t, beat{Visited: 10, Moved: 10}, last, "what was under way counts neither way")
}
