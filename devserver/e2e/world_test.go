// Package e2e drives the whole desk on the real parts: the embedded Temporal
// server, SQLite and MariaDB, SMTP, the sample account system, and Chromium. Where
// `make test-production` has MySQL, it drives the production shape instead.
package e2e

import (
	"bytes"
	"context"
	"database/sql"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	workflowservice "go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/proto"
	_ "modernc.org/sqlite"

	"rightsdesk/command"
	"rightsdesk/desk"
	"rightsdesk/devserver/production"
	"rightsdesk/devserver/stack"
	"rightsdesk/store"
	"rightsdesk/store/mariadbtest"
	"rightsdesk/ticket"
)

// binaries are what the production shape is made of; nil: it is not asked for.
var binaries *production.Binaries

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if os.Getenv(production.MySQLRoot) != "" {
		dir, err := os.MkdirTemp("", "rightsdesk-e2e-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		built, err := production.Build(dir)
		if err != nil {
			panic(err)
		}
		binaries = &built
	}
	return mariadbtest.Run(m)
}

// world is one running desk.
type world struct {
	*stack.Stack
	t        *testing.T
	password string   // of the manager, once changed
	recovery []string // codes of the manager that are left
}

func begin(t *testing.T, database string) *world {
	t.Helper()
	return beginWith(t, stack.Options{Database: database})
}

func beginWith(t *testing.T, o stack.Options) *world {
	t.Helper()
	return &world{Stack: started(t, o), t: t}
}

// started is a running desk in the shape that is tested.
func started(t *testing.T, o stack.Options) *stack.Stack {
	t.Helper()
	o.Production = binaries
	return shaped(t, o)
}

// inOneProcess is a running desk in one process, whose data another may have left: that of the
// production shape goes with its database server.
func inOneProcess(t *testing.T, o stack.Options) *world {
	t.Helper()
	return &world{Stack: shaped(t, o), t: t}
}

func shaped(t *testing.T, o stack.Options) *stack.Stack {
	t.Helper()
	if o.DataDir == "" {
		o.DataDir = t.TempDir()
	}
	s, err := stack.Start(context.Background(), o)
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	return s
}

// everywhere runs a story on both databases, or in the production shape.
func everywhere(t *testing.T, story func(t *testing.T, w *world)) {
	if binaries != nil {
		t.Run("production", func(t *testing.T) { story(t, begin(t, "")) })
		return
	}
	t.Run("SQLite", func(t *testing.T) { story(t, begin(t, "")) })
	t.Run("MariaDB", func(t *testing.T) { story(t, begin(t, mariadbtest.Start(t))) })
}

// sql is the desk's database, past the desk.
func (w *world) sql() *sql.DB {
	w.t.Helper()
	kind, address, _ := strings.Cut(w.Database.Database, ":")
	if kind == store.SQLite {
		address += "?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(kind, address)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { db.Close() })
	return db
}

// journal is all that the desk's parts have written into their logs.
func (w *world) journal() []byte {
	w.t.Helper()
	var all []byte
	for _, text := range w.files("rightsdesk.log", "api-*.log", "worker-*.log") {
		all = append(all, text...)
	}
	return all
}

// files are those of the data folder that have such names, by their names.
func (w *world) files(names ...string) map[string][]byte {
	w.t.Helper()
	found := map[string][]byte{}
	for _, name := range names {
		paths, err := filepath.Glob(filepath.Join(w.DataDir, name))
		require.NoError(w.t, err)
		for _, path := range paths {
			found[filepath.Base(path)], err = os.ReadFile(path)
			require.NoError(w.t, err)
		}
	}
	return found
}

// approve is a second member of staff's word on a decision.
func (w *world) approve(number string) {
	w.t.Helper()
	records, err := w.Records()
	require.NoError(w.t, err)
	defer records.Close()
	const second = "chen.jie"
	_, err = command.AddAgent(w.t.Context(), records, second, "Chen Jie", second+"@rightsdesk.example", ticket.Lead)
	require.NoError(w.t, err)
	d := desk.New(desk.Config{Store: records, Temporal: w.client()})
	_, err = d.Approve(w.t.Context(), desk.Staff{ID: second, Role: ticket.Lead}, ticket.Number(number), true, "")
	require.NoError(w.t, err)
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// code is the newest one-time code mailed to an address.
func (w *world) code(to string) string {
	w.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		messages, err := w.Mails.Messages(context.Background(), to, 20)
		require.NoError(w.t, err)
		for _, m := range messages {
			if code := sixDigits.FindString(m.Text); code != "" {
				return code
			}
		}
	}
	w.t.Fatalf("no code was mailed")
	return ""
}

// mailed waits for a mail of a step to an address and returns its text.
func (w *world) mailed(to, step string) string {
	w.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		messages, err := w.Mails.Messages(context.Background(), to, 50)
		require.NoError(w.t, err)
		for _, m := range messages {
			if strings.HasPrefix(m.MessageID, "<"+step+"-") {
				return m.Text
			}
		}
	}
	w.t.Fatalf("no mail of step %s", step)
	return ""
}

func (w *world) client() client.Client {
	c, err := client.Dial(client.Options{HostPort: w.Temporal, Namespace: w.Namespace})
	require.NoError(w.t, err)
	w.t.Cleanup(c.Close)
	return c
}

// histories are the bytes of every event of every workflow, by workflow id, and
// the rows by which the Temporal UI lists them.
func (w *world) histories() (events map[string][]byte, count map[string]int, rows []byte) {
	c, ctx := w.client(), context.Background()
	events, count = map[string][]byte{}, map[string]int{}
	list, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: w.Namespace})
	require.NoError(w.t, err)
	for _, execution := range list.Executions {
		row, err := proto.Marshal(execution)
		require.NoError(w.t, err)
		rows = append(rows, row...)
		id := execution.Execution.WorkflowId
		for it := c.GetWorkflowHistory(ctx, id, execution.Execution.RunId, false, 0); it.HasNext(); {
			event, err := it.Next()
			require.NoError(w.t, err)
			raw, err := proto.Marshal(event)
			require.NoError(w.t, err)
			events[id] = append(events[id], raw...)
			count[id]++
		}
	}
	return events, count, rows
}

// knowsNothingOf fails when a marked value stands in a history, a row of the
// list, the engine's own database files, or a log line (invariant 2).
func (w *world) knowsNothingOf(marks ...string) {
	w.t.Helper()
	events, _, rows := w.histories()
	require.NotEmpty(w.t, events)
	places := map[string][]byte{"the list of workflows": rows}
	for id, raw := range events {
		places["the history of "+id] = raw
	}
	maps.Copy(places, w.files("temporal.db*", "*.log", "rightsdesk.db*"))
	for _, mark := range marks {
		for place, raw := range places {
			if bytes.Contains(raw, []byte(mark)) {
				w.t.Errorf("%q stands in %s", mark, place)
			}
		}
	}
}
