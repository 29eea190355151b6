package upgrade

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"rightsdesk/contract"
	"rightsdesk/devserver/people"
	"rightsdesk/devserver/process"
	"rightsdesk/devserver/production"
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

// bring has people come with new cases, and takes each to its stage.
func (w *town) bring(where ...stage) (list []*people.Case) {
	w.t.Helper()
	for _, s := range where {
		c := w.office.New(s.kind, s.aim)
		if s == (stage{ticket.InfoCorrection, people.Decided}) {
			c.OfRealName() // the others are decided by one
		}
		list = append(list, c)
	}
	w.cases = append(w.cases, list...)
	w.lead(list)
	return list
}

// finish takes those cases that are open to their end, and returns them: who was
// refused appeals first.
func (w *town) finish(list []*people.Case) (open []*people.Case) {
	w.t.Helper()
	var refused []*people.Case
	for _, c := range list {
		if (stage{c.Kind, c.Aim}).ended() {
			continue
		}
		open = append(open, c)
		if c.Aim == people.Refused {
			refused = append(refused, c)
		}
	}
	w.lead(people.Toward(refused, people.Appealed))
	people.Toward(open, people.Closed)
	w.lead(list)
	return open
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
	acting := make(chan struct{})
	defer func() {
		cancel()
		<-acting
	}()
	go func() {
		defer close(acting)
		for _, c := range list {
			if c.Aim == people.Asked || c.Aim == people.Answered {
				c.Aim = people.Closed
				_ = c.Lead(ctx)
			}
		}
	}()
	for ctx.Err() == nil {
		if len(w.failures()) > 0 {
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
	w.t.Fatal("a release that no history fits was not noticed")
}
