package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// office is a desk on a real SQLite database, with Temporal played by temporalStub
// since the real one runs in devserver's tests alone.
type office struct {
	*Desk
	store    *store.Store
	temporal *temporalStub
	courier  *Courier
	mailed   *mailbox
	log      *bytes.Buffer
	clock    time.Time
}

func newOffice(t testing.TB) *office {
	t.Helper()
	vault, err := seal.Open(seal.NewMasterKey())
	require.NoError(t, err)
	s, err := store.Open("sqlite:"+filepath.Join(t.TempDir(), "desk.db"), vault)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	require.NoError(t, s.Migrate(context.Background()))
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)

	o := &office{store: s, temporal: &temporalStub{known: map[string]bool{}}, mailed: &mailbox{}, log: &bytes.Buffer{}, clock: time.Now()}
	config := Config{
		Store: s, Temporal: o.temporal, Planner: deadline.NewPlanner(s, s),
		Policy: policy, PolicyText: text, Links: o.mailed, Product: "sample",
		Now:       func() time.Time { return o.clock },
		Log:       slog.New(slog.NewTextHandler(o.log, nil)),
		ActBudget: 300 * time.Millisecond, StaffBudget: 300 * time.Millisecond,
	}
	o.Desk = New(config)
	o.startLimit = time.Second
	config.Now = func() time.Time { return time.Now().Add(time.Minute) } // past every lease
	o.courier = NewCourier(config)
	t.Cleanup(o.Wait)
	return o
}

// complaint is a request that is right in every way.
func complaint() Request {
	return Request{
		FormToken: seal.NewToken(), Kind: ticket.Complaint, Category: ticket.CategoryPrivacy,
		Relation: ticket.Self, Locale: ticket.Chinese,
		Person: store.Person{Name: "王小明", Email: "wang@example.com", Phone: "+8613812345678"},
		Text:   "请说明你们为什么把我的手机号给了别人。",
	}
}

func (o *office) filed(t testing.TB, r Request) Receipt {
	t.Helper()
	receipt, errs, err := o.File(t.Context(), r)
	require.NoError(t, err)
	require.Empty(t, errs)
	o.Wait()
	return receipt
}

var agent = Staff{ID: "li.wei", Role: ticket.Agent, Lease: 1}

// temporalStub is Temporal as far as the desk sees it: it remembers what was
// started and told, recognises ids, and can be away.
type temporalStub struct {
	client.Client

	mu      sync.Mutex
	away    bool
	silent  bool // takes calls and answers none
	started []client.StartWorkflowOptions
	starts  []any
	told    []client.UpdateWorkflowOptions
	known   map[string]bool // update ids
	answer  func(name string, args []byte) (contract.Done, error)

	histories    map[string][]*history.HistoryEvent // by run; "": the latest
	historyFails error
}

// GetWorkflowHistory reads one of histories.
func (s *temporalStub) GetWorkflowHistory(_ context.Context, _, run string, _ bool, _ enums.HistoryEventFilterType) client.HistoryEventIterator {
	events, kept := s.histories[run]
	fails := s.historyFails
	if fails == nil && !kept {
		fails = serviceerror.NewNotFound("no such run")
	}
	return &historyStub{events: events, fails: fails}
}

type historyStub struct {
	events []*history.HistoryEvent
	fails  error
}

func (h *historyStub) HasNext() bool { return h.fails != nil || len(h.events) > 0 }

func (h *historyStub) Next() (*history.HistoryEvent, error) {
	if h.fails != nil {
		return nil, h.fails
	}
	next := h.events[0]
	h.events = h.events[1:]
	return next, nil
}

func (s *temporalStub) set(f func(s *temporalStub)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

func (s *temporalStub) reached(ctx context.Context) error {
	if s.silent {
		<-ctx.Done()
		return ctx.Err()
	}
	if s.away {
		return serviceerror.NewUnavailable("connection refused")
	}
	return nil
}

func (s *temporalStub) ExecuteWorkflow(ctx context.Context, o client.StartWorkflowOptions, _ any, args ...any) (client.WorkflowRun, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.reached(ctx); err != nil {
		return nil, err
	}
	for _, done := range s.started {
		if done.ID == o.ID {
			return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("already started", "", "run")
		}
	}
	s.started, s.starts = append(s.started, o), append(s.starts, args[0])
	return nil, nil
}

func (s *temporalStub) UpdateWorkflow(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.reached(ctx); err != nil {
		return nil, err
	}
	running := false
	for _, w := range s.started {
		running = running || w.ID == o.WorkflowID
	}
	if !running {
		return nil, serviceerror.NewNotFound("workflow execution already completed")
	}
	if s.known[o.UpdateID] {
		return updated{done: contract.Done{Stage: ticket.Verifying}}, nil
	}
	s.known[o.UpdateID] = true
	s.told = append(s.told, o)
	done := contract.Done{Rev: int64(len(s.told)), Stage: ticket.Verifying}
	if s.answer == nil {
		return updated{done: done}, nil
	}
	payload, err := converter.GetDefaultDataConverter().ToPayload(o.Args[0])
	if err != nil {
		return nil, err
	}
	done, err = s.answer(o.UpdateName, payload.Data)
	return updated{done: done, err: err}, nil
}

type updated struct {
	client.WorkflowUpdateHandle
	done contract.Done
	err  error
}

func (u updated) Get(_ context.Context, to any) error {
	*to.(*contract.Done) = u.done
	return u.err
}

// refuse is how a workflow's refusal arrives.
func refuse(code string, facts ...string) error {
	return temporal.NewApplicationErrorWithOptions(code, contract.RefusedType,
		temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{*ticket.Refuse(code, facts...)}})
}

func refuses(code string, facts ...string) func(string, []byte) (contract.Done, error) {
	return func(string, []byte) (contract.Done, error) { return contract.Done{}, refuse(code, facts...) }
}

// mailbox is a LinkMailer.
type mailbox struct {
	mu    sync.Mutex
	mails []LinkMail
}

func (m *mailbox) SendLink(_ context.Context, mail LinkMail) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails = append(m.mails, mail)
	return nil
}

func refusal(t testing.TB, err error) *ticket.Error {
	t.Helper()
	var e *ticket.Error
	require.True(t, errors.As(err, &e), "not a refusal: %v", err)
	return e
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}
