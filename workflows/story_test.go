package workflows_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
	"rightsdesk/workflows"
)

// A story is a ticket's life: what people did when, told in the order it
// happened, with the days in between skipped. It is written down first and then
// run; what came of it is asserted afterwards.
type story struct {
	*testing.T
	*world
	start  contract.Start
	from   time.Time // when the workflow starts
	until  time.Time // when the story breaks off; zero: at its end
	acts   []*planned
	leases map[ticket.AgentID]int
	ended  time.Time

	workflowEnded time.Time // what is kept lives on
	cancelledAt   time.Time // by mistake, in the Temporal UI

	mayEnd     bool        // it may end before it breaks off
	handsOver  bool        // the run continues as new after every act
	handOverAt []time.Time // and at these instants
	restores   bool        // the run is cut off and taken up after every act
	restoreAt  []time.Time // and at these instants
	downFor    time.Duration
	afterCut   func() // what happens outside before it is taken up
	runs       int
	updates    int
}

type planned struct {
	at   time.Time
	do   func(*story, *testsuite.TestWorkflowEnvironment)
	done bool
}

var shanghai = time.FixedZone("CST", 8*60*60)

// moment reads "2026-02-13 10:00" or "2026-02-13 10:00:05" in Shanghai.
func moment(text string) time.Time {
	if len(text) == len("2026-02-13 10:00") {
		text += ":00"
	}
	at, err := time.ParseInLocation(time.DateTime, text, shanghai)
	if err != nil {
		panic(err)
	}
	return at
}

const number ticket.Number = "DSR-20260213-7K3F9QXM"

// begin files a ticket under the embedded policy cn.
func begin(t *testing.T, kind ticket.Kind, received string) *story {
	return beginUnder(t, "cn", kind, received)
}

func beginUnder(t *testing.T, policy string, kind ticket.Kind, received string) *story {
	t.Helper()
	p, _, err := ticket.EmbeddedPolicy(policy)
	require.NoError(t, err)
	s := &story{T: t, world: newWorld(), from: moment(received), leases: map[ticket.AgentID]int{}}
	terms := p.Kinds[kind]
	terms.FourEyes = false // one person decides, where the story is not about two
	s.handsOver = strings.HasSuffix(t.Name(), handedOver)
	s.restores = strings.HasSuffix(t.Name(), restored)
	s.start = contract.Start{
		Number: number, Kind: kind, Channel: ticket.ChannelWeb, Relation: ticket.Self, Locale: ticket.Chinese,
		ReceivedAt: s.from, Policy: p.Ref(), Terms: terms,
		LeaseMinutes: p.Limits.LeaseMinutes, Messages: p.Limits.Messages,
	}
	return s
}

var silence = sdklog.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))

const handedOver = "handed_over_after_every_act"

// twice tells a story in one run of the workflow, and again with the run
// continuing as new half a minute after every act: what comes of it is the same.
func twice(t *testing.T, tell func(*testing.T)) {
	t.Run("in_one_run", tell)
	t.Run(handedOver, tell)
}

// anyhow tells it twice, and again with the run cut off half a minute after every
// act and taken up from what the database has.
func anyhow(t *testing.T, tell func(*testing.T)) {
	twice(t, tell)
	t.Run(restored, tell)
}

// meanwhile plans what happens outside at a moment.
func (s *story) meanwhile(when string, do func()) {
	s.acts = append(s.acts, &planned{at: moment(when), do: func(*story, *testsuite.TestWorkflowEnvironment) {
		s.mu.Lock()
		defer s.mu.Unlock()
		do()
	}})
}

// at plans an act that is accepted.
func (s *story) at(when string, a act) {
	s.plan(moment(when), a, func(err *ticket.Error, why error) {
		assert.Nil(s, err, "%s %s: refused: %v", when, a.name, err)
		assert.NoError(s, why, "%s %s", when, a.name)
	})
}

// refused plans an act that is refused in words.
func (s *story) refused(when string, a act, code string) {
	s.plan(moment(when), a, func(err *ticket.Error, why error) {
		assert.NoError(s, why, "%s %s", when, a.name)
		if assert.NotNil(s, err, "%s %s: accepted, and not refused as %s", when, a.name, code) {
			assert.Equal(s, code, err.Code, "%s %s", when, a.name)
		}
	})
}

