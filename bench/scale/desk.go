package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"rightsdesk/api"
	"rightsdesk/deadline"
	actors "rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/store/manytickets"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// desk is the web side over a filled database, with Temporal out of reach, and
// people at work in it.
type desk struct {
	shape    manytickets.Desk
	store    *store.Store
	handler  http.Handler
	temporal client.Client
	manager  *browser // sees everything
	limited  *browser // an agent of two queues
	handling *browser // an agent who has tickets
	token    string   // of the JSON API
	deep     map[string]store.Cursor
	looked   map[string][]int // which tickets are of a sort
}

func openDesk(ctx context.Context, s *store.Store, shape manytickets.Desk, policy *ticket.Policy, text []byte) (*desk, error) {
	d := &desk{shape: shape, store: s, looked: map[string][]int{}}
	quiet := slog.New(slog.DiscardHandler)
	var err error
	d.temporal, err = client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1", Logger: log.NewStructuredLogger(quiet)})
	if err != nil {
		return nil, err
	}
	set, err := templates.Load(templates.Operator{Name: map[ticket.Locale]string{ticket.Chinese: "示例云", ticket.English: "Example Cloud"},
		Contact: "400-000-0000", BaseURL: "http://localhost"})
	if err != nil {
		return nil, err
	}
	planner := deadline.NewPlanner(s, s)
	d.handler, err = api.New(api.Config{Desk: actors.New(actors.Config{Store: s, Temporal: d.temporal, Planner: planner, Policy: policy, PolicyText: text,
		Log: quiet, StartBudget: time.Millisecond, ActBudget: time.Millisecond}), Store: s, Planner: planner, Templates: set, Policy: policy,
		BaseURL: "http://localhost", Log: quiet})
	if err != nil {
		return nil, err
	}
	if err := d.staff(ctx); err != nil {
		return nil, fmt.Errorf("the staff: %w", err)
	}
	return d, d.goDeep(ctx)
}

func (d *desk) close() {
	d.temporal.Close()
	_ = d.store.Close()
}

// staff are as many as the tickets are spread among, a manager, and an agent of two
// queues.
func (d *desk) staff(ctx context.Context) (err error) {
	for i := range agents {
		if err := d.hire(ctx, agent(i), ticket.Agent); err != nil {
			return err
		}
	}
	if err := d.hire(ctx, "manager", ticket.Manager); err != nil {
		return err
	}
	if err := d.hire(ctx, "limited", ticket.Agent, "info_correction", "complaint.security_incident"); err != nil {
		return err
	}
	for id, to := range map[ticket.AgentID]**browser{"manager": &d.manager, "limited": &d.limited, agent(3): &d.handling} {
		if *to, err = d.signIn(ctx, id); err != nil {
			return err
		}
	}
	d.token, _, err = d.store.CreateAPIToken(ctx, "manager", "measures")
	return err
}

const password = "correct horse battery"

func (d *desk) hire(ctx context.Context, id ticket.AgentID, role ticket.Role, queues ...ticket.Queue) error {
	err := d.store.CreateAgent(ctx, store.Agent{ID: id, Name: "成员 " + string(id), Email: string(id) + "@desk.example", Role: role, Queues: queues})
	if errors.Is(err, store.ErrExists) {
		return nil
	}
	if err != nil {
		return err
	}
	hash, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		return err
	}
	if err := d.store.SetPassword(ctx, id, hash, false); err != nil {
		return err
	}
	return d.store.EnrolFactor(ctx, id, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", 0, nil, time.Now())
}

func (d *desk) signIn(ctx context.Context, id ticket.AgentID) (*browser, error) {
	code := seal.NewToken()[:11]
	if err := d.store.RenewRecoveryCodes(ctx, id, []string{code}); err != nil {
		return nil, err
	}
	b := &browser{desk: d, cookies: map[string]string{}}
	for path, form := range map[string]url.Values{"/desk/sign-in": {"name": {string(id)}, "password": {password}}} {
		if w := b.post(path, form); w.Code != http.StatusSeeOther {
			return nil, fmt.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := b.post("/desk/second-factor", url.Values{"code": {code}}); w.Code != http.StatusSeeOther {
		return nil, fmt.Errorf("the second factor: %d", w.Code)
	}
	return b, nil
}

// goDeep finds pages far behind the first.
func (d *desk) goDeep(ctx context.Context) error {
	d.deep = map[string]store.Cursor{}
	for name, f := range map[string]store.Filter{"open": {Open: true}, "all": {}} {
		tickets := d.shape.Open
		if name == "all" {
			tickets = d.shape.Tickets / 2
		}
		f.Limit = 200
		for range max(tickets/2/f.Limit, 1) {
			page, err := d.store.Queue(ctx, f, time.Now())
			if err != nil {
				return err
			}
			if page.Next == "" {
				break
			}
			f.After = page.Next
		}
		d.deep[name] = f.After
	}
	return nil
}

// browser keeps cookies.
type browser struct {
	desk    *desk
	cookies map[string]string
}

func (b *browser) do(r *http.Request) *httptest.ResponseRecorder {
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.desk.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return w
}

func (b *browser) post(path string, form url.Values) *httptest.ResponseRecorder {
	return b.do(posted(path, form))
}

func posted(path string, form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://localhost"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

func got(path string) *http.Request {
	return httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
}

func said(path, token, body string) *http.Request {
	method := http.MethodGet
	var from io.Reader
	if body != "" {
		method, from = http.MethodPost, strings.NewReader(body)
	}
	r := httptest.NewRequest(method, "http://localhost"+path, from)
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}
