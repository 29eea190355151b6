package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"rightsdesk/calendar"
	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/desk"
	"rightsdesk/devserver/stack"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// beside is a desk of this process at the records and the engine of a devserver.
type beside struct {
	*desk.Desk
	store *store.Store
}

func atDesk(t *testing.T, data string, a stack.Addresses) beside {
	t.Helper()
	vault, err := seal.OpenFile(filepath.Join(data, "master.key"))
	require.NoError(t, err)
	s, err := store.Open("sqlite:"+filepath.Join(data, "rightsdesk.db"), vault)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	c, err := client.Dial(client.Options{HostPort: a.Temporal, Namespace: a.Namespace,
		Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)
	return beside{desk.New(desk.Config{Store: s, Temporal: c, Planner: deadline.NewPlanner(s, s), Policy: policy, PolicyText: text,
		StartBudget: 10 * time.Second}), s}
}

// fileMany files complaints, a few at once.
func (b beside) fileMany(t *testing.T, many int) {
	t.Helper()
	next := make(chan int)
	var filing sync.WaitGroup
	for range 6 {
		filing.Go(func() {
			for i := range next {
				_, wrong, err := b.File(t.Context(), desk.Request{Kind: ticket.Complaint, Category: ticket.CategoryPrivacy, Channel: ticket.ChannelWeb,
					Relation: ticket.Self, Locale: ticket.English, ReceivedAt: time.Now(), Text: "What do you keep about me?",
					Person: store.Person{Name: "Ada Example", Email: fmt.Sprintf("ada%d@example.org", i)}})
				assert.NoError(t, err)
				assert.Empty(t, wrong)
			}
		})
	}
	for i := range many {
		next <- i
	}
	close(next)
	filing.Wait()
}

// open are the open tickets: how many, and how many of them know of a calendar.
func (b beside) open(t *testing.T, v contract.CalendarVersion) (all []store.Ticket, moved int) {
	t.Helper()
	f := store.Filter{Open: true, Limit: 200}
	for {
		page, err := b.store.Queue(t.Context(), f, time.Now())
		require.NoError(t, err)
		for _, tk := range page.Tickets {
			all = append(all, tk)
			if tk.State.Clock.Calendar >= v && tk.State.Rev > 0 {
				moved++
			}
		}
		if page.Next == "" {
			return all, moved
		}
		f.After = page.Next
	}
}

// daysOff is a schedule under which the next three days of work are off.
func daysOff(now time.Time) []byte {
	var text strings.Builder
	covers, days := map[int]bool{}, 0
	for day := calendar.DateOf(now, time.UTC).Start(time.UTC).AddDate(0, 0, 1); days < 3; day = day.AddDate(0, 0, 1) {
		if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			continue
		}
		if !covers[day.Year()] {
			covers[day.Year()] = true
			fmt.Fprintf(&text, "# covers: %d\n", day.Year())
		}
		fmt.Fprintf(&text, "%s\tholiday\t节\n", day.Format(time.DateOnly))
		days++
	}
	return []byte(text.String())
}

func TestARolloutThatIsKilledHalfWayReachesEveryTicketAllTheSame(t *testing.T) {
	const many = 150
	data := t.TempDir()
	child, a := start(t, data)
	before := atDesk(t, data, a)
	before.fileMany(t, many)
	require.Eventually(t, func() bool {
		_, begun := before.open(t, 0)
		return begun == many
	}, 2*time.Minute, 100*time.Millisecond, "all procedures have begun")
	version, err := before.LoadCalendar(t.Context(), "cn", daysOff(time.Now()), "manager")
	require.NoError(t, err)
	moved := 0
	require.Eventually(t, func() bool {
		_, moved = before.open(t, version)
		return moved > 5
	}, time.Minute, 5*time.Millisecond, "the rollout has begun")
	require.NoError(t, child.Process.Kill())
	_, _ = child.Process.Wait()
	_, moved = before.open(t, version)
	require.Less(t, moved, many, "it is killed half-way")

	_, a = start(t, data)
	after := atDesk(t, data, a)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	result, err := after.WaitRollout(ctx, "cn", version)
	require.NoError(t, err)
	assert.Equal(t, contract.RolloutResult{Visited: many, Moved: many}, result)
	acts, err := after.store.Unsettled(ctx, time.Now().AddDate(0, 0, 2), 1)
	require.NoError(t, err)
	assert.Empty(t, acts, "a rollout asks again by itself: nobody else has to ask about its acts")
	tickets, moved := after.open(t, version)
	assert.Len(t, tickets, many)
	assert.Equal(t, many, moved)
	for _, tk := range tickets {
		ledger, err := after.store.Ledger(t.Context(), tk.Number)
		require.NoError(t, err)
		times := 0
		for _, e := range ledger {
			if e.Event == ticket.ClockMoved {
				times++
			}
		}
		assert.Equal(t, 1, times, "%s: once, however often it was asked", tk.Number)
	}
}
