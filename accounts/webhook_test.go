package accounts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// goldenSignature was made with openssl, see docs/account-system.md.
const goldenSignature = "v1=a1bb4e2976ec2bb4269f6525668b69d9de3d45f05c049d446adf0f18a65aad06"

// marked stands for personal data wherever it may come up.
const marked = "MARKED-zhang.wei@example.com"

func clock() time.Time { return testTime }

func webhookTo(t *testing.T, url string) *Webhook {
	t.Helper()
	w, err := NewWebhook(WebhookConfig{BaseURL: url, Secret: testSecret, Timeout: 2 * time.Second, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestRequestsAreTheDocumentedOnes(t *testing.T) {
	var got *http.Request
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, body = r, string(b)
		io.WriteString(w, `{"reference":"op-1","at":"2026-11-23T01:30:00Z"}`)
	}))
	defer server.Close()
	w := webhookTo(t, server.URL+"/base/")
	act := Act{Ref: "u-1001", Ticket: "DSR-20261123-7K3F9QXM", IdempotencyKey: "DSR-20261123-7K3F9QXM:erase"}
	old := "张伟"
	until := time.Date(2027, 11, 23, 16, 0, 0, 0, time.UTC)
	const head = `"ref":"u-1001","ticket":"DSR-20261123-7K3F9QXM","idempotency_key":"DSR-20261123-7K3F9QXM:erase"`
	cases := []struct {
		call       func() error
		path, body string
	}{
		{func() error { _, err := w.StopServices(t.Context(), act); return err }, "/base/stop-services",
			`{"operation":"stop-services",` + head + `}`},
		{func() error {
			_, err := w.Erase(t.Context(), act, []ErasePlanItem{
				{Field: "email", Do: Delete}, {Field: "name", Do: Anonymise},
				{Field: "real_name", Do: Keep, Until: until, Basis: "网络安全法第二十一条"}})
			return err
		}, "/base/erase",
			`{"operation":"erase",` + head + `,"plan":[{"field":"email","do":"delete"},{"field":"name","do":"anonymise"},` +
				`{"field":"real_name","do":"keep","until":"2027-11-23T16:00:00Z","basis":"网络安全法第二十一条"}]}`},
		{func() error {
			_, err := w.Correct(t.Context(), act, []Change{{Field: "name", Value: "张维", Expected: &old}})
			return err
		}, "/base/correct",
			`{"operation":"correct",` + head + `,"changes":[{"field":"name","value":"张维","expected":"张伟"}]}`},
		{func() error { _, err := w.Purge(t.Context(), act); return err }, "/base/purge",
			`{"operation":"purge",` + head + `}`},
	}
	for _, c := range cases {
		if err := c.call(); err != nil {
			t.Fatalf("%s: %v", c.path, err)
		}
		if got.Method != http.MethodPost || got.URL.Path != c.path || body != c.body {
			t.Errorf("%s %s\n got %s\nwant %s", got.Method, got.URL.Path, body, c.body)
		}
		if got.Header.Get("Idempotency-Key") != act.IdempotencyKey {
			t.Errorf("%s: Idempotency-Key %q", c.path, got.Header.Get("Idempotency-Key"))
		}
		if err := Verify(got.Header.Get("Rightsdesk-Timestamp"), got.Header.Get("Rightsdesk-Signature"), []byte(body), testTime, testSecret); err != nil {
			t.Errorf("%s: %v", c.path, err)
		}
	}
}

