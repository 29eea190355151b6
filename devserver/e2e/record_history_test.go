package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/stretchr/testify/require"
	enums "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"rightsdesk/workflows"
)

// recordInto names the folder for the histories of TestStoriesReplay. They are
// what workflows/replay_test.go replays; `make record-histories` makes them.
const recordInto = "RIGHTSDESK_RECORD_HISTORIES"

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
