package faults

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/devserver/people"
	"rightsdesk/devserver/production"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// A worker is killed at the one moment at which database and Temporal differ: its
// change is recorded, and Temporal has not heard that the task is done. The task is
// carried out again, another way; once Temporal is killed too, and has forgotten what
// it was asked for.
func TestATaskThatIsCutOffAfterItsRecordIsDoneAgain(t *testing.T) {
	w := settleIn(t, production.Options{Binaries: binaries, SampleAccounts: 20, Workers: 1, Wired: true})
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	var led []*people.Case
	for _, cut := range []struct {
		kind     ticket.Kind
		from, to people.Aim
		engine   bool // Temporal is killed as well
	}{
		{ticket.Complaint, people.Verified, people.Answered, false},
		{ticket.InfoCorrection, people.Filed, people.Answered, false},
		{ticket.AccountCancellation, people.Verified, people.Answered, true},
		{ticket.Complaint, people.Verified, people.Withdrawn, true},
	} {
		c := w.office.New(cut.kind, cut.from)
		require.NoError(t, c.Lead(ctx))
		led = append(led, c)
		before, err := w.records.Ticket(ctx, c.Number)
		require.NoError(t, err)
		w.Wire.Hold()
		c.Aim = cut.to
		arrived := make(chan error, 1)
		go func() { arrived <- c.Lead(ctx) }()
		require.Eventually(t, func() bool {
			row, err := w.records.Ticket(ctx, c.Number)
			return err == nil && row.Rev > before.Rev
		}, 30*time.Second, 20*time.Millisecond, "a change is recorded")
		w.Workers[0].Kill()
		if cut.engine {
			w.Engine.Kill()
		}
		w.Wire.Release()
		if cut.engine {
			require.NoError(t, w.Engine.Start(ctx))
		}
		require.NoError(t, w.Workers[0].Start(ctx))
		require.NoError(t, <-arrived)
	}
	w.judge(ctx, led)
	for _, c := range led {
		events, err := w.records.Events(ctx, c.Number)
		require.NoError(t, err)
		for _, e := range events {
			require.NotEqual(t, contract.ActRepaired, e.Act, "no doctor was needed")
		}
	}
}

// All who have a part in an act of staff are killed at that moment: whoever asked for
// it, the worker, and Temporal. The act stands in the database, people have seen it
// there, and nobody will ask for it again: the desk carries it out by itself.
func TestAnActIsCarriedOutThoughAllWhoKnewOfItWereKilled(t *testing.T) {
	w := settleIn(t, production.Options{Binaries: binaries, SampleAccounts: 20, Workers: 1, Wired: true})
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	var led []*people.Case
	for _, cut := range []struct {
		kind ticket.Kind
		from ticket.Stage // whose next act is cut off
	}{{ticket.InfoCorrection, ticket.Triage}, {ticket.Complaint, ticket.InProgress}} {
		c := w.office.New(cut.kind, people.Verified)
		require.NoError(t, c.Lead(ctx))
		led = append(led, c)
		c.Aim = people.Answered
		reached := func(enough func(store.Surveyed) bool) (row store.Surveyed) {
			require.Eventually(t, func() bool {
				var err error
				row, err = w.records.SurveyOf(ctx, c.Number)
				return err == nil && enough(row)
			}, 30*time.Second, 20*time.Millisecond)
			return row
		}
		leading, leave := context.WithCancel(ctx)
		left := make(chan error, 1)
		lead := func() { left <- c.Lead(leading) }
		if cut.from == ticket.InProgress {
			go lead()
		}
		before := reached(func(row store.Surveyed) bool { return row.Stage == cut.from && row.Unsettled == 0 })
		w.Wire.Hold()
		if cut.from == ticket.Triage {
			go lead()
		}
		cutOff := reached(func(row store.Surveyed) bool { return row.Rev > before.Rev })
		w.Workers[0].Kill()
		for _, api := range w.APIs {
			api.Kill()
		}
		w.Engine.Kill()
		leave()
		<-left
		w.Wire.Release()
		require.NoError(t, w.Engine.Start(ctx))
		require.NoError(t, w.Workers[0].Start(ctx))
		require.NoError(t, production.AwaitSettled(ctx, w.records))
		events, err := w.records.Events(ctx, c.Number)
		require.NoError(t, err)
		require.True(t, slices.ContainsFunc(events, func(e contract.Event) bool {
			return e.Act == contract.ActRepaired && e.Code == contract.Code(contract.DriftWorkflowBehind)
		}), "it is on record that its workflow began anew")
		now, err := w.records.Ticket(ctx, c.Number)
		require.NoError(t, err)
		require.Equal(t, cutOff.State.Decision != nil, now.State.Decision != nil)
		require.Equal(t, cutOff.Assignee, now.Assignee)
		for _, api := range w.APIs {
			require.NoError(t, api.Start(ctx))
		}
		require.NoError(t, c.Lead(ctx))
	}
	w.judge(ctx, led)
}