func TestEachAnswerFallsIntoItsClass(t *testing.T) {
	const ok = `{"reference":"op-1","at":"2026-11-23T01:30:00Z"}`
	cases := []struct {
		status int
		body   string
		want   string // done, none, permanent:<code>, temporary
	}{
		{200, ok, "done"},
		{202, `{"reference":"op-1","pending":true,"at":"2026-11-23T01:30:00Z"}`, "done"},
		{404, `{"code":"no_account"}`, "none"},
		{404, `<h1>Not Found</h1>` + marked, "temporary"},
		{409, `{"code":"changed_meanwhile","field":"name","message":"` + marked + `"}`, "permanent:changed_meanwhile"},
		{422, `{"code":"invalid_value","message":"` + marked + `"}`, "permanent:invalid_value"},
		{422, `{"code":"` + marked + `","field":"` + marked + `"}`, "permanent:unspecified"},
		{422, marked, "temporary"},
		{200, `{}`, "temporary"},
		{200, marked, "temporary"},
		{200, `{"reference":"op-1"}`, "temporary"},
		{200, strings.Repeat(" ", maxAnswer) + ok, "temporary"},
		{204, ``, "temporary"},
		{302, ``, "temporary"},
		{400, `{"code":"` + marked + `"}`, "temporary"},
		{401, `{"code":"signature_stale"}`, "temporary"},
		{429, ``, "temporary"},
		{500, marked, "temporary"},
		{503, ``, "temporary"},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.status, " ", c.body[:min(len(c.body), 30)]), func(t *testing.T) {
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls++
				w.Header().Set("Location", "/elsewhere")
				w.Header().Set("Retry-After", "90")
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			}))
			defer server.Close()
			_, err := webhookTo(t, server.URL).Correct(t.Context(),
				Act{Ref: "u-1", Ticket: "DSR-1", IdempotencyKey: "k"}, []Change{{Field: "name", Value: marked}})
			if got := class(err); got != c.want {
				t.Errorf("class %s (%v), want %s", got, err, c.want)
			}
			if err != nil && strings.Contains(fmt.Sprintf("%v %+v", err, err), "MARKED") {
				t.Errorf("personal data in the error: %v", err)
			}
			if calls != 1 {
				t.Errorf("%d calls", calls)
			}
			var temporary *TemporaryError
			if errors.As(err, &temporary) && temporary.Status == 429 && temporary.RetryAfter != 90*time.Second {
				t.Errorf("retry after %v", temporary.RetryAfter)
			}
		})
	}
}

func class(err error) string {
	var refused *PermanentError
	var temporary *TemporaryError
	switch {
	case err == nil:
		return "done"
	case errors.Is(err, ErrNoAccount):
		return "none"
	case errors.As(err, &refused):
		return "permanent:" + refused.Code
	case errors.As(err, &temporary):
		return "temporary"
	}
	return "unknown"
}

func TestNoAnswerIsTemporary(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	w := webhookTo(t, server.URL)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := w.Lookup(ctx, LookupRequest{Identifier: marked})
	if class(err) != "temporary" || !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "MARKED") {
		t.Errorf("slow: %v", err)
	}
	server.CloseClientConnections()
	server.Close()
	_, err = w.Lookup(t.Context(), LookupRequest{Identifier: marked})
	if class(err) != "temporary" || strings.Contains(err.Error(), "MARKED") {
		t.Errorf("away: %v", err)
	}
}

func TestConfigurationThatLeaksIsRefused(t *testing.T) {
	for _, c := range []struct {
		url    string
		secret []byte
		plain  bool
		ok     bool
	}{
		{"https://accounts.example.com/rightsdesk", testSecret, false, true},
		{"http://127.0.0.1:9000", testSecret, false, true},
		{"http://localhost:9000", testSecret, false, true},
		{"http://accounts:9000", testSecret, true, true},
		{"http://accounts.example.com", testSecret, false, false},
		{"https://user:pw@accounts.example.com", testSecret, false, false},
		{"ftp://accounts.example.com", testSecret, true, false},
		{"accounts.example.com", testSecret, false, false},
		{"", testSecret, false, false},
		{"https://accounts.example.com", testSecret[:31], false, false},
	} {
		_, err := NewWebhook(WebhookConfig{BaseURL: c.url, Secret: c.secret, AllowPlainHTTP: c.plain})
		if (err == nil) != c.ok {
			t.Errorf("%q: %v", c.url, err)
		}
	}
}

func TestValuesNeverPrint(t *testing.T) {
	text := fmt.Sprint(Account{Status: Active, Fields: map[string]string{"name": marked}},
		LookupRequest{Identifier: marked}, Change{Field: "name", Value: marked}, Permanent("x", "", marked))
	if strings.Contains(text, "MARKED") {
		t.Error(text)
	}
}
