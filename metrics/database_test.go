package metrics

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// monday is a working day of both calendars: Monday, 2 March 2026, 10:00 in Shanghai.
var monday = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// ledger is a desk's database, and what is collected of it at an instant.
type ledger struct {
	t     *testing.T
	store *store.Store
	n     int
}

func (l *ledger) file(policy string, kind ticket.Kind, due time.Time, change func(*contract.State)) ticket.Number {
	l.t.Helper()
	_, text, err := ticket.EmbeddedPolicy(policy)
	require.NoError(l.t, err)
	if policy == "gdpr" { // with clocks that wait with the desk
		text = []byte(strings.ReplaceAll(string(text), "clock: runs", "clock: "+string(ticket.ClockPauses)))
	}
	p, err := ticket.ParsePolicy(text)
	require.NoError(l.t, err)
	l.n++
	n := ticket.Number(fmt.Sprintf("DSR-20260302-%08d", l.n))
	_, _, err = l.store.File(l.t.Context(), store.Filing{Number: n, Kind: kind, Channel: ticket.ChannelWeb, Relation: ticket.Self,
		Locale: ticket.Chinese, ReceivedAt: monday, FiledAt: monday, Policy: p.Ref(), PolicyText: text, ReplyDue: due})
	require.NoError(l.t, err)
	if change != nil {
		state := contract.State{Rev: 1, Stage: ticket.Triage, Clock: contract.Clock{Due: due, SLA: ticket.OnTrack}}
		change(&state)
		require.NoError(l.t, l.store.Record(l.t.Context(), contract.Record{Number: n, State: state}))
	}
	return n
}

// collected is every sample as `name{label="value"}` to its value.
func collected(t *testing.T, c prometheus.Collector) map[string]float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(c))
	families, err := registry.Gather()
	require.NoError(t, err)
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetValue())
			}
			out[strings.TrimPrefix(f.GetName(), "rightsdesk_")+" "+strings.Join(labels, " ")] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return out
}

func at(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }

// What is due within so many working days is what the console says has so many days
// left or fewer, by each ticket's own calendar; overdue tickets are none of these,
// and a clock that stands still is due at no time.
func TestDueTicketsAreCountedByTheirOwnCalendarsDays(t *testing.T) {
	l := &ledger{t: t, store: openStore(t)}
	planner := deadline.NewPlanner(l.store, l.store)
	stage := func(s ticket.Stage) func(*contract.State) { return func(st *contract.State) { st.Stage = s } }
	for _, policy := range []string{"cn", "gdpr"} {
		for _, due := range []time.Time{at(2, 15), at(3, 15), at(4, 15), at(5, 15), at(6, 15), at(7, 15), at(9, 15), at(10, 15), at(20, 15)} {
			l.file(policy, ticket.Complaint, due, stage(ticket.InProgress))
			l.file(policy, ticket.InfoCorrection, due, stage(ticket.WaitingOnSubject))
		}
		l.file(policy, ticket.Complaint, at(1, 15), stage(ticket.Triage))
		l.file(policy, ticket.InfoCorrection, at(1, 15), stage(ticket.WaitingOnSubject))
		l.file(policy, ticket.Complaint, at(1, 15), stage(ticket.Closed))
	}
	now := func() time.Time { return monday }
	got := collected(t, NewDatabase(DatabaseConfig{Store: l.store, Planner: planner, Now: now}))

	want := map[string]float64{}
	page, err := l.store.Queue(t.Context(), store.Filter{Open: true, Limit: 200}, monday)
	require.NoError(t, err)
	for _, open := range page.Tickets {
		policy, err := planner.Policy(t.Context(), open.Policy)
		require.NoError(t, err)
		if open.Stage == ticket.WaitingOnSubject && policy.Kinds[open.Kind].Clock == ticket.ClockPauses {
			continue
		}
		if open.ReplyDue.Before(monday) {
			want["tickets_overdue "+string(open.Kind)]++
			continue
		}
		left, err := planner.DaysLeft(t.Context(), open.Policy, monday, open.ReplyDue)
		require.NoError(t, err)
		for _, n := range horizons {
			if left <= n {
				want[fmt.Sprintf("tickets_due %s %dd", open.Kind, n)]++
			}
		}
	}
	require.NotZero(t, want["tickets_due complaint 1d"])
	require.Less(t, want["tickets_due complaint 1d"], want["tickets_due complaint 5d"])
	require.Less(t, want["tickets_due info_correction 5d"], want["tickets_due complaint 5d"], "those of gdpr stand still")
	for name, n := range want {
		assert.Equal(t, n, got[name], name)
	}
	assert.Equal(t, 0.0, got["tickets_due account_cancellation 5d"], "where there is nothing stands 0")
	assert.Equal(t, 18.0, got["tickets complaint in_progress"])
	assert.Equal(t, 2.0, got["tickets complaint triage"])
	assert.NotContains(t, got, "tickets complaint closed")
}

