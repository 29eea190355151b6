package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// operations are all operations of the interface.
func (d *v1Desk) operations() []*huma.Operation {
	a, _ := d.routes()
	var out []*huma.Operation
	for _, item := range a.api.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete} {
			if op != nil {
				out = append(out, op)
			}
		}
	}
	return out
}

func v1Describes(op *huma.Operation) v1Op { return op.Metadata[v1OpKey].(v1Op) }

// exampleAsk asks for an operation as its example does.
func exampleAsk(op *huma.Operation, number ticket.Number) v1Ask {
	path := strings.NewReplacer("{number}", string(number), "{id}", "999", "{kind}", "note", "{agent}", "nobody", "{year}", "2026",
		"{version}", "1").Replace(strings.TrimPrefix(op.Path, v1Prefix))
	q := v1Ask{method: op.Method, path: path, key: ""}
	if op.Path == v1Prefix+"/deadline" {
		q.path += "?kind=complaint&received=2026-02-13T10:00:00%2B08:00"
	}
	if o := v1Describes(op); o.example != nil {
		q.body = o.example
	}
	return q
}

// Every operation of staff: without a token, with one that is none, with that of
// each role.
func TestV1WhoMayDoWhat(t *testing.T) {
	d := newV1Desk(t)
	r := d.filed()
	tokens := map[ticket.Role]string{}
	for _, role := range ticket.Roles() {
		tokens[role] = d.staff("staff-"+strings.ReplaceAll(string(role), "_", "-"), role)
	}
	seen := 0
	for _, op := range d.operations() {
		o := v1Describes(op)
		if o.who != v1Staff {
			continue
		}
		seen++
		ask := exampleAsk(op, r.Number)
		for _, token := range []string{"", "rightsdesk_nobody", "nobody", r.Link} {
			ask.token = token
			a := d.do(ask)
			a.problem(http.StatusUnauthorized, "not_authenticated")
			assert.Equal(t, "Bearer", a.Header.Get("WWW-Authenticate"), op.OperationID)
		}
		for role, token := range tokens {
			ask.token, ask.key = token, ""
			if o.key == v1Required {
				ask.key = fmt.Sprintf("key-%s-%s-0123456789abcdef", op.OperationID, role)
			}
			a := d.do(ask)
			if role.May(o.may) {
				assert.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusInternalServerError}, a.Status,
					"%s as %s: %s", op.OperationID, role, a.Text)
				continue
			}
			a.problem(http.StatusForbidden, "not_allowed")
		}
	}
	assert.Greater(t, seen, 35)
}

// The person's operations want a ticket link, and most of them a proved one.
func TestV1PersonActsNeedALink(t *testing.T) {
	d := newV1Desk(t)
	r := d.filed()
	staff := d.staff("li.wei", ticket.PrivacyOfficer)
	seen := 0
	for _, op := range d.operations() {
		o := v1Describes(op)
		if o.who != v1Holder && o.who != v1Proved {
			continue
		}
		seen++
		ask := exampleAsk(op, r.Number)
		for _, token := range []string{"", "nobody", staff} {
			ask.token = token
			d.do(ask).problem(http.StatusUnauthorized, "not_authenticated")
		}
		if o.who == v1Proved {
			ask.token = r.Link
			d.do(ask).problem(http.StatusForbidden, "identity_not_proved_here")
		}
	}
	assert.Greater(t, seen, 10)
}

func TestV1TokensEndAtOnce(t *testing.T) {
	d := newV1Desk(t)
	manager, agent := d.staff("chen.yu", ticket.Manager), d.staff("li.wei", ticket.Agent)
	d.get("/me", agent).into(http.StatusOK, nil)
	d.post("/team/li.wei/disabled", manager, v1Disabled{true}).into(http.StatusOK, nil)
	d.get("/me", agent).problem(http.StatusUnauthorized, "not_authenticated")
	d.post("/team/li.wei/disabled", manager, v1Disabled{false}).into(http.StatusOK, nil)
	d.get("/me", agent).into(http.StatusOK, nil)
	d.post("/team/chen.yu/role", manager, v1Role{ticket.Agent}).problem(http.StatusConflict, "not_oneself")

	var password v1Password
	d.post("/team/li.wei/reset", manager, nil).into(http.StatusOK, &password)
	assert.NotEmpty(t, password.Password)
	d.get("/me", agent).problem(http.StatusUnauthorized, "not_authenticated") // tokens made before the reset end with it

	var tokens v1TokenList
	d.get("/tokens", manager).into(http.StatusOK, &tokens)
	var secret v1Secret
	d.post("/tokens", manager, v1NewToken{"importer"}).into(http.StatusCreated, &secret)
	d.get("/me", secret.Secret).into(http.StatusOK, nil)
	d.do(v1Ask{method: "DELETE", path: fmt.Sprintf("/tokens/%d", secret.Token.ID), token: secret.Secret}).into(http.StatusNoContent, nil)
	d.get("/me", secret.Secret).problem(http.StatusUnauthorized, "not_authenticated")
	d.do(v1Ask{method: "DELETE", path: fmt.Sprintf("/tokens/%d", tokens.Tokens[0].ID), token: manager}).into(http.StatusNoContent, nil)
}