// Whoever asked for an act is killed before they have the answer, alone, or with all who
// knew of it. A client asks again under the same key: it is one act, whoever carried it out.
func TestAnActAskedForAgainUnderItsKeyIsOneAct(t *testing.T) {
	w := settleIn(t, production.Options{Binaries: binaries, SampleAccounts: 20, Workers: 1, Wired: true})
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	agent := w.office.Staff[0]
	for _, cut := range []struct {
		all  bool
		act  string
		body any
		was  contract.Act
	}{
		{false, "note", map[string]any{"lease": 1, "text": "Called back at ten."}, contract.ActNoted},
		{true, "escalate", map[string]any{"lease": 1, "reason": "Several departments have to look at it."}, contract.ActEscalated},
	} {
		c := w.office.New(ticket.Complaint, people.Verified)
		require.NoError(t, c.Lead(ctx))
		require.NoError(t, c.Act(ctx, agent, seal.NewToken(), "claim", nil))
		before, err := w.records.Ticket(ctx, c.Number)
		require.NoError(t, err)
		key := seal.NewToken()
		w.Wire.Hold()
		unanswered := make(chan error, 1)
		go func() { unanswered <- c.Act(ctx, agent, key, cut.act, cut.body) }()
		require.Eventually(t, func() bool {
			row, err := w.records.Ticket(ctx, c.Number)
			return err == nil && row.Rev > before.Rev
		}, 30*time.Second, 10*time.Millisecond, "it is recorded")
		for _, api := range w.APIs {
			api.Kill()
		}
		if cut.all {
			w.Workers[0].Kill()
			w.Engine.Kill()
		}
		require.Error(t, <-unanswered)
		w.Wire.Release()
		if cut.all {
			require.NoError(t, w.Engine.Start(ctx))
			require.NoError(t, w.Workers[0].Start(ctx))
		}
		for _, api := range w.APIs {
			require.NoError(t, api.Start(ctx))
		}
		require.EventuallyWithT(t, func(now *assert.CollectT) {
			assert.NoError(now, c.Act(ctx, agent, key, cut.act, cut.body))
		}, 3*time.Minute, time.Second, "the same, asked for again")
		require.NoError(t, c.Act(ctx, agent, key, cut.act, cut.body), "and again")

		events, err := w.records.Events(ctx, c.Number)
		require.NoError(t, err)
		done := 0
		for _, e := range events {
			if e.Act == cut.was {
				done++
			}
		}
		assert.Equal(t, 1, done, cut.act)
		reasons, err := w.records.Messages(ctx, c.Number)
		require.NoError(t, err)
		notes, err := w.records.Notes(ctx, c.Number)
		require.NoError(t, err)
		assert.Equal(t, 1, len(reasons)+len(notes), "its words stand once")
	}
}
