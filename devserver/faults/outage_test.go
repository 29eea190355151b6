package faults

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"rightsdesk/devserver/people"
	"rightsdesk/devserver/production"
	"rightsdesk/ticket"
)

// lead takes cases to their aims, some at once.
func (w *town) lead(ctx context.Context, list []*people.Case) {
	w.t.Helper()
	require.NoError(w.t, people.Lead(ctx, list, 16))
}

func (w *town) several(n int, kind ticket.Kind, aim people.Aim) (list []*people.Case) {
	for range n {
		list = append(list, w.office.New(kind, aim))
	}
	return list
}

// Temporal is away for an hour, and a thousand receipts wait. The process is really
// gone; the hour is as many attempts as a worker makes in one, or, by flag, an hour.
func TestAThousandReceiptsOutlastAnHourWithoutTemporal(t *testing.T) {
	w := settle(t)
	ctx, cancel := context.WithTimeout(t.Context(), *away+10*time.Minute)
	defer cancel()
	w.Engine.Kill()
	waiting := w.several(1000, ticket.Complaint, people.Sent)
	w.lead(ctx, waiting)
	db, err := w.SQL()
	require.NoError(t, err)
	defer db.Close()
	if *away == 0 {
		const anHour = 3600 / 15
		_, err = db.ExecContext(ctx, "UPDATE deliveries SET attempts = attempts + ? WHERE pending = 1", anHour)
		require.NoError(t, err)
	}
	time.Sleep(*away)
	for _, p := range w.Workers { // whoever worked at the outset need not be who does at its end
		p.Kill()
	}
	for _, p := range append(w.Workers, w.Engine) {
		require.NoError(t, p.Start(ctx))
	}
	w.lead(ctx, people.Toward(waiting, people.Filed))
	w.judge(ctx, waiting)
	engine, err := client.Dial(client.Options{HostPort: w.Temporal, Namespace: production.Namespace})
	require.NoError(t, err)
	defer engine.Close()
	assert.Eventually(t, func() bool {
		running, err := engine.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: "ExecutionStatus='Running' AND TicketKind='complaint'"})
		return err == nil && running.Count == int64(len(waiting))
	}, time.Minute, 200*time.Millisecond, "one workflow for each receipt")
}

// The disk below the database is full: nobody gets a receipt for what was not stored,
// what was stored can be read, readiness says which of the two holds, and once there
// is room all goes on. MySQL's server, unlike MariaDB's, ends when it finds no room for
// its own log, and whoever looks after it starts it again.
func TestAFullDiskLosesNothing(t *testing.T) {
	w := settleIn(t, production.Options{Binaries: binaries, SampleAccounts: 100, DiskMB: 700, Watched: true})
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	before := append(append(w.several(4, ticket.Complaint, people.Verified), w.several(2, ticket.AccountCancellation, people.Verified)...),
		w.several(2, ticket.InfoCorrection, people.Filed)...)
	w.lead(ctx, before)
	w.says(w.URL, http.StatusOK, "ready")
	w.workersSay(http.StatusOK, "ready")

	require.NoError(t, w.Disk.Fill())
	var refused int
	for range 400 { // what the tables have in reserve takes some more
		c := w.office.New(ticket.Complaint, people.Sent)
		once, stop := context.WithTimeout(ctx, 3*time.Second)
		if err := c.Lead(once); err != nil {
			assert.ErrorContains(t, err, "database_away")
			assert.Empty(t, c.Number)
			refused++
		} else {
			before = append(before, c)
		}
		stop()
		if refused == 3 {
			break
		}
	}
	require.Equal(t, 3, refused, "a full disk refuses plainly")
	w.saysHowFullItIs(ctx)

	require.NoError(t, w.Disk.Clear())
	if !w.Records.Running() {
		require.NoError(t, w.Records.Start(ctx))
	}
	w.lead(ctx, people.Toward(before, people.Answered))
	w.judge(ctx, before)
	w.says(w.URL, http.StatusOK, "ready")
	w.workersSay(http.StatusOK, "ready")
}

func (w *town) saysHowFullItIs(ctx context.Context) {
	t := w.t
	if !w.Records.Running() {
		w.says(w.URL, http.StatusServiceUnavailable, "not ready: the database does not answer")
		w.workersSay(http.StatusServiceUnavailable, "not ready: the database does not answer")
		return
	}
	resp, err := http.Get(w.URL + "/track")
	require.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, http.StatusOK, resp.StatusCode, "pages are served all the same")
	w.says(w.URL, http.StatusOK, "ready, but the database can be read and takes no writes")
	w.workersSay(http.StatusServiceUnavailable, "not ready: the database can be read and takes no writes")
	for _, address := range w.WorkerHealth() {
		assert.True(t, strings.Contains(page(ctx, t, address+"/metrics"), "\nrightsdesk_database_takes_writes 0\n"), address)
	}
}

// says waits until a process says so of itself; what it says may be a minute old.
func (w *town) says(address string, status int, words string) {
	w.t.Helper()
	want, said := fmt.Sprintf("%d %s", status, words), ""
	for end := time.Now().Add(90 * time.Second); said != want && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		said = readiness(w.t.Context(), address)
	}
	assert.Equal(w.t, want, said, address)
}

func page(ctx context.Context, t *testing.T, address string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(text)
}

func readiness(ctx context.Context, address string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/readyz", nil)
	if err != nil {
		return err.Error()
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %s", resp.StatusCode, strings.TrimSpace(string(text)))
}

func (w *town) workersSay(status int, words string) {
	w.t.Helper()
	for _, address := range w.WorkerHealth() {
		w.says(address, status, words)
	}
}

// One ticket's mail can never be sent; its neighbours notice nothing.
func TestAPoisonTicketStopsNobodyElse(t *testing.T) {
	w := settle(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	poison := w.several(6, ticket.Complaint, people.Filed)
	for i, c := range poison {
		c.WriteFrom("never-" + string(rune('a'+i)) + "@example.net")
	}
	w.lead(ctx, poison)
	others := append(w.several(6, ticket.Complaint, people.Closed), w.several(4, ticket.AccountCancellation, people.Answered)...)
	w.lead(ctx, others)
	w.judge(ctx, append(others, poison...))
}