// What isn't there and what can't be are answered alike.
func TestV1UnknownTicketsAreAllAlike(t *testing.T) {
	d := newV1Desk(t)
	agent := d.staff("li.wei", ticket.Agent)
	one := d.get("/tickets/DSR-20260105-00000000", agent)
	one.problem(http.StatusNotFound, "not_found")
	assert.Equal(t, one.Text, d.get("/tickets/nonsense", agent).Text)
	assert.Equal(t, one.Text, d.post("/tickets/DSR-20260105-00000000/claim", agent, nil).Text)
	assert.Equal(t, one.Text, d.do(v1Ask{method: "PUT", path: "/tickets/DSR-20260105-00000000/drafts/note", token: agent, body: v1DraftText{"x"}}).Text)
	assert.Equal(t, one.Text, d.get("/no/such/thing", "").Text+"\n")
	d.do(v1Ask{method: "DELETE", path: "/queue", token: agent}).problem(http.StatusMethodNotAllowed, "method_not_allowed")
	r := d.filed()
	assert.Equal(t, one.Text, d.get("/tickets/"+string(r.Number)+"/files/7", agent).Text)
	officer := d.staff("zhou.jie", ticket.PrivacyOfficer)
	assert.Equal(t, one.Text, d.post("/tickets/DSR-20260105-00000000/retained", officer, v1Reason{"audit"}).Text)
	d.post("/tickets/"+string(r.Number)+"/retained", officer, v1Reason{"audit"}).problem(http.StatusConflict, "not_retained")
}

func TestV1LimitsWhatOneNetworkMaySend(t *testing.T) {
	d := newV1Desk(t)
	var last v1Said
	for range mostFilings + 1 {
		last = d.post("/tickets", "", `{"kind":"complaint","category":"privacy","person":{"name":"x","email":"none"},"text":"long enough a text"}`)
	}
	last.problem(http.StatusTooManyRequests, "too_many_tries")
	assert.Equal(t, "3600", last.Header.Get("Retry-After"))
	for range mostDenials + 1 {
		last = d.get("/me", "rightsdesk_guess")
	}
	last.problem(http.StatusTooManyRequests, "too_many_tries")
	d.get("/me", d.staff("li.wei", ticket.Agent)).into(http.StatusOK, nil)
}

// Keyset pages over a few hundred tickets: each once, in order, while others come.
func TestV1TheQueueIsReadPageByPage(t *testing.T) {
	d := newV1Desk(t)
	want := map[ticket.Number]bool{}
	for i := range 330 {
		want[d.fill(i)] = true
	}
	token := d.staff("li.wei", ticket.Agent)
	for _, order := range []string{"due", "received"} {
		got, next, pages := map[ticket.Number]bool{}, "", 0
		var before time.Time
		for {
			var page v1QueuePage
			d.get("/queue?limit=50&order="+order+"&after="+next, token).into(http.StatusOK, &page)
			if pages++; pages == 3 {
				d.fill(1000 + len(order)) // behind and before: nothing shifts
			}
			for _, row := range page.Tickets {
				assert.False(t, got[row.Number], "twice")
				got[row.Number] = true
				if order == "due" {
					assert.False(t, row.Reply.Due.Before(before))
					before = row.Reply.Due
				}
			}
			if next = page.Next; next == "" {
				break
			}
		}
		for n := range want {
			assert.True(t, got[n], "missing")
		}
	}
	var page v1QueuePage
	d.get("/queue?show=unassigned&kind=complaint&limit=1", token).into(http.StatusOK, &page)
	assert.Equal(t, 332, page.Total)
	cursor := page.Next
	p := d.get("/queue?order=received&after="+cursor, token).problem(http.StatusUnprocessableEntity, "invalid_input")
	assert.Equal(t, "after", p.Errors[0].Field)
	d.get("/queue?limit=201", token).problem(http.StatusUnprocessableEntity, "invalid_input")
	p = d.get("/queue?kind=holiday", token).problem(http.StatusUnprocessableEntity, "invalid_input")
	assert.Equal(t, []string{"account_cancellation", "info_correction", "complaint"}, p.Errors[0].Allowed)

	var found v1QueuePage
	for _, typed := range []string{"p7@mail.example", " P7@Mail.Example ", "p7＠mail。example"} {
		d.post("/queue/search", token, v1Search{Contact: typed}).into(http.StatusOK, &found)
		assert.Len(t, found.Tickets, 1, typed)
	}
	var counts v1Counts
	d.get("/queue/counts", token).into(http.StatusOK, &counts)
	assert.Equal(t, 332, counts.Open)
}

// fill puts a ticket into the store without the way through the desk.
func (d *v1Desk) fill(i int) ticket.Number {
	d.t.Helper()
	at := d.now.Add(time.Duration(i%90) * time.Minute)
	policy := d.desk.Policy()
	number := ticket.NewNumber(at)
	start, err := json.Marshal(contract.Start{Number: number})
	require.NoError(d.t, err)
	require.NotEmpty(d.t, start)
	_, _, err = d.store.File(d.t.Context(), store.Filing{Number: number, Kind: ticket.Complaint, Category: ticket.CategoryOther,
		Channel: ticket.ChannelWeb, Relation: ticket.Self, Locale: ticket.English, ReceivedAt: at, FiledAt: at, Policy: policy.Ref(),
		PolicyText: []byte("cn"), ReplyDue: at.AddDate(0, 0, i%7), Content: store.Content{Person: store.Person{Email: fmt.Sprintf("p%d@mail.example", i)}}})
	require.NoError(d.t, err)
	return number
}
