package faults

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/devserver/people"
	"rightsdesk/devserver/production"
	"rightsdesk/ticket"
)

// The clocks of all api and worker hosts are set a day ahead, and back. Deadlines
// that were promised stay; reminders of a day that has not come are not sent; and
// what was put off by the wrong clock is not put off by a day.
func TestClocksThatAreSetMoveNoDeadline(t *testing.T) {
	dir := t.TempDir()
	jumpy, clock := production.Binaries{Rightsdesk: filepath.Join(dir, "rightsdesk"), Devserver: binaries.Devserver}, filepath.Join(dir, "clock")
	require.NoError(t, production.BuildJumpy(jumpy.Rightsdesk))
	w := settleIn(t, production.Options{Binaries: jumpy, SampleAccounts: 100, Env: []string{production.ClockFile + "=" + clock}})
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	mixed := func(aim people.Aim) (list []*people.Case) {
		for _, kind := range []ticket.Kind{ticket.Complaint, ticket.AccountCancellation, ticket.InfoCorrection} {
			list = append(list, w.several(2, kind, aim)...)
		}
		return list
	}
	before, answered := mixed(people.Verified), mixed(people.Answered)
	w.lead(ctx, slices.Concat(before, answered))

	const day = 26 * time.Hour
	require.NoError(t, production.SetClock(clock, day))
	during := w.several(3, ticket.Complaint, people.Answered)
	w.lead(ctx, during)
	// The account system refuses what is signed by such a clock: these wait.
	unsigned := append(w.several(2, ticket.AccountCancellation, people.Sent), w.several(2, ticket.InfoCorrection, people.Sent)...)
	w.lead(ctx, unsigned)
	for _, c := range during {
		row, err := w.records.Ticket(ctx, c.Number)
		require.NoError(t, err)
		require.WithinDuration(t, time.Now().Add(day), row.FiledAt, time.Hour, "the clock of the api was really off")
	}
	w.Engine.Kill() // what is filed now waits, by a clock that is off
	waiting := w.several(8, ticket.Complaint, people.Sent)
	w.lead(ctx, waiting)
	time.Sleep(8 * time.Second) // attempts fail, and are put off
	require.NoError(t, production.SetClock(clock, 0))
	require.NoError(t, w.Engine.Start(ctx))
	w.lead(ctx, people.Toward(waiting, people.Filed))
	w.lead(ctx, people.Toward(before, people.Closed))
	w.lead(ctx, people.Toward(unsigned, people.Answered))
	after := mixed(people.Answered)
	w.lead(ctx, after)
	w.judge(ctx, slices.Concat(before, answered, during, unsigned, waiting, after))
	for _, c := range before {
		mails, err := w.records.Mails(ctx, c.Number)
		require.NoError(t, err)
		for _, m := range mails {
			assert.NotContains(t, string(m.Letter), "reminder", "%s was reminded of a day that has not come", c.Number)
		}
	}
}