func TestWhatWaitsAndWhatIsStuckIsCollected(t *testing.T) {
	l := &ledger{t: t, store: openStore(t)}
	n := l.file("cn", ticket.Complaint, at(20, 15), nil)
	l.file("cn", ticket.Complaint, at(20, 15), func(s *contract.State) { s.Assignee = "li.wei" })
	_, err := l.store.TryMail(t.Context(), contract.MailOrder{Number: n, Step: "receipt-1", Letter: contract.LetterReceipt}, monday.Add(-time.Hour))
	require.NoError(t, err)
	require.NoError(t, l.store.NoteTrouble(t.Context(), store.Trouble{TroubleKey: store.TroubleKey{Workflow: string(n), Activity: "SendMail", Step: "1"},
		Number: n, Attempts: 5, Code: contract.TroubleMail, Since: monday, LastAt: monday}))
	now := func() time.Time { return monday.Add(time.Minute) }
	got := collected(t, NewDatabase(DatabaseConfig{Store: l.store, Planner: deadline.NewPlanner(l.store, l.store), Now: now}))
	for name, value := range map[string]float64{
		"tickets_unassigned complaint": 1, "deliveries_pending start": 2, "delivery_oldest_seconds start": 60, "deliveries_pending update": 0,
		"delivery_oldest_seconds update": 0, "mails_pending ": 1, "mail_oldest_pending_seconds ": 3660, "stuck_tickets ": 1,
		"database_up ": 1, "audit_unchained_entries ": 2,
	} {
		assert.Equal(t, value, got[name], name)
	}
}

func TestADatabaseThatIsAwayGivesZeroAndNoOldFigures(t *testing.T) {
	s := openStore(t)
	clock := monday
	d := NewDatabase(DatabaseConfig{Store: s, Planner: deadline.NewPlanner(s, s), Now: func() time.Time { return clock }})
	got := collected(t, d)
	assert.Equal(t, 1.0, got["database_up "])
	assert.Contains(t, got, "tickets complaint triage")
	require.NoError(t, s.Close())
	assert.Equal(t, 1.0, collected(t, d)["database_up "], "kept for ten seconds")
	clock = clock.Add(11 * time.Second)
	got = collected(t, d)
	assert.Equal(t, 0.0, got["database_up "])
	assert.NotContains(t, got, "tickets complaint triage")
	assert.Contains(t, got, "database_connections open", "what the process knows by itself is still there")
}

func TestADatabaseThatTakesNoWritesSaysSoWhileItAnswers(t *testing.T) {
	s := openStore(t)
	var full error
	clock := monday
	d := NewDatabase(DatabaseConfig{Store: s, Planner: deadline.NewPlanner(s, s), Now: func() time.Time { return clock },
		Writes: func(context.Context) error { return full }})
	assert.Equal(t, 1.0, collected(t, d)["database_takes_writes "])
	full = errors.New("no room")
	got := collected(t, d)
	assert.Equal(t, 0.0, got["database_takes_writes "])
	assert.Equal(t, 1.0, got["database_up "])
	clock = clock.Add(11 * time.Second)
	require.NoError(t, s.Close())
	assert.NotContains(t, collected(t, d), "database_takes_writes ", "of one that is away nobody knows")
}

// blocked is a database that takes a query and never answers, whatever its caller
// says.
type blocked struct{}

func (*blocked) Calendars(context.Context, string) ([][]byte, contract.CalendarVersion, error) {
	select {}
}

func (*blocked) CalendarVersion(context.Context, string) (contract.CalendarVersion, error) { select {} }

func TestAScrapeDoesNotHangOnADatabaseThatDoes(t *testing.T) {
	l := &ledger{t: t, store: openStore(t)}
	l.file("cn", ticket.Complaint, at(20, 15), nil)
	d := NewDatabase(DatabaseConfig{Store: l.store, Planner: deadline.NewPlanner(&blocked{}, l.store), Patience: 50 * time.Millisecond})
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			samples := make(chan prometheus.Metric, 100)
			d.Collect(samples)
			close(samples)
			assert.Less(t, len(samples), 10)
		})
	}
	all.Wait()
	assert.Equal(t, 0.0, collected(t, d)["database_up "])
}
