package accounts

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var fuzzSecret = []byte("q8Zr1mWcX0pT5vLkYb3uHs7dNf2gJe9A")

// FuzzVerify: nothing passes but what was signed with the secret, within time.
func FuzzVerify(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	body := []byte(`{"operation":"lookup","identifier":"wang"}`)
	timestamp, signature := Sign(fuzzSecret, now, body)
	f.Add(timestamp, signature, body)
	f.Add(timestamp, strings.ToUpper(signature), body)
	f.Add(timestamp+" ", signature, body)
	f.Add("+"+timestamp, signature, body)
	f.Add("", "", []byte(nil))
	f.Add("9223372036854775808", "v1=", []byte("x"))
	old, stale := Sign(fuzzSecret, now.Add(-time.Hour), body)
	f.Add(old, stale, body)
	f.Fuzz(func(t *testing.T, timestamp, signature string, body []byte) {
		err := Verify(timestamp, signature, body, now, fuzzSecret)
		if err == nil {
			want := "v1=" + strings.ToLower(strings.TrimPrefix(signature, "v1="))
			if _, right := Sign(fuzzSecret, now, body); timestamp == "1800000000" && right != want {
				t.Fatalf("%q passed for %q", signature, body)
			}
			if Verify(timestamp, signature, append(bytes.Clone(body), 'x'), now, fuzzSecret) == nil {
				t.Fatal("a longer body passed too")
			}
		}
		if Verify(timestamp, signature, body, now, []byte("short")) == nil || Verify(timestamp, signature, body, now) == nil {
			t.Fatal("passed without a secret worth the name")
		}
	})
}

// FuzzAnswer: whatever an account system answers, the desk says done only of
// what was confirmed, and no error repeats the answer.
func FuzzAnswer(f *testing.F) {
	answer := make(chan struct {
		status int
		body   []byte
	}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		a := <-answer
		w.Header().Set("Retry-After", "5")
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body)
	}))
	f.Cleanup(server.Close)
	w, err := NewWebhook(WebhookConfig{BaseURL: server.URL, Secret: fuzzSecret})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{`{}`, `{"ref":"a1","status":"active","contacts":[{"type":"email","value":"a@b.cn"}]}`, `null`, `[]`, `{"obstacles":null}`, "<html>",
		`{"reference":"x","at":"2026-01-05T10:00:00Z","kept":[{"field":"name","until":"2027-01-05T00:00:00Z","basis":"law"}]}`,
		`{"code":"no_account"}`, `{"code":"MARKED 王小明"}`, `{"obstacles":[{"code":"other","zh":"欠费","en":"owes"}]}`, `{"ref":1e999}`} {
		for _, status := range []uint16{200, 202, 404, 409, 422, 500} {
			f.Add(status, []byte(s))
		}
	}
	act := Act{Ref: "a1", IdempotencyKey: "DSR-1/erase"}
	f.Fuzz(func(t *testing.T, status uint16, body []byte) {
		code := 200 + int(status)%400
		ask := func(do func() error) error {
			answer <- struct {
				status int
				body   []byte
			}{code, body}
			err := do()
			select {
			case <-answer: // refused before it was sent
			default:
			}
			return err
		}
		check := func(err, wrong error) {
			if err == nil && (wrong != nil || code != 200 && code != 202) {
				t.Errorf("%d was taken for done: %v", code, wrong)
			}
			var refused *PermanentError
			if err != nil && !errors.As(err, &refused) && len(body) > 40 && strings.Contains(err.Error(), string(body)) {
				t.Errorf("the error repeats the answer: %v", err)
			}
		}
		var a Account
		err := ask(func() (err error) { a, err = w.Lookup(t.Context(), LookupRequest{Identifier: "wang"}); return })
		check(err, a.check())
		var d Done
		err = ask(func() (err error) { d, err = w.Purge(t.Context(), act); return })
		check(err, d.check())
		_ = ask(func() error { _, err := w.Obstacles(t.Context(), "a1"); return err })
	})
}

// FuzzRequest: a signed request that is none of the contract is refused with an
// answer, never carried out.
func FuzzRequest(f *testing.F) {
	now := func() time.Time { return time.Unix(1_800_000_000, 0) }
	handler := NewHandler(NewManual(now), now, fuzzSecret)
	for op, body := range map[string]string{
		"lookup": `{"operation":"lookup","identifier":"wang"}`, "obstacles": `{"operation":"obstacles","ref":"a1"}`,
		"erase":   `{"operation":"erase","ref":"a1","idempotency_key":"k","plan":[{"field":"name","do":"delete"}]}`,
		"correct": `{"operation":"correct","ref":"a1","idempotency_key":"k","changes":[{"field":"name","old":"a","new":"b"}]}`,
		"purge":   `{"operation":"purge"`, "nothing": `null`, "stop-services": `[1]`,
	} {
		f.Add(op, []byte(body), "k")
	}
	f.Fuzz(func(t *testing.T, op string, body []byte, key string) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.URL.Path = "/" + op
		timestamp, signature := Sign(fuzzSecret, now(), body)
		r.Header.Set(HeaderTimestamp, timestamp)
		r.Header.Set(HeaderSignature, signature)
		r.Header.Set(HeaderIdempotencyKey, key)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		if answer.Code == http.StatusOK && !bytes.Contains(body, []byte(op)) {
			t.Errorf("%s was carried out by %q", op, body)
		}
		unsigned := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		unsigned.URL.Path = "/" + op
		refused := httptest.NewRecorder()
		handler.ServeHTTP(refused, unsigned)
		if refused.Code != http.StatusUnauthorized {
			t.Errorf("without a signature: %d", refused.Code)
		}
	})
}
