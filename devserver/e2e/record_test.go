package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enums "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"rightsdesk/command"
	"rightsdesk/deadline"
	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
	"rightsdesk/workflows"
)

// recordInto names the folder for the histories of TestStoriesReplay. They are
// what workflows/replay_test.go replays; `make record-histories` makes them.
const recordInto = "RIGHTSDESK_RECORD_HISTORIES"

var (
	agent   = desk.Staff{ID: "li.wei", Role: ticket.Agent}
	lead    = desk.Staff{ID: "chen.jie", Role: ticket.Lead}
	officer = desk.Staff{ID: "zhao.min", Role: ticket.PrivacyOfficer}
)

// office is a running desk whose acts are called directly, without a browser.
type office struct {
	*world
	desk    *desk.Desk
	records *store.Store
	engine  client.Client
}

func openOffice(t *testing.T) *office {
	o := &office{world: begin(t, "")}
	var err error
	o.records, err = o.Records()
	require.NoError(t, err)
	t.Cleanup(func() { o.records.Close() })
	for _, s := range []desk.Staff{agent, lead, officer} {
		_, err := command.AddAgent(t.Context(), o.records, string(s.ID), string(s.ID), string(s.ID)+"@rightsdesk.example", s.Role)
		require.NoError(t, err)
	}
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)
	o.engine = o.client()
	o.desk = desk.New(desk.Config{Store: o.records, Temporal: o.engine, Planner: deadline.NewPlanner(o.records, o.records),
		Policy: policy, PolicyText: text, ActBudget: 30 * time.Second, StaffBudget: 30 * time.Second})
	t.Cleanup(o.desk.Wait)
	return o
}

// in is the same office within a story.
func (o *office) in(t *testing.T) *office {
	return &office{world: &world{Stack: o.Stack, t: t}, desk: o.desk, records: o.records, engine: o.engine}
}

// filed files a request and proves the person by the code mailed to an address.
func (o *office) filed(r desk.Request, codeTo string) ticket.Number {
	o.t.Helper()
	r.FormToken, r.Locale, r.Person.Name = seal.NewToken(), ticket.English, "Recorded Person"
	receipt, wrong, err := o.desk.File(o.t.Context(), r)
	require.NoError(o.t, err)
	require.Empty(o.t, wrong)
	proof, err := o.desk.Prove(o.t.Context(), receipt.Number, o.code(codeTo), o.t.Name())
	require.Equal(o.t, store.CodeOK, proof.Result)
	o.taken(proof.Outcome, err)
	return receipt.Number
}

// complaint is a verified complaint; its address is the story's own.
func (o *office) complaint() ticket.Number {
	o.t.Helper()
	address := filepath.Base(o.t.Name()) + "@example.net"
	return o.filed(desk.Request{Kind: ticket.Complaint, Category: ticket.CategoryPrivacy,
		Person: store.Person{Email: address}, Text: "Please say what you did with my telephone number."}, address)
}

// account is a verified request about one of the sample accounts.
func (o *office) account(kind ticket.Kind, onFile string, changes ...store.Change) ticket.Number {
	o.t.Helper()
	return o.filed(desk.Request{Kind: kind, Person: store.Person{Email: "typed@example.net", Account: onFile}, Changes: changes}, onFile)
}

// taken requires that an act of the person was accepted there and then.
func (o *office) taken(done desk.Outcome, err error) {
	o.t.Helper()
	require.NoError(o.t, err)
	require.Nil(o.t, done.Refused)
	require.False(o.t, done.Pending)
}

// did requires that an act of staff was accepted.
func (o *office) did(_ any, err error) {
	o.t.Helper()
	require.NoError(o.t, err)
}

// claims is the member of staff with the claim on the ticket.
func (o *office) claims(by desk.Staff, number ticket.Number) desk.Staff {
	o.t.Helper()
	done, err := o.desk.Claim(o.t.Context(), by, number)
	require.NoError(o.t, err)
	by.Lease = done.Lease
	return by
}

