package faults

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/devserver/people"
	"rightsdesk/devserver/production"
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
