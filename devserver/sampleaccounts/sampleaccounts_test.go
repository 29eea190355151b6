package sampleaccounts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"rightsdesk/accounts"
)

func operator(t *testing.T, dir string) (*Server, accounts.System) {
	t.Helper()
	s, err := Start(Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	desk, err := accounts.NewWebhook(accounts.WebhookConfig{BaseURL: s.URL(), Secret: s.Secret()})
	if err != nil {
		t.Fatal(err)
	}
	return s, desk
}

func act(ref accounts.Ref, step string) accounts.Act {
	return accounts.Act{Ref: ref, Ticket: "DSR-1", IdempotencyKey: "DSR-1:" + string(ref) + ":" + step}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func refused(t *testing.T, err error, code, field string) {
	t.Helper()
	var p *accounts.PermanentError
	if !errors.As(err, &p) || p.Code != code || p.Field != field {
		t.Errorf("got %v, want %s %s", err, code, field)
	}
}

func person(t *testing.T, s *Server, ref accounts.Ref) *Person {
	t.Helper()
	for _, p := range must[[]Person](t)(s.People(t.Context())) {
		if p.Ref == ref {
			return &p
		}
	}
	return nil
}

func TestLookupTakesWhatPeopleType(t *testing.T) {
	_, desk := operator(t, t.TempDir())
	for _, typed := range []string{"zhang.wei@example.com", " Zhang.Wei@EXAMPLE.com ", "zhangwei", "13800138001", "+86 138-0013-8001"} {
		a, err := desk.Lookup(t.Context(), accounts.LookupRequest{Identifier: typed})
		if err != nil || a.Ref != "u-1001" || a.Status != accounts.Active {
			t.Fatalf("%q: %v %v", typed, a, err)
		}
		want := []accounts.Contact{{Type: accounts.Email, Value: "zhang.wei@example.com"}, {Type: accounts.Phone, Value: "13800138001"}}
		if !reflect.DeepEqual(a.Contacts, want) || a.Fields["real_name"] != "张伟" {
			t.Errorf("%q: %+v", typed, a.Fields)
		}
	}
	for _, typed := range []string{"nobody@example.com", "张伟", "北京市海淀区示例路1号", "110108199003070010"} {
		if _, err := desk.Lookup(t.Context(), accounts.LookupRequest{Identifier: typed}); !errors.Is(err, accounts.ErrNoAccount) {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

func TestCancellationEmptiesTheAccount(t *testing.T) {
	dir := t.TempDir()
	s, desk := operator(t, dir)
	ctx := t.Context()
	done := must[accounts.Done](t)
	until := time.Date(2027, 11, 23, 16, 0, 0, 0, time.UTC)
	plan := []accounts.ErasePlanItem{
		{Field: "name", Do: accounts.Anonymise}, {Field: "email", Do: accounts.Delete},
		{Field: "real_name", Do: accounts.Keep, Until: until, Basis: "留档"}, {Field: "company", Do: accounts.Keep, Until: until, Basis: "留档"}}

	_, err := desk.Erase(ctx, act("u-1001", "erase"), plan)
	refused(t, err, accounts.CodeNotStopped, "")
	_, err = desk.Purge(ctx, act("u-1001", "purge"))
	refused(t, err, accounts.CodeNotErased, "")
	done(desk.StopServices(ctx, act("u-1001", "stop")))
	_, err = desk.Erase(ctx, act("u-1001", "erase"), append(plan, accounts.ErasePlanItem{Field: "shoe_size", Do: accounts.Delete}))
	refused(t, err, accounts.CodeUnknownField, "shoe_size")
	if p := person(t, s, "u-1001"); p.Status != accounts.Stopped || len(p.Fields) != 7 {
		t.Errorf("a refused erasure changed something: %+v", p)
	}

	first := done(desk.Erase(ctx, act("u-1001", "erase"), plan))
	if want := []accounts.KeptField{{Field: "real_name", Until: until, Basis: "留档"}}; !reflect.DeepEqual(first.Kept, want) {
		t.Errorf("kept %+v", first.Kept)
	}
	if again := done(desk.Erase(ctx, act("u-1001", "erase"), plan)); !reflect.DeepEqual(again, first) {
		t.Errorf("asked again: %+v, first %+v", again, first)
	}
	p := person(t, s, "u-1001")
	if p.Status != accounts.Erased || len(p.Fields) != 1 || !strings.HasPrefix(p.Fields["name"], "匿名-") || len(p.Kept) != 1 {
		t.Errorf("left: %+v", p)
	}
	for _, typed := range []string{"zhang.wei@example.com", "zhangwei", "13800138001"} {
		if _, err := desk.Lookup(ctx, accounts.LookupRequest{Identifier: typed}); !errors.Is(err, accounts.ErrNoAccount) {
			t.Errorf("%s is still found: %v", typed, err)
		}
	}
	a := must[accounts.Account](t)(desk.Lookup(ctx, accounts.LookupRequest{Ref: "u-1001"}))
	if a.Status != accounts.Erased || len(a.Contacts) != 0 || a.Fields["real_name"] != "" {
		t.Errorf("by ref: %+v", a.Fields)
	}
	if page := get(t, s.URL()+"/"); strings.Contains(page, "zhang.wei") || strings.Contains(page, "张伟") || !strings.Contains(page, "留档至 2027-11-24") {
		t.Error("the page still shows what was erased, or not what is kept")
	}

	s.Stop()
	s, desk = operator(t, dir) // and the act is still known after a restart
	if again := done(desk.Erase(ctx, act("u-1001", "erase"), plan)); !reflect.DeepEqual(again, first) {
		t.Errorf("after a restart: %+v", again)
	}
	purged := done(desk.Purge(ctx, act("u-1001", "purge")))
	if again := done(desk.Purge(ctx, act("u-1001", "purge"))); !reflect.DeepEqual(again, purged) {
		t.Errorf("purged again: %+v", again)
	}
	if _, err := desk.Lookup(ctx, accounts.LookupRequest{Ref: "u-1001"}); !errors.Is(err, accounts.ErrNoAccount) || person(t, s, "u-1001") != nil {
		t.Errorf("after the purge: %v", err)
	}
}

func TestObstaclesPreventUntilSettledOnThePage(t *testing.T) {
	s, desk := operator(t, t.TempDir())
	list := must[[]accounts.Obstacle](t)(desk.Obstacles(t.Context(), "u-1002"))
	if len(list) != 1 || list[0].Code != accounts.UnpaidBill || list[0].ZH == "" || list[0].EN == "" {
		t.Fatalf("%+v", list)
	}
	_, err := desk.StopServices(t.Context(), act("u-1002", "stop"))
	refused(t, err, accounts.CodeObstacles, "")

	button := s.URL() + "/accounts/u-1002/settle"
	req := must[*http.Request](t)(http.NewRequest(http.MethodPost, button, nil))
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp := must[*http.Response](t)(http.DefaultClient.Do(req))
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("another site pressed the button: %d", resp.StatusCode)
	}
	resp = must[*http.Response](t)(http.PostForm(button, url.Values{}))
	resp.Body.Close()
	if list := must[[]accounts.Obstacle](t)(desk.Obstacles(t.Context(), "u-1002")); len(list) != 0 {
		t.Errorf("after settling: %+v", list)
	}
	must[accounts.Done](t)(desk.StopServices(t.Context(), act("u-1002", "stop"))) // the refusal was not remembered
	if list := must[[]accounts.Obstacle](t)(desk.Obstacles(t.Context(), "u-1003")); len(list) != 1 || list[0].Code != accounts.RunningService {
		t.Errorf("%+v", list)
	}
}

func TestCorrectionsAreAllOrNone(t *testing.T) {
	s, desk := operator(t, t.TempDir())
	ctx := t.Context()
	old, stale := "13800138004", "13900000000"
	try := func(step string, changes ...accounts.Change) error {
		_, err := desk.Correct(ctx, act("u-1004", step), changes)
		return err
	}
	name := accounts.Change{Field: "name", Value: "刘阳"}
	refused(t, try("a", name, accounts.Change{Field: "address", Value: "永久失败"}), accounts.CodeInvalidValue, "address")
	refused(t, try("b", name, accounts.Change{Field: "address", Value: "fail-permanently"}), accounts.CodeInvalidValue, "address")
	refused(t, try("c", name, accounts.Change{Field: "phone", Value: "13800138099", Expected: &stale}), accounts.CodeChangedMeanwhile, "phone")
	refused(t, try("d", name, accounts.Change{Field: "email", Value: "alice@example.com"}), accounts.CodeInvalidValue, "email")
	refused(t, try("e", name, accounts.Change{Field: "shoe_size", Value: "42"}), accounts.CodeUnknownField, "shoe_size")
	if p := person(t, s, "u-1004"); p.Fields["name"] != "刘洋" {
		t.Errorf("half a correction: %+v", p.Fields)
	}
	if err := try("f", name, accounts.Change{Field: "phone", Value: "138 0013 8099", Expected: &old}, accounts.Change{Field: "company"}); err != nil {
		t.Fatal(err)
	}
	p := person(t, s, "u-1004")
	if p.Fields["name"] != "刘阳" || p.Fields["phone"] != "13800138099" || p.Fields["company"] != "" {
		t.Errorf("%+v", p.Fields)
	}
	_, err := desk.StopServices(ctx, accounts.Act{Ref: "u-1004", Ticket: "DSR-1", IdempotencyKey: act("u-1004", "f").IdempotencyKey})
	refused(t, err, accounts.CodeKeyReused, "")
}

func TestTroubleIsTemporaryAndNothingIsDoneTwice(t *testing.T) {
	s, desk := operator(t, t.TempDir())
	change := []accounts.Change{{Field: "address", Value: "新地址"}}
	try := func() (accounts.Done, error) { return desk.Correct(t.Context(), act("u-1005", "x"), change) }
	temporary := func(when string) {
		t.Helper()
		var e *accounts.TemporaryError
		if _, err := try(); !errors.As(err, &e) || e.Status != 503 {
			t.Errorf("%s: %v", when, err)
		}
	}
	s.SetDown(true)
	temporary("down")
	s.SetDown(false)
	s.FailNext(1)
	temporary("failing once")
	if p := person(t, s, "u-1005"); len(p.Acts) != 0 {
		t.Errorf("done while down: %v", p.Acts)
	}
	s.LoseAnswers(1)
	temporary("answer lost")
	if p := person(t, s, "u-1005"); p.Fields["address"] != "新地址" {
		t.Errorf("not done though only the answer was lost: %v", p.Fields)
	}
	must[accounts.Done](t)(try())
	if p := person(t, s, "u-1005"); !reflect.DeepEqual(p.Acts, []string{"correct"}) || s.Calls("correct") != 4 {
		t.Errorf("acts %v, calls %d", p.Acts, s.Calls("correct"))
	}
}

func TestOnlyTheDeskMayCall(t *testing.T) {
	s, _ := operator(t, t.TempDir())
	resp, err := http.Post(s.URL()+"/lookup", "application/json", strings.NewReader(`{"operation":"lookup","ref":"u-1001"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("unsigned: %d", resp.StatusCode)
	}
	stranger, _ := accounts.NewWebhook(accounts.WebhookConfig{BaseURL: s.URL(), Secret: bytes.Repeat([]byte("x"), 32)})
	var e *accounts.TemporaryError
	if _, err := stranger.Lookup(t.Context(), accounts.LookupRequest{Ref: "u-1001"}); !errors.As(err, &e) || e.Code != "signature_wrong" {
		t.Errorf("wrong secret: %v", err)
	}
}

func TestPeopleAreSeededOnceAndListed(t *testing.T) {
	dir := t.TempDir()
	s, _ := operator(t, dir)
	if err := s.Add(context.Background(), "u-x", map[string]string{"name": "<b>x</b>", "email": "x@example.org"}, accounts.Balance); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	s, _ = operator(t, dir)
	var list []Person
	if err := json.Unmarshal([]byte(get(t, s.URL()+"/accounts")), &list); err != nil || len(list) != 13 {
		t.Fatalf("%d people, %v", len(list), err)
	}
	page := get(t, s.URL()+"/")
	if !strings.Contains(page, "zhang.wei@example.com") || strings.Contains(page, "<b>") || strings.Count(page, "<button") != 5 {
		t.Errorf("page: %s", page)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", url, resp.StatusCode, body)
	}
	return string(body)
}

func TestManyAccountsAreMadeOnce(t *testing.T) {
	dir := t.TempDir()
	s, desk := operator(t, dir)
	ctx := t.Context()
	for _, n := range []int{3, 3, 5, 2} {
		if err := s.AddMany(ctx, n); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(must[[]Person](t)(s.People(ctx))); n != len(people)+5 {
		t.Errorf("%d accounts", n)
	}
	last := must[accounts.Account](t)(desk.Lookup(ctx, accounts.LookupRequest{Identifier: "sample-5"}))
	if last.Ref != SampleRef(5) || len(last.Contacts) != 2 || last.Contacts[0].Value != "sample-5@example.com" {
		t.Errorf("%+v", last)
	}
}
