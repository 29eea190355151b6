package worker

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nexus-rpc/sdk-go/nexus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"rightsdesk/accounts"
	"rightsdesk/deadline"
	"rightsdesk/mail"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

func config(t *testing.T, temporal client.Client) Config {
	t.Helper()
	vault, err := seal.Open(seal.NewMasterKey())
	require.NoError(t, err)
	s, err := store.Open("sqlite:"+filepath.Join(t.TempDir(), "desk.db"), vault)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	require.NoError(t, s.Migrate(t.Context()))
	set, err := templates.Load(templates.Operator{})
	require.NoError(t, err)
	sender, err := mail.NewSMTP(mail.Config{Addr: "127.0.0.1:25", TLS: mail.TLSNone, From: "desk@desk.example"})
	require.NoError(t, err)
	return Config{Temporal: temporal, Store: s, Planner: deadline.NewPlanner(s, s), Templates: set, Mailer: sender,
		MailDomain: sender.Domain(), Accounts: accounts.NewManual(nil), Log: slog.New(slog.DiscardHandler)}
}

// names collects what is registered.
type names map[string]bool

func (n names) RegisterWorkflow(any)                                          { panic("a workflow is registered without a name") }
func (n names) RegisterActivity(any)                                          { panic("an activity is registered without a name") }
func (n names) RegisterWorkflowWithOptions(_ any, o workflow.RegisterOptions) { n[o.Name] = true }
func (n names) RegisterDynamicWorkflow(any, workflow.DynamicRegisterOptions)  {}
func (n names) RegisterActivityWithOptions(_ any, o activity.RegisterOptions) { n[o.Name] = true }
func (n names) RegisterDynamicActivity(any, activity.DynamicRegisterOptions)  {}
func (n names) RegisterNexusService(*nexus.Service)                           {}

var _ sdk.Registry = names{}

func TestEveryNameOfTheContractIsRegistered(t *testing.T) {
	registered := names{}
	register(registered, config(t, nil))
	for _, name := range contractNames(t) {
		assert.True(t, registered[name], "%s is not registered", name)
		delete(registered, name)
	}
	assert.Empty(t, registered, "what is not in the contract")
}

// contractNames reads the constants Workflow… and Activity… of the contract.
func contractNames(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../contract/*.go")
	require.NoError(t, err)
	var out []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			id, value := spec.Names[0].Name, spec.Values[0]
			literal, ok := value.(*ast.BasicLit)
			if ok && (strings.HasPrefix(id, "Workflow") || strings.HasPrefix(id, "Activity")) {
				text, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				out = append(out, text)
			}
			return true
		})
	}
	require.NotEmpty(t, out)
	return out
}

func TestAWorkerWaitsForTemporalAndStopsWhenTold(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := listener.Addr().String()
	require.NoError(t, listener.Close())
	temporal, err := client.NewLazyClient(client.Options{HostPort: addr})
	require.NoError(t, err)
	defer temporal.Close()

	w := New(config(t, temporal))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.Run(ctx)
	}()
	select {
	case <-ended:
		t.Fatal("the worker gave up")
	case <-time.After(500 * time.Millisecond):
	}
	assert.False(t, w.Listening())
	cancel()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		t.Fatal("the worker did not stop")
	}
}

// The chain over all tickets does not wait for Temporal.
func TestAWorkerChainsTheAuditTrail(t *testing.T) {
	temporal, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1"})
	require.NoError(t, err)
	defer temporal.Close()
	c := config(t, temporal)
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)
	now := time.Now()
	_, _, err = c.Store.File(t.Context(), store.Filing{Number: ticket.NewNumber(now), Kind: ticket.Complaint, Channel: ticket.ChannelWeb,
		Relation: ticket.Self, Locale: ticket.Chinese, ReceivedAt: now, FiledAt: now, Policy: policy.Ref(), PolicyText: text, ReplyDue: now})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		New(c).Run(ctx)
	}()
	require.Eventually(t, func() bool {
		head, err := c.Store.AuditHead(t.Context())
		return err == nil && head.Position == 1
	}, 10*time.Second, 20*time.Millisecond)
	cancel()
	<-ended
}