// answers claims, decides, and waits until the answer has been delivered.
func (o *office) answers(by desk.Staff, number ticket.Number, d desk.Decision) {
	o.t.Helper()
	o.did(o.desk.Decide(o.t.Context(), o.claims(by, number), number, d))
	t, err := o.records.Ticket(o.t.Context(), number)
	require.NoError(o.t, err)
	if t.State.Decision.FourEyes {
		o.did(o.desk.Approve(o.t.Context(), lead, number, true, ""))
	}
	o.delivered(number)
}

func (o *office) delivered(number ticket.Number) {
	o.t.Helper()
	o.until(number, func(t store.Ticket) bool { return t.Stage == ticket.Answered || t.Stage == ticket.Refused })
}

func (o *office) until(number ticket.Number, is func(store.Ticket) bool) {
	o.t.Helper()
	o.eventually(func() bool {
		t, err := o.records.Ticket(o.t.Context(), number)
		require.NoError(o.t, err)
		return is(t)
	})
}

// eventually asks on this goroutine, so that what asks may fail the test.
func (o *office) eventually(is func() bool) {
	o.t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		require.True(o.t, time.Now().Before(end), "it did not come to that")
	}
}

// ends waits until a workflow has run to its end.
func (o *office) ends(id string) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 30*time.Second)
	defer cancel()
	require.NoError(o.t, o.engine.GetWorkflow(ctx, id, "").Get(ctx, nil))
}

// record takes a workflow's history once nothing of it is under way, holds it
// against the workflows as they are, and keeps it where that was asked for.
func (o *office) record(name, id string) {
	o.t.Helper()
	ctx := o.t.Context()
	o.eventually(func() bool {
		now, err := o.engine.DescribeWorkflowExecution(ctx, id, "")
		require.NoError(o.t, err)
		return len(now.PendingActivities) == 0 && now.PendingWorkflowTask == nil
	})
	history := &historypb.History{}
	for it := o.engine.GetWorkflowHistory(ctx, id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		event, err := it.Next()
		require.NoError(o.t, err)
		history.Events = append(history.Events, event)
	}
	anonymous(history.ProtoReflect())
	o.namesNoMachine(history)

	text, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(history)
	require.NoError(o.t, err)
	var pretty bytes.Buffer
	require.NoError(o.t, json.Indent(&pretty, text, "", " "))
	pretty.WriteByte('\n')

	read, err := client.HistoryFromJSON(bytes.NewReader(pretty.Bytes()), client.HistoryJSONOptions{})
	require.NoError(o.t, err)
	require.True(o.t, proto.Equal(history, read), "what is kept is what happened")
	replayer := sdk.NewWorkflowReplayer()
	workflows.Register(replayer)
	require.NoError(o.t, replayer.ReplayWorkflowHistory(nil, read), name)

	if folder := os.Getenv(recordInto); folder != "" {
		require.NoError(o.t, os.MkdirAll(folder, 0o755))
		require.NoError(o.t, os.WriteFile(filepath.Join(folder, name+".json"), pretty.Bytes(), 0o644))
	}
}

// anonymous takes out of a history which machine it ran on: identities, and the
// task queues a worker makes for itself.
func anonymous(m protoreflect.Message) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Name() == "identity" && f.Kind() == protoreflect.StringKind:
			m.Set(f, protoreflect.ValueOfString("recorded"))
		case f.Message() == nil, f.IsMap():
		case f.IsList():
			for i := range v.List().Len() {
				anonymous(v.List().Get(i).Message())
			}
		default:
			anonymous(v.Message())
		}
		return true
	})
	if queue := m.Descriptor().Fields().ByName("normal_name"); queue != nil && m.Get(queue).String() != "" {
		m.Set(m.Descriptor().Fields().ByName("name"), protoreflect.ValueOfString("recorded"))
	}
}

func (o *office) namesNoMachine(history *historypb.History) {
	raw, err := proto.Marshal(history)
	require.NoError(o.t, err)
	host, err := os.Hostname()
	require.NoError(o.t, err)
	marks := []string{"@" + host, host + ":", o.DataDir}
	if home, err := os.UserHomeDir(); err == nil {
		marks = append(marks, home+"/")
	}
	for _, mark := range marks {
		require.False(o.t, bytes.Contains(raw, []byte(mark)), "%q stands in a history", mark)
	}
}