func (s *story) plan(at time.Time, a act, check func(refused *ticket.Error, why error)) {
	p := &planned{at: at}
	p.do = func(s *story, env *testsuite.TestWorkflowEnvironment) {
		s.updates++
		env.UpdateWorkflow(a.name, fmt.Sprintf("update-%d", s.updates), &testsuite.TestUpdateCallback{
			OnAccept: func() {},
			OnReject: func(err error) { check(understood(err)) },
			OnComplete: func(result any, err error) {
				if done, ok := result.(contract.Done); ok && err == nil && a.then != nil {
					a.then(s, done)
				}
				check(understood(err))
			},
		}, a.arg(s))
	}
	s.acts = append(s.acts, p)
}

// understood tells a refusal in words from an error.
func understood(err error) (*ticket.Error, error) {
	var app *temporal.ApplicationError
	var refused *ticket.Error
	if errors.As(err, &app) && app.Type() == contract.RefusedType && app.Details(&refused) == nil {
		return refused, nil
	}
	return nil, err
}

// breaksOff says that the story is told up to a moment only.
func (s *story) breaksOff(when string) { s.until = moment(when) }

// run tells the story, through as many runs of the workflow as it takes.
func (s *story) run() {
	s.Helper()
	slices.SortStableFunc(s.acts, func(a, b *planned) int { return a.at.Compare(b.at) })
	start, now := s.start, s.from
	for {
		next, at, again := s.runOnce(start, now)
		s.runs++
		require.Less(s, s.runs, 200, "the run continues as new for ever")
		if !again {
			s.ended = at
			break
		}
		start, now = next, at.Add(time.Millisecond)
		if next.Recovered {
			now = now.Add(s.downFor)
		}
	}
	require.True(s, !s.handsOver && !s.restores || s.runs > 1, "the run was never handed over")
	inOrder(s.letters, func(l sent) (time.Time, contract.Step) { return l.at, l.Step })
	inOrder(s.notices, func(n told) (time.Time, contract.Step) { return n.at, n.Step })
	for _, p := range s.acts {
		require.True(s, p.done || s.mayEnd || p.at.After(s.ended), "an act at %s was left out", p.at.In(shanghai))
	}
	s.consistent()
}

func (s *story) runOnce(start contract.Start, now time.Time) (next contract.Start, ended time.Time, again bool) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silence)
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(now)
	env.SetTestTimeout(time.Minute)
	s.answer(env)
	workflows.Register(env)
	if !s.cancelledAt.IsZero() {
		env.RegisterDelayedCallback(env.CancelWorkflow, s.cancelledAt.Sub(now))
	}
	env.SetOnChildWorkflowStartedListener(func(_ *workflow.Info, _ workflow.Context, args converter.EncodedValues) {
		var keep contract.RetentionStart
		require.NoError(s, args.Get(&keep))
		s.kept = append(s.kept, keep)
		s.workflowEnded = env.Now()
	})
	cut := s.nextCut(now)
	switch {
	case !cut.IsZero():
		env.SetWorkflowRunTimeout(cut.Sub(now))
	case !s.until.IsZero():
		env.SetWorkflowRunTimeout(s.until.Sub(now))
	}
	for _, p := range s.acts {
		if p.done {
			continue
		}
		env.RegisterDelayedCallback(func() { p.done = true; p.do(s, env) }, max(p.at.Sub(now), 0))
		if s.handsOver {
			env.RegisterDelayedCallback(func() { env.SetContinueAsNewSuggested(true) }, p.at.Sub(now)+30*time.Second)
		}
	}
	for _, at := range s.handOverAt {
		if at.After(now) {
			env.RegisterDelayedCallback(func() { env.SetContinueAsNewSuggested(true) }, at.Sub(now))
		}
	}
	env.ExecuteWorkflow(contract.WorkflowFor(start.Kind), start)
	ended = env.Now()

	err := env.GetWorkflowError()
	var on *workflow.ContinueAsNewError
	var timeout *temporal.TimeoutError
	switch {
	case errors.As(err, &on):
		require.NoError(s, converter.GetDefaultDataConverter().FromPayloads(on.Input, &next))
		return next, ended, true
	case errors.As(err, &timeout) && !cut.IsZero():
		return s.takenUp(ended), ended, true
	case errors.As(err, &timeout) && !s.until.IsZero():
	default:
		require.NoError(s, err)
		require.True(s, s.until.IsZero() || s.mayEnd, "the ticket ended before the story broke off")
	}
	return next, ended, false
}
