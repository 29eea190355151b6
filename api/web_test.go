package api

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"golang.org/x/net/html"

	"rightsdesk/deadline"
	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// web is the real engine over a real store, with Temporal out of reach.
type web struct {
	t     *testing.T
	store *store.Store
	desk  *desk.Desk
	http  http.Handler
	url   string
	log   *lockedBuffer
	mails *linkMails
	now   time.Time
}

// monday is 2026-01-05 in Shanghai: a reply to what is received then is due on
// 2026-01-26 (DOMAIN.md).
var monday = time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// linkMails is a mail server for tracking links.
type linkMails struct {
	mu   sync.Mutex
	sent []desk.LinkMail
}

func (m *linkMails) SendLink(_ context.Context, mail desk.LinkMail) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = append(m.sent, mail)
	return nil
}

func newWeb(t *testing.T, change ...func(*Config)) *web {
	t.Helper()
	return newWebOn(t, "sqlite:"+filepath.Join(t.TempDir(), "desk.db"), nil, change...)
}

// newWebOn is newWeb on a database.
func newWebOn(t *testing.T, dsn string, options []store.Option, change ...func(*Config)) *web {
	t.Helper()
	vault, err := seal.Open(seal.NewMasterKey())
	require.NoError(t, err)
	st, err := store.Open(dsn, vault, options...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = st.Close() })
	require.NoError(t, st.Migrate(t.Context()))
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)
	require.NoError(t, st.SavePolicy(t.Context(), policy.Ref(), text))
	temporal, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1", Logger: quiet{}})
	require.NoError(t, err)
	t.Cleanup(temporal.Close)
	set, err := templates.Load(templates.Operator{
		Name:    map[ticket.Locale]string{ticket.Chinese: "示例云", ticket.English: "Example Cloud"},
		Contact: "400-000-0000", BaseURL: "http://localhost"})
	require.NoError(t, err)

	w := &web{t: t, store: st, log: &lockedBuffer{}, mails: &linkMails{}, now: monday}
	log := slog.New(slog.NewTextHandler(w.log, nil))
	planner := deadline.NewPlanner(st, st)
	w.desk = desk.New(desk.Config{Store: st, Temporal: temporal, Planner: planner, Policy: policy, PolicyText: text,
		Links: w.mails, Now: func() time.Time { return w.now }, Log: log, StartBudget: time.Millisecond, ActBudget: time.Millisecond})
	c := Config{Desk: w.desk, Store: st, Planner: planner, Templates: set, Policy: policy,
		BaseURL: "http://localhost", Log: log, Now: func() time.Time { return w.now }}
	for _, f := range change {
		f(&c)
	}
	handler, err := New(c)
	require.NoError(t, err)
	srv := httptest.NewServer(handler)
	t.Cleanup(func() {
		srv.Close()
		w.desk.Wait()
		if t.Failed() {
			t.Log(w.log.String())
		}
	})
	w.url, w.http = srv.URL, handler
	return w
}

type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

// browser keeps cookies and follows redirects only when told to.
type browser struct {
	w      *web
	client *http.Client
	accept string
}

func (w *web) browser(accept string) *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(w.t, err)
	return &browser{w: w, accept: accept, client: &http.Client{Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// answerPage is a response read to its end.
type answerPage struct {
	t      *testing.T
	Status int
	Header http.Header
	Body   string
	doc    *html.Node
}

func (b *browser) do(method, path, contentType string, body io.Reader) answerPage {
	b.w.t.Helper()
	req, err := http.NewRequest(method, b.w.url+path, body)
	require.NoError(b.w.t, err)
	req.Header.Set("Accept-Language", b.accept)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	resp, err := b.client.Do(req)
	require.NoError(b.w.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(b.w.t, err)
	doc, err := html.Parse(bytes.NewReader(text))
	require.NoError(b.w.t, err)
	p := answerPage{t: b.w.t, Status: resp.StatusCode, Header: resp.Header, Body: string(text), doc: doc}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		p.speaks()
	}
	return p
}

func (b *browser) get(path string) answerPage { b.w.t.Helper(); return b.do("GET", path, "", nil) }

func (b *browser) post(path string, values url.Values) answerPage {
	b.w.t.Helper()
	path = b.ofTicket(path)
	return b.do("POST", path, "application/x-www-form-urlencoded", strings.NewReader(values.Encode()))
}

// ofTicket names, as the forms of a ticket's page do, the ticket it shows.
func (b *browser) ofTicket(path string) string {
	if !strings.HasPrefix(path, "/ticket/") || strings.Contains(path, "?") {
		return path
	}
	return path + "?of=" + regexp.MustCompile(`DSR-\d{8}-[0-9A-Z]{8}`).FindString(b.get("/ticket").Body)
}

// file is an upload of a test.
type file struct{ Name, Content string }

func (b *browser) upload(path string, values url.Values, files ...file) answerPage {
	b.w.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, vs := range values {
		for _, v := range vs {
			require.NoError(b.w.t, w.WriteField(name, v))
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile("files", f.Name)
		require.NoError(b.w.t, err)
		_, _ = io.WriteString(part, f.Content)
	}
	require.NoError(b.w.t, w.Close())
	path = b.ofTicket(path)
	return b.do("POST", path, w.FormDataContentType(), &body)
}
