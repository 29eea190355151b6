package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// v1Desk is the JSON interface on the real engine over a real store. Temporal is
// away unless says is set.
type v1Desk struct {
	t     *testing.T
	store *store.Store
	desk  *desk.Desk
	http  http.Handler
	inner *server
	log   *lockedBuffer
	now   time.Time
	says  func(update string) (contract.Done, error)
}

func newV1Desk(t *testing.T) *v1Desk {
	t.Helper()
	vault, err := seal.Open(seal.NewMasterKey())
	require.NoError(t, err)
	st, err := store.Open("sqlite:"+filepath.Join(t.TempDir(), "desk.db"), vault)
	require.NoError(t, err)
	t.Cleanup(func() { _ = st.Close() })
	require.NoError(t, st.Migrate(t.Context()))
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)
	set, err := templates.Load(templates.Operator{Name: map[ticket.Locale]string{ticket.Chinese: "示例云"}, BaseURL: "https://desk.example"})
	require.NoError(t, err)

	d := &v1Desk{t: t, store: st, log: &lockedBuffer{}, now: time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)}
	log := slog.New(slog.NewTextHandler(d.log, nil))
	now := func() time.Time { return d.now }
	planner := deadline.NewPlanner(st, st)
	planner.Know(policy)
	d.desk = desk.New(desk.Config{Store: st, Temporal: v1Temporal{desk: d}, Planner: planner, Policy: policy, PolicyText: text,
		Links: &linkMails{}, Now: now, Log: log, StartBudget: time.Millisecond, ActBudget: 20 * time.Millisecond, StaffBudget: 20 * time.Millisecond})
	c := Config{Desk: d.desk, Store: st, Planner: planner, Templates: set, Policy: policy, BaseURL: "https://desk.example", Log: log, Now: now}
	d.http, err = New(c)
	require.NoError(t, err)
	d.inner = &server{Config: c, uploads: map[string]bool{}}
	d.inner.console = newConsole(d.inner)
	t.Cleanup(d.desk.Wait)
	return d
}

// v1Temporal is Temporal as the desk sees it.
type v1Temporal struct {
	client.Client
	desk *v1Desk
}

func (s v1Temporal) ExecuteWorkflow(context.Context, client.StartWorkflowOptions, any, ...any) (client.WorkflowRun, error) {
	if s.desk.says == nil {
		return nil, serviceerror.NewUnavailable("connection refused")
	}
	return nil, nil
}

func (s v1Temporal) UpdateWorkflow(_ context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	if s.desk.says == nil {
		return nil, serviceerror.NewUnavailable("connection refused")
	}
	done, err := s.desk.says(o.UpdateName)
	return v1Updated{done: done, err: err}, nil
}

func (s v1Temporal) GetWorkflow(context.Context, string, string) client.WorkflowRun { return v1Run{} }

// GetWorkflowHistory keeps none here.
func (s v1Temporal) GetWorkflowHistory(context.Context, string, string, bool, enums.HistoryEventFilterType) client.HistoryEventIterator {
	return v1History{}
}

type v1History struct{}

func (v1History) HasNext() bool { return true }

func (v1History) Next() (*history.HistoryEvent, error) {
	return nil, serviceerror.NewNotFound("not kept")
}

type v1Run struct{ client.WorkflowRun }

func (v1Run) Get(context.Context, any) error { return errors.New("no such run here") }

type v1Updated struct {
	client.WorkflowUpdateHandle
	done contract.Done
	err  error
}

func (u v1Updated) Get(_ context.Context, to any) error {
	*to.(*contract.Done) = u.done
	return u.err
}

// workflowRefuses is how a workflow's refusal arrives.
func workflowRefuses(code string, facts ...string) error {
	return temporal.NewApplicationErrorWithOptions(code, contract.RefusedType,
		temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{*ticket.Refuse(code, facts...)}})
}

// routes are the routes that the JSON interface adds.
func (d *v1Desk) routes() (*v1, gin.RoutesInfo) {
	r := gin.New()
	a := newV1(d.inner, r)
	return a, r.Routes()
}

// v1Ask is a request.
type v1Ask struct {
	method, path, token, key string
	body                     any // string and []byte as they are, else JSON
	header                   map[string]string
}

// v1Said is an answer.
type v1Said struct {
	t      testing.TB
	Status int
	Header http.Header
	Text   string
}

func (d *v1Desk) do(q v1Ask) v1Said {
	d.t.Helper()
	var body io.Reader
	media := ""
	switch b := q.body.(type) {
	case nil:
	case string:
		body, media = strings.NewReader(b), "application/json"
	case []byte:
		body = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		require.NoError(d.t, err)
		body, media = bytes.NewReader(text), "application/json"
	}
	r := httptest.NewRequest(q.method, v1Prefix+q.path, body)
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	r.Header.Set("Accept-Language", "en")
	if q.token != "" {
		r.Header.Set("Authorization", "Bearer "+q.token)
	}
	if q.key != "" {
		r.Header.Set(v1KeyHeader, q.key)
	}
	for name, v := range q.header {
		r.Header.Set(name, v)
	}
	w := httptest.NewRecorder()
	d.http.ServeHTTP(w, r)
	return v1Said{t: d.t, Status: w.Code, Header: w.Header(), Text: w.Body.String()}
}

func (d *v1Desk) get(path, token string) v1Said {
	d.t.Helper()
	return d.do(v1Ask{method: http.MethodGet, path: path, token: token})
}

func (d *v1Desk) post(path, token string, body any) v1Said {
	d.t.Helper()
	return d.do(v1Ask{method: http.MethodPost, path: path, token: token, key: seal.NewToken(), body: body})
}

func (s v1Said) into(status int, to any) {
	s.t.Helper()
	require.Equal(s.t, status, s.Status, s.Text)
	if to != nil {
		require.NoError(s.t, json.Unmarshal([]byte(s.Text), to), s.Text)
	}
}

// problem wants a problem with this code.
func (s v1Said) problem(status int, code string) v1Problem {
	s.t.Helper()
	require.Equal(s.t, status, s.Status, s.Text)
	require.Equal(s.t, v1ProblemMedia, s.Header.Get("Content-Type"))
	var p v1Problem
	require.NoError(s.t, json.Unmarshal([]byte(s.Text), &p), s.Text)
	require.Equal(s.t, code, p.Code, s.Text)
	require.Equal(s.t, status, p.Status)
	require.Equal(s.t, "https://desk.example/api/v1/problems/"+code, p.Type)
	require.NotEmpty(s.t, p.Title)
	require.NotEmpty(s.t, p.Detail)
	return p
}

// staff makes a member of staff and a token of theirs.
func (d *v1Desk) staff(id string, role ticket.Role) string {
	d.t.Helper()
	agent := store.Agent{ID: ticket.AgentID(id), Name: id, Email: id + "@desk.example", Role: role, PasswordHash: "x"}
	require.NoError(d.t, d.store.CreateAgent(d.t.Context(), agent))
	secret, _, err := d.store.CreateAPIToken(d.t.Context(), agent.ID, "test")
	require.NoError(d.t, err)
	return secret
}

func v1Complaint() V1Request {
	return V1Request{Kind: ticket.Complaint, Category: ticket.CategoryPrivacy, Locale: ticket.English,
		Person: v1Person{Name: "Wang Xiaoming", Email: "wang@mail.example", Phone: "138 0000 0000"},
		Text:   "Please tell me to whom you gave my number."}
}

func (d *v1Desk) filed() v1Receipt {
	d.t.Helper()
	var r v1Receipt
	d.post("/tickets", "", v1Complaint()).into(http.StatusCreated, &r)
	return r
}
