package temporal

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	sdktemporal "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const queue = "test"

var quiet = log.NewStructuredLogger(slog.New(slog.DiscardHandler))

var (
	stageKey      = sdktemporal.NewSearchAttributeKeyKeyword("TicketStage")
	escalationKey = sdktemporal.NewSearchAttributeKeyInt64("Escalation")
)

// shape is a ticket in small: it waits for an update, says so in a search
// attribute, sleeps, and ends.
func shape(ctx workflow.Context, sleep time.Duration) (string, error) {
	agent := ""
	err := workflow.SetUpdateHandlerWithOptions(ctx, "take",
		func(_ workflow.Context, who string) (string, error) { agent = who; return "taken by " + who, nil },
		workflow.UpdateHandlerOptions{Validator: func(_ workflow.Context, who string) error {
			if agent != "" {
				return sdktemporal.NewApplicationError("already taken by "+agent, "taken")
			}
			return nil
		}})
	if err != nil {
		return "", err
	}
	if err := workflow.Await(ctx, func() bool { return agent != "" }); err != nil {
		return "", err
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, stageKey.ValueSet("in_progress")); err != nil {
		return "", err
	}
	if err := workflow.Sleep(ctx, sleep); err != nil || sleep > 0 {
		return agent, err
	}
	return agent, workflow.UpsertTypedSearchAttributes(ctx, escalationKey.ValueSet(3))
}

func startIn(t *testing.T, dir string, attributes map[string]enums.IndexedValueType) *Server {
	t.Helper()
	began := time.Now()
	s, err := Start(t.Context(), Options{DataDir: dir, SearchAttributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("start: %v", time.Since(began).Round(time.Millisecond))
	t.Cleanup(s.Stop)
	return s
}

func dial(t *testing.T, s *Server) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: s.HostPort(), Namespace: "rightsdesk", Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func work(t *testing.T, c client.Client) worker.Worker {
	t.Helper()
	w := worker.New(c, queue, worker.Options{})
	w.RegisterWorkflow(shape)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	return w
}

func begin(t *testing.T, c client.Client, id string, sleep time.Duration) {
	t.Helper()
	_, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue,
		TypedSearchAttributes: sdktemporal.NewSearchAttributes(stageKey.ValueSet("received"))}, shape, sleep)
	if err != nil {
		t.Fatal(err)
	}
}

func take(t *testing.T, c client.Client, id, who string) error {
	t.Helper()
	h, err := c.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{WorkflowID: id, UpdateName: "take",
		Args: []any{who}, WaitForStage: client.WorkflowUpdateStageCompleted})
	if err != nil {
		return err
	}
	return h.Get(t.Context(), nil)
}

func counted(t *testing.T, c client.Client, query string, want int64) {
	t.Helper()
	var got int64
	for range 100 {
		r, err := c.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: query})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		if got = r.Count; got == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s: %d, want %d", query, got, want)
}

var stageOnly = map[string]enums.IndexedValueType{"TicketStage": enums.INDEXED_VALUE_TYPE_KEYWORD}

func TestWorkflowsOutliveARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data 100% #1?") // a name SQLite's addresses could trip over
	s := startIn(t, dir, stageOnly)
	if _, err := Start(t.Context(), Options{DataDir: dir}); err == nil || !strings.Contains(err.Error(), "another desk") {
		t.Fatalf("a second server on the same directory: %v", err)
	}
	c := dial(t, s)
	w := work(t, c)
	began := time.Now()
	begin(t, c, "DSR-1", 2*time.Second)
	if err := take(t, c, "DSR-1", "li.wei"); err != nil {
		t.Fatal(err)
	}
	t.Logf("start and first update: %v", time.Since(began).Round(time.Millisecond))
	if err := take(t, c, "DSR-1", "wang.fang"); err == nil || !strings.Contains(err.Error(), "already taken by li.wei") {
		t.Fatalf("second agent: %v", err)
	}
	counted(t, c, "TicketStage = 'in_progress'", 1)
	d, err := c.WorkflowService().DescribeNamespace(t.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: "rightsdesk"})
	if err != nil || d.Config.WorkflowExecutionRetentionTtl.AsDuration() != 90*24*time.Hour {
		t.Fatalf("retention %v %v", d.GetConfig().GetWorkflowExecutionRetentionTtl(), err)
	}
	w.Stop()
	c.Close()
	began = time.Now()
	s.Stop()
	t.Logf("stop: %v", time.Since(began).Round(time.Millisecond))

	more := map[string]enums.IndexedValueType{
		"TicketStage": enums.INDEXED_VALUE_TYPE_KEYWORD,
		"ReplyDue":    enums.INDEXED_VALUE_TYPE_DATETIME,
		"Escalation":  enums.INDEXED_VALUE_TYPE_INT,
	}
	s = startIn(t, dir, more)
	c = dial(t, s)
	counted(t, c, "TicketStage = 'in_progress' AND ReplyDue IS NULL", 1)
	defer work(t, c).Stop()
	var agent string
	if err := c.GetWorkflow(t.Context(), "DSR-1", "").Get(t.Context(), &agent); err != nil || agent != "li.wei" {
		t.Fatalf("after the restart: %q %v", agent, err)
	}
	begin(t, c, "DSR-2", 0) // the worker, its queue and the new attributes work at once
	if err := take(t, c, "DSR-2", "wang.fang"); err != nil {
		t.Fatal(err)
	}
	counted(t, c, "Escalation = 3", 1)
	counted(t, c, "ExecutionStatus = 'Completed'", 2)
}

func TestSearchAttributeOfAnotherTypeIsRefused(t *testing.T) {
	dir := t.TempDir()
	startIn(t, dir, stageOnly).Stop()
	_, err := Start(t.Context(), Options{DataDir: dir,
		SearchAttributes: map[string]enums.IndexedValueType{"TicketStage": enums.INDEXED_VALUE_TYPE_INT}})
	if err == nil || !strings.Contains(err.Error(), "TicketStage") {
		t.Fatalf("got %v", err)
	}
	s := startIn(t, dir, stageOnly) // the refused start has left nothing running
	c := dial(t, s)
	r, err := c.OperatorService().ListSearchAttributes(t.Context(), &operatorservice.ListSearchAttributesRequest{Namespace: "rightsdesk"})
	if err != nil || r.CustomAttributes["TicketStage"] != enums.INDEXED_VALUE_TYPE_KEYWORD {
		t.Fatalf("%v %v", r, err)
	}
}

func TestUnfinishedDatabaseIsMadeAnew(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, databaseName+".begun"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	startIn(t, dir, nil)
}

func TestPortInUseIsSaidPlainly(t *testing.T) {
	s := startIn(t, t.TempDir(), nil)
	port, err := strconv.Atoi(s.HostPort()[len(loopback)+1:])
	if err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), Options{DataDir: t.TempDir(), UIPort: port})
	if err == nil || !strings.Contains(err.Error(), "in use") {
		t.Fatalf("got %v", err)
	}
}

func TestUIIsServedWithItsAssets(t *testing.T) {
	s := startIn(t, t.TempDir(), nil)
	page := get(t, s.UIURL()+"/")
	asset := regexp.MustCompile(`/_app/immutable/[^"']+\.js`).Find(page)
	if asset == nil {
		t.Fatalf("no script in %.300s", page)
	}
	if script := get(t, s.UIURL()+string(asset)); len(script) == 0 || bytes.HasPrefix(script, []byte("<")) {
		t.Errorf("%s is no script: %.80s", asset, script)
	}
	if outside := regexp.MustCompile(`(src|href)="(https?:)?//[^"]*"`).FindAll(page, -1); outside != nil {
		t.Errorf("the page loads from elsewhere: %s", outside)
	}
	if list := get(t, s.UIURL()+"/api/v1/namespaces/rightsdesk"); !bytes.Contains(list, []byte("7776000s")) {
		t.Errorf("the UI does not reach the server: %.300s", list)
	}
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %.200s", url, resp.StatusCode, body)
	}
	return body
}
