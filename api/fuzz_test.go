package api

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"rightsdesk/deadline"
	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// newWebFor is a web side for a fuzz target. Its clock runs ten seconds a look, so
// that no limit ends the run.
func newWebFor(f *testing.F) http.Handler {
	f.Helper()
	vault, err := seal.Open(seal.NewMasterKey())
	require.NoError(f, err)
	st, err := store.Open("sqlite:"+filepath.Join(f.TempDir(), "desk.db"), vault)
	require.NoError(f, err)
	f.Cleanup(func() { _ = st.Close() })
	require.NoError(f, st.Migrate(f.Context()))
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(f, err)
	temporal, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1", Logger: quiet{}})
	require.NoError(f, err)
	f.Cleanup(temporal.Close)
	set, err := templates.Load(templates.Operator{Name: map[ticket.Locale]string{ticket.Chinese: "示例云"}, BaseURL: "https://desk.example"})
	require.NoError(f, err)
	var looks atomic.Int64
	now := func() time.Time { return monday.Add(time.Duration(looks.Add(1)) * 10 * time.Second) }
	log, planner := slog.New(slog.DiscardHandler), deadline.NewPlanner(st, st)
	d := desk.New(desk.Config{Store: st, Temporal: temporal, Planner: planner, Policy: policy, PolicyText: text, Links: &linkMails{},
		Now: now, Log: log, StartBudget: time.Millisecond, ActBudget: time.Millisecond})
	f.Cleanup(d.Wait)
	handler, err := New(Config{Desk: d, Store: st, Planner: planner, Templates: set, Policy: policy, BaseURL: "https://desk.example", Log: log, Now: now})
	require.NoError(f, err)
	return handler
}

// FuzzPageAfterSignIn: one who signs in is led to a page of the console on this
// host, whatever the link said.
func FuzzPageAfterSignIn(f *testing.F) {
	for _, s := range []string{"", "/desk", "/desk/tickets/DSR-20260105-7K3F9QXM?x=1", "//evil.example", "/\\evil.example", "https://evil.example/desk", "/desk/../../x",
		"/desk/%2e%2e/x", "/desk//evil.example", "/desk\r\nLocation: x", "/desk/sign-out", "/desk/\t/x", "javascript:alert(1)", "/desk?next=//evil", "/desk/%0d%0a", "/DESK", "/desk/%2f%2fevil"} {
		f.Add(s)
	}
	base, err := url.Parse("https://desk.example/desk/sign-in")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, s string) {
		to := pageAfterSignIn(s)
		u, err := base.Parse(to)
		if err != nil || u.Host != "desk.example" || u.Scheme != "https" || u.Path != "/desk" && !strings.HasPrefix(u.Path, "/desk/") {
			t.Fatalf("%q leads to %q", s, to)
		}
		if strings.ContainsAny(to, "\r\n\\\t ") || strings.HasPrefix(to, "//") || strings.HasPrefix(u.Path, "/desk/sign") {
			t.Fatalf("%q leads to %q", s, to)
		}
		if again := pageAfterSignIn(to); again != to {
			t.Fatalf("%q leads to %q, and that to %q", s, to, again)
		}
	})
}

// typedMark is typed into everything: no answer about what was wrong repeats it.
const typedMark = "MARKED-7f3c"

// FuzzV1Body: whatever is posted to the JSON interface, the answer is a receipt
// or a problem in words; never a fault of ours, and never an echo.
func FuzzV1Body(f *testing.F) {
	w := newWebFor(f)
	paths := []string{"/tickets", "/tickets/check", "/links", "/ticket/code", "/uploads", "/ticket/replies", "/tickets/for-person"}
	whole, err := json.Marshal(v1Complaint())
	require.NoError(f, err)
	for i := range paths {
		for _, s := range []string{string(whole), `{}`, `null`, `[]`, `"x"`, `{"kind":"` + typedMark + `"}`, `{"kind":1e999}`, `{"code":"123456"}`, `{"text":"` + typedMark + `","x":` + strings.Repeat("[", 200),
			`{"number":"DSR-20260105-7K3F9QXM","email":"` + typedMark + `@example.com"}`, "\xff\xfe", `{"kind":"complaint","kind":"haircut"}`, `{"person":{"name":"\ud800"}}`, `{"uploads":[-1,99999999999]}`} {
			f.Add(byte(i), []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		r := httptest.NewRequest(http.MethodPost, v1Prefix+paths[int(which)%len(paths)], bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(v1KeyHeader, "k-0123456789abcdefghijklm")
		r.Header.Set(v1UploadHeader, "k-0123456789abcdefghijklm")
		answer := httptest.NewRecorder()
		w.ServeHTTP(answer, r)
		if answer.Code >= 500 {
			t.Fatalf("%s: %d %s", r.URL.Path, answer.Code, answer.Body)
		}
		if answer.Code >= 400 {
			var p v1Problem
			if err := json.Unmarshal(answer.Body.Bytes(), &p); err != nil || p.Code == "" || p.Title == "" {
				t.Fatalf("%s: %d %s", r.URL.Path, answer.Code, answer.Body)
			}
			if strings.Contains(answer.Body.String(), typedMark) {
				t.Fatalf("%s: the answer repeats what was sent: %s", r.URL.Path, answer.Body)
			}
		}
	})
}

// FuzzForm: whatever body the form is sent, of either encoding, the answer is a
// page, and what was typed stands in it as text only.
func FuzzForm(f *testing.F) {
	w := newWebFor(f)
	plain, mixed := "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
	for _, kind := range ticket.Kinds() {
		f.Add(string(kind), plain, []byte(filled(kind).Encode()))
	}
	for _, s := range []string{"", "a=%zz", "name=%00%ff", "do=remove_row:-9999999999999999999", "do=add_row", "change_field=name&change_field=name", "form=x&sent=-1", "text=<script>alert(1)</script>", "lang=xx&do=edit", ";;&&=="} {
		f.Add("complaint", plain, []byte(s))
		f.Add("info_correction", plain, []byte(s))
	}
	for _, s := range []string{"", "--b", "--b--", "--b\r\n\r\nx\r\n--b--", "--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.png\"\r\n\r\n\x89PNG\r\n--b--",
		"--b\r\nContent-Disposition: form-data; name=\"text\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=00\r\n--b--", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../x\"\r\n\r\n%PDF-\r\n--b\r\n"} {
		f.Add("complaint", mixed, []byte(s))
	}
	f.Fuzz(func(t *testing.T, kind, media string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/request/"+url.PathEscape(kind), bytes.NewReader(body))
		r.Header["Content-Type"] = []string{media}
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		answer := httptest.NewRecorder()
		w.ServeHTTP(answer, r)
		if answer.Code >= 500 || answer.Code == 0 {
			t.Fatalf("%d", answer.Code)
		}
		if strings.Contains(answer.Body.String(), "<script>alert") {
			t.Fatal("a script was typed, and stands in the page")
		}
	})
}
