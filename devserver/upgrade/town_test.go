package upgrade

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"rightsdesk/contract"
	"rightsdesk/devserver/people"
	"rightsdesk/devserver/process"
	"rightsdesk/devserver/production"
	"rightsdesk/devserver/sampleaccounts"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// town is a running desk with its people.
type town struct {
	*production.Desk
	t       *testing.T
	office  *people.Office
	records *store.Store
	engine  client.Client
	cases   []*people.Case
}

func settle(t *testing.T, b production.Binaries) *town {
	t.Helper()
	d, err := production.Start(t.Context(), production.Options{DataDir: t.TempDir(), Binaries: b, SampleAccounts: 500})
	require.NoError(t, err)
	t.Cleanup(d.Stop)
	records, err := d.Open()
	require.NoError(t, err)
	t.Cleanup(func() { records.Close() })
	office, err := people.Open(t.Context(), d.URL, d.Mail, records, 6)
	require.NoError(t, err)
	engine, err := client.Dial(client.Options{HostPort: d.Temporal, Namespace: production.Namespace})
	require.NoError(t, err)
	t.Cleanup(engine.Close)
	return &town{Desk: d, t: t, office: office, records: records, engine: engine}
}

func (w *town) say(what string) { w.t.Logf("%s  %s", time.Now().Format("15:04:05"), what) }

const patience = 3 * time.Minute

// fill brings one new case of every kind to every stage.
func (w *town) fill() []*people.Case {
	w.t.Helper()
	var list []*people.Case
	for _, s := range stages() {
		list = append(list, w.office.New(s.kind, s.aim))
	}
	w.cases = append(w.cases, list...)
	w.lead(list)
	return list
}

// finish takes cases to their end: those that are open to their answer and on.
func (w *town) finish(list []*people.Case) {
	w.t.Helper()
	for _, c := range list {
		if !(stage{c.Kind, c.Aim}).ended() {
			c.Aim = people.Closed
		}
	}
	w.lead(list)
}

func (w *town) lead(list []*people.Case) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	require.NoError(w.t, people.Lead(ctx, list, 8))
}

// replace upgrades worker after worker, then one api after the other.
func (w *town) replace(binary string) {
	w.t.Helper()
	for _, p := range append(append([]*process.Process{}, w.Workers...), w.APIs...) {
		require.NoError(w.t, w.Replace(w.t.Context(), p, binary))
	}
}

// current waits until a revision is the one that tickets go on under.
func (w *town) current(revision int) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		d, err := w.engine.WorkerDeploymentClient().GetHandle(contract.Deployment).Describe(w.t.Context(), client.WorkerDeploymentDescribeOptions{})
		return err == nil && d.Info.RoutingConfig.CurrentVersion != nil && d.Info.RoutingConfig.CurrentVersion.BuildID == fmt.Sprint(revision)
	}, time.Minute, 100*time.Millisecond, "revision %d does not become current", revision)
}

// failures are the tasks of workflows that have failed, by ticket.
func (w *town) failures() (failed []string) {
	w.t.Helper()
	w.events(func(id string, kind enums.EventType, _ []byte) {
		if kind == enums.EVENT_TYPE_WORKFLOW_TASK_FAILED {
			failed = append(failed, id)
		}
	})
	return failed
}

// events shows every event of every workflow.
func (w *town) events(see func(id string, kind enums.EventType, text []byte)) {
	w.t.Helper()
	ctx := w.t.Context()
	var next []byte
	for {
		page, err := w.engine.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: production.Namespace, NextPageToken: next})
		require.NoError(w.t, err)
		for _, one := range page.Executions {
			for it := w.engine.GetWorkflowHistory(ctx, one.Execution.WorkflowId, one.Execution.RunId, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
				event, err := it.Next()
				require.NoError(w.t, err)
				see(one.Execution.WorkflowId, event.EventType, []byte(event.String()))
			}
		}
		if next = page.NextPageToken; len(next) == 0 {
			return
		}
	}
}

// awaitFailure has people act on tickets under a release that is broken, until a
// task fails for it: the test would be worth nothing if it could not.
func (w *town) awaitFailure(list []*people.Case) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 90*time.Second)
	defer cancel()
	go func() {
		for _, c := range list {
			if c.Aim == people.Asked || c.Aim == people.Answered {
				c.Aim = people.Closed
				_ = c.Lead(ctx)
			}
		}
	}()
	for ctx.Err() == nil {
		if len(w.failures()) > 0 {
			cancel()
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
	w.t.Fatal("a release that no history fits was not noticed")
}

// movedOn: tickets that began under the release before have taken the step that a
// later release added.
func (w *town) movedOn(list []*people.Case) {
	w.t.Helper()
	taken := map[string]bool{}
	w.events(func(id string, kind enums.EventType, text []byte) {
		if kind == enums.EVENT_TYPE_MARKER_RECORDED && bytes.Contains(text, []byte(addedStep)) {
			taken[id] = true
		}
	})
	for _, c := range list {
		assert.True(w.t, taken[string(c.Number)], "%s %s did not move on", c.Kind, c.Number)
	}
}

// judge holds what is left against what was promised.
func (w *town) judge() {
	w.t.Helper()
	ctx := w.t.Context()
	resp, err := http.Get(w.Accounts + "/accounts")
	require.NoError(w.t, err)
	defer resp.Body.Close()
	var persons []sampleaccounts.Person
	require.NoError(w.t, json.NewDecoder(resp.Body).Decode(&persons))
	acts := map[string][]string{}
	for _, p := range persons {
		acts[string(p.Ref)] = p.Acts
	}
	for _, c := range w.cases {
		row, err := w.records.Ticket(ctx, c.Number)
		require.NoError(w.t, err)
		assert.True(w.t, c.Due.Equal(row.ReplyDue), "%s: the receipt said %v, the ticket says %v", c.Number, c.Due, row.ReplyDue)
		want := map[people.Aim][]ticket.Stage{
			people.Closed: {ticket.Closed, ticket.Retained}, people.Refused: {ticket.Refused}, people.Withdrawn: {ticket.Withdrawn},
		}[c.Aim]
		if want != nil {
			assert.Contains(w.t, want, row.Stage, "%s %s", c.Kind, c.Number)
		}
		if c.Kind == ticket.AccountCancellation && c.Aim == people.Closed {
			assert.Equal(w.t, []string{"stop-services", "erase"}, acts[c.Account()], c.Number)
		}
		if c.Kind == ticket.InfoCorrection && c.Aim == people.Closed {
			assert.Equal(w.t, []string{"correct"}, acts[c.Account()], c.Number)
		}
	}
	out, err := w.Run(ctx, "audit", "verify")
	assert.NoError(w.t, err, out)
	out, err = w.Run(ctx, "doctor")
	assert.NoError(w.t, err, out)
}
