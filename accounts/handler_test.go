package accounts

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
)

// script is a System that answers as a test tells it.
type script struct {
	Manual
	account   Account
	obstacles []Obstacle
	err       error
	act       Act
	changes   []Change
}

func (s *script) Lookup(context.Context, LookupRequest) (Account, error) { return s.account, s.err }

func (s *script) Obstacles(context.Context, Ref) ([]Obstacle, error) { return s.obstacles, s.err }

func (s *script) Correct(ctx context.Context, act Act, changes []Change) (Done, error) {
	s.act, s.changes = act, changes
	if s.err != nil {
		return Done{}, s.err
	}
	return s.Manual.Correct(ctx, act, changes)
}

func TestWebhookAndHandlerUnderstandEachOther(t *testing.T) {
	s := &script{Manual: NewManual(clock)}
	server := httptest.NewServer(NewHandler(s, clock, testSecret))
	defer server.Close()
	w := webhookTo(t, server.URL)

	s.account = Account{Ref: "u-1", Status: Active,
		Contacts: []Contact{{Type: Email, Value: "zhang.wei@example.com"}, {Type: Phone, Value: "13800138001"}},
		Fields:   map[string]string{"name": "张伟", "company": "和信会"}}
	got, err := w.Lookup(t.Context(), LookupRequest{Identifier: "zhang.wei@example.com"})
	if err != nil || !reflect.DeepEqual(got, s.account) {
		t.Errorf("lookup: %+v %v", got, err)
	}

	list, err := w.Obstacles(t.Context(), "u-1")
	if err != nil || len(list) != 0 {
		t.Errorf("no obstacles: %v %v", list, err)
	}
	s.obstacles = []Obstacle{{UnpaidBill, "有未付账单", "There is an unpaid bill"}}
	list, err = w.Obstacles(t.Context(), "u-1")
	if err != nil || !reflect.DeepEqual(list, s.obstacles) {
		t.Errorf("obstacles: %v %v", list, err)
	}

	act := Act{Ref: "u-1", Ticket: "DSR-1", IdempotencyKey: "DSR-1:correct"}
	old := ""
	changes := []Change{{Field: "phone", Value: "13800138009", Expected: &old}, {Field: "name", Value: ""}}
	done, err := w.Correct(t.Context(), act, changes)
	if err != nil || !done.Pending || !done.At.Equal(testTime) || done.Reference != "manual:DSR-1:correct" {
		t.Errorf("correct: %+v %v", done, err)
	}
	if s.act != act || !reflect.DeepEqual(s.changes, changes) {
		t.Errorf("arrived: %+v %+v", s.act, s.changes)
	}

	until := testTime.AddDate(1, 0, 0)
	done, err = w.Erase(t.Context(), act, []ErasePlanItem{{Field: "name", Do: Delete}, {Field: "real_name", Do: Keep, Until: until, Basis: "law"}})
	if err != nil || !reflect.DeepEqual(done.Kept, []KeptField{{"real_name", until, "law"}}) {
		t.Errorf("erase: %+v %v", done, err)
	}

	for _, c := range []struct {
		err  error
		want string
	}{
		{ErrNoAccount, "none"},
		{Permanent(CodeChangedMeanwhile, "phone", "words"), "permanent:changed_meanwhile"},
		{Permanent(CodeUnknownField, "shoe_size", "words"), "permanent:unknown_field"},
		{errors.New("disk full " + marked), "temporary"},
	} {
		s.err = c.err
		_, err := w.Correct(t.Context(), act, changes)
		if class(err) != c.want || strings.Contains(err.Error(), "MARKED") {
			t.Errorf("%v became %v", c.err, err)
		}
		var refused *PermanentError
		if errors.As(err, &refused) && refused.Words() != "words" {
			t.Errorf("words lost: %q", refused.Words())
		}
	}
}

func TestHandlerRefusesWhatTheDeskDidNotSign(t *testing.T) {
	h := NewHandler(NewManual(clock), clock, testSecret)
	purge := `{"operation":"purge","ref":"u-1","ticket":"DSR-1","idempotency_key":"k"}`
	send := func(path, body, key string, at time.Time, secret []byte) (int, string) {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		if secret != nil {
			timestamp, signature := Sign(secret, at, []byte(body))
			r.Header.Set(HeaderTimestamp, timestamp)
			r.Header.Set(HeaderSignature, signature)
		}
		r.Header.Set(HeaderIdempotencyKey, key)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		b, _ := io.ReadAll(w.Body)
		return w.Code, string(b)
	}
	for _, c := range []struct {
		name, path, body, key string
		at                    time.Time
		secret                []byte
		status                int
		code                  string
	}{
		{"signed", "/purge", purge, "k", testTime, testSecret, 200, "manual:k"},
		{"unsigned", "/purge", purge, "k", testTime, nil, 401, "signature_missing"},
		{"stale", "/purge", purge, "k", testTime.Add(-6 * time.Minute), testSecret, 401, "signature_stale"},
		{"wrong secret", "/purge", purge, "k", testTime, bytes.Repeat([]byte("y"), 32), 401, "signature_wrong"},
		{"replayed elsewhere", "/stop-services", purge, "k", testTime, testSecret, 401, "signature_for_another_request"},
		{"another key", "/purge", purge, "k2", testTime, testSecret, 401, "signature_for_another_request"},
		{"no JSON", "/purge", "{", "", testTime, testSecret, 400, "bad_json"},
		{"no ticket", "/purge", `{"operation":"purge","ref":"u-1","idempotency_key":"k"}`, "k", testTime, testSecret, 400, "bad_request"},
		{"too long", "/purge", strings.Repeat(" ", maxRequest+1), "k", testTime, testSecret, 413, "too_large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, body := send(c.path, c.body, c.key, c.at, c.secret)
			if status != c.status || !strings.Contains(body, c.code) {
				t.Errorf("%d %s", status, body)
			}
		})
	}
}
