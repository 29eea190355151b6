package api

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// What a workflow refuses is said in its words, in the language asked for.
func TestV1RefusalsOfTheWorkflowAreConflictsInWords(t *testing.T) {
	d := newV1Desk(t)
	r := d.filed()
	token := d.staff("li.wei", ticket.Agent)
	d.says = func(string) (contract.Done, error) {
		return contract.Done{}, workflowRefuses("already_answered", "agent", "zhao.min", "at", "2026-03-03T02:00:00Z")
	}
	path := "/tickets/" + string(r.Number) + "/ask"
	p := d.post(path, token, v1Question{Lease: 1, Text: "Which account?"}).problem(http.StatusConflict, "already_answered")
	assert.Equal(t, "This was already answered by zhao.min on 3 March 2026, 10:00", p.Detail)
	zh := d.do(v1Ask{method: "POST", path: path, token: token, body: v1Question{Lease: 1, Text: "哪个账号?"},
		header: map[string]string{"Accept-Language": "zh-CN,zh;q=0.9"}})
	assert.Contains(t, zh.Text, "zhao.min")
	assert.Contains(t, zh.Text, "答复")
	assert.Equal(t, "zh-CN", zh.Header.Get("Content-Language"))

	var all v1Ticket
	d.get("/tickets/"+string(r.Number), token).into(http.StatusOK, &all)
	assert.Equal(t, []v1Draft{{Kind: "question", Text: "哪个账号?"}}, all.Personal.Drafts, "refused words stay as a draft")
	assert.Empty(t, all.Personal.Messages)
}

func TestV1ActsReachTheWorkflowOnce(t *testing.T) {
	d := newV1Desk(t)
	r := d.filed()
	token := d.staff("li.wei", ticket.Agent)
	told := map[string]int{}
	d.says = func(update string) (contract.Done, error) {
		told[update]++
		return contract.Done{Rev: 7, Stage: ticket.InProgress, Lease: 3}, nil
	}
	key := seal.NewToken()
	var done v1Done
	for range 3 {
		d.do(v1Ask{method: "POST", path: "/tickets/" + string(r.Number) + "/claim", token: token, key: key}).into(http.StatusOK, &done)
	}
	assert.Equal(t, v1Done{Revision: 7, Stage: ticket.InProgress, Lease: 3}, done)
	assert.Equal(t, 1, told[contract.UpdateClaim])
	// The key is its owner's: another agent with the same key does their own act.
	other := d.staff("zhao.min", ticket.Lead)
	d.do(v1Ask{method: "POST", path: "/tickets/" + string(r.Number) + "/claim", token: other, key: key}).into(http.StatusOK, nil)
	assert.Equal(t, 2, told[contract.UpdateClaim])
	d.do(v1Ask{method: "POST", path: "/tickets/" + string(r.Number) + "/acknowledge", token: other, key: key}).
		problem(http.StatusUnprocessableEntity, "idempotency_key_reused")
	d.post("/tickets/"+string(r.Number)+"/note", token, v1NoteText{Text: "Called back."}).into(http.StatusOK, nil)
	d.post("/tickets/"+string(r.Number)+"/decide", token, v1Decide{Lease: 3, Outcome: ticket.Accepted, Text: "Done."}).into(http.StatusOK, nil)
}

func TestV1DecisionsAreCheckedFirst(t *testing.T) {
	d := newV1Desk(t)
	token := d.staff("li.wei", ticket.Agent)
	d.says = func(string) (contract.Done, error) { return contract.Done{}, errors.New("must not be asked") }
	decide := "/tickets/" + string(d.filed().Number) + "/decide"
	fields := func(a v1Said) map[string]string {
		out := map[string]string{}
		for _, e := range a.problem(http.StatusUnprocessableEntity, "invalid_input").Errors {
			out[e.Field] = e.Code
		}
		return out
	}
	assert.Equal(t, map[string]string{"outcome": "required"}, fields(d.post(decide, token, `{"lease":1,"text":"Done."}`)))
	assert.Equal(t, map[string]string{"reason": "required"}, fields(d.post(decide, token, `{"lease":1,"outcome":"partly","text":"Done."}`)))
	assert.Equal(t, map[string]string{"outcome": "unknown_choice"}, fields(d.post(decide, token, `{"lease":1,"outcome":"withdrawn","text":"Done."}`)))
	assert.Equal(t, map[string]string{"text": "required", "lease": "required"}, fields(d.post(decide, token, `{"outcome":"accepted"}`)))

	correction := V1Request{Kind: ticket.InfoCorrection, Person: v1Person{Name: "Wang", Email: "w@mail.example", Account: "wang"},
		Changes: []v1Change{{Field: "address", Old: "A", Proposed: "B"}, {Field: "company", Proposed: "C"}}}
	var r v1Receipt
	d.post("/tickets", "", correction).into(http.StatusCreated, &r)
	decide = "/tickets/" + string(r.Number) + "/decide"
	assert.Equal(t, map[string]string{"fields": "required", "fields[0].reason": "required", "reason": "required"},
		fields(d.post(decide, token, `{"lease":1,"text":"Done.","fields":[{"field":"address","accept":false}]}`)))
	p := d.post("/tickets/"+string(r.Number)+"/approve", token, v1Approve{}).problem(http.StatusUnprocessableEntity, "invalid_input")
	assert.Equal(t, "reason", p.Errors[0].Field)
}

func TestV1SaysWhatIsAwayAndWhenToComeBack(t *testing.T) {
	d := newV1Desk(t)
	r := d.filed()
	token := d.staff("li.wei", ticket.Agent)
	a := d.post("/tickets/"+string(r.Number)+"/claim", token, nil)
	a.problem(http.StatusServiceUnavailable, "workflow_engine_away")
	assert.Equal(t, "15", a.Header.Get("Retry-After"))

	// What a person sends is stored all the same.
	link, err := d.store.NewLink(t.Context(), r.Number, store.LinkTrack, true, d.now, time.Hour)
	require.NoError(t, err)
	var done v1Outcome
	d.post("/ticket/replies", link, v1Reply{Text: "One more thing."}).into(http.StatusCreated, &done)
	assert.True(t, done.Pending)

	require.NoError(t, d.store.Close())
	for _, ask := range []v1Ask{{method: "POST", path: "/tickets", key: seal.NewToken(), body: v1Complaint()}, {method: "GET", path: "/queue", token: token},
		{method: "GET", path: "/ticket", token: link}} {
		a := d.do(ask)
		a.problem(http.StatusServiceUnavailable, "database_away")
		assert.Equal(t, "30", a.Header.Get("Retry-After"))
	}
	require.Equal(t, http.StatusOK, d.do(v1Ask{method: "GET", path: "/policy"}).Status, "what is promised is known without a database")
}

// The person proves who they are, reads, writes, and is told as much as on the page.
func TestV1APersonGoesFromCodeToReply(t *testing.T) {
	d := newV1Desk(t)
	r := d.filed()
	d.says = func(string) (contract.Done, error) { return contract.Done{Stage: ticket.Triage}, nil }
	id, code, err := d.store.IssueCode(t.Context(), r.Number, "code-1", ticket.LevelContact, contract.ToTyped, "wang@mail.example", d.now, 10*time.Minute)
	require.NoError(t, err)
	require.NotZero(t, id)

	wrongCode := "000000"
	if code == wrongCode {
		wrongCode = "000001"
	}
	p := d.post("/ticket/code", r.Link, v1CodeEntry{wrongCode}).problem(http.StatusUnprocessableEntity, "invalid_input")
	assert.Equal(t, "code_wrong", p.Errors[0].Code)
	var proof v1Proof
	d.post("/ticket/code", r.Link, v1CodeEntry{code[:3] + " " + code[3:]}).into(http.StatusOK, &proof)
	assert.Equal(t, ticket.LevelContact, proof.Level)

	key := seal.NewToken()
	for range 2 {
		d.do(v1Ask{method: "POST", path: "/ticket/replies", token: proof.Link, key: key, body: v1Reply{Text: "The number ends in 00."}}).into(http.StatusCreated, nil)
	}
	var own v1Tracked
	d.get("/ticket", proof.Link).into(http.StatusOK, &own)
	assert.True(t, own.Proved)
	assert.Equal(t, "Wang Xiaoming", own.Request.Person.Name)
	assert.Equal(t, "+8613800000000", own.Request.Person.Phone)
	require.Len(t, own.Messages, 1)
	assert.Equal(t, "The number ends in 00.", own.Messages[0].Text)

	p = d.post("/ticket/consequences", proof.Link, v1Consequences{}).problem(http.StatusUnprocessableEntity, "invalid_input")
	assert.Equal(t, "understood", p.Errors[0].Field)
	p = d.post("/ticket/not-solved", proof.Link, v1Appeal{" "}).problem(http.StatusUnprocessableEntity, "invalid_input")
	assert.Equal(t, "text", p.Errors[0].Field)
	d.post("/ticket/answer-read", proof.Link, v1AnswerRead{5}).problem(http.StatusNotFound, "not_found")
	d.post("/ticket/withdrawal", proof.Link, nil).into(http.StatusOK, nil)
}

// Asking for a link is answered alike whether or not there is such a ticket.
func TestV1AskingForALinkGivesNothingAway(t *testing.T) {
	d := newV1Desk(t)
	r := d.filed()
	right := d.post("/links", "", v1LinkRequest{string(r.Number), "wang@mail.example"})
	stranger := d.post("/links", "", v1LinkRequest{string(r.Number), "other@mail.example"})
	nothing := d.post("/links", "", v1LinkRequest{"DSR-20260105-ZZZZZZZZ", "wang@mail.example"})
	right.into(http.StatusAccepted, nil)
	assert.Equal(t, right.Text, stranger.Text)
	assert.Equal(t, right.Text, nothing.Text)
}

// What is retained is opened by the privacy officer, on record each time, and its
// answer is kept nowhere.
func TestV1RetainedDataIsOpenedOnRecordEachTime(t *testing.T) {
	d := newV1Desk(t)
	r := d.filed()
	require.NoError(t, d.store.SaveAccount(t.Context(), r.Number, store.AccountSnapshot{Fields: map[string]string{"phone": "+8613800000000"}}))
	until := d.now.AddDate(1, 0, 0)
	require.NoError(t, d.store.LockAway(t.Context(), r.Number, []store.KeptField{{Field: "phone", Until: until, Basis: "5.4.1"}}, until))
	officer := d.staff("zhou.jie", ticket.PrivacyOfficer)
	key := seal.NewToken()
	for range 2 {
		var kept v1Retained
		a := d.do(v1Ask{method: "POST", path: "/tickets/" + string(r.Number) + "/retained", token: officer, key: key, body: v1Reason{"audit"}})
		a.into(http.StatusOK, &kept)
		assert.Equal(t, "+8613800000000", kept.Fields[0].Value)
		assert.Empty(t, a.Header.Get(v1Replayed))
	}
	events, err := d.store.Events(t.Context(), r.Number)
	require.NoError(t, err)
	opened := 0
	for _, e := range events {
		if e.Act == contract.ActRetainedOpened {
			opened++
		}
	}
	assert.Equal(t, 2, opened)
	var all v1Ticket
	d.get("/tickets/"+string(r.Number), officer).into(http.StatusOK, &all)
	assert.Nil(t, all.Personal)
	p := d.post("/tickets/"+string(r.Number)+"/retained", officer, v1Reason{"  "}).problem(http.StatusUnprocessableEntity, "invalid_input")
	assert.Equal(t, "reason", p.Errors[0].Field)
}

func TestV1DeadlinesAreExplainedDayByDay(t *testing.T) {
	d := newV1Desk(t)
	r := d.filed()
	token := d.staff("li.wei", ticket.Agent)
	var why v1Explained
	d.get("/deadline?kind=complaint&received=2026-02-13T10:00:00%2B08:00", token).into(http.StatusOK, &why)
	assert.Equal(t, "2026-03-12T23:59:59+08:00", why.Due.Format(time.RFC3339))
	counted := 0
	for _, day := range why.Days {
		if day.N > 0 {
			counted++
		}
	}
	assert.Equal(t, 15, counted)
	d.get("/tickets/"+string(r.Number)+"/deadline", token).into(http.StatusOK, &why)
	assert.True(t, why.Due.Equal(r.ReplyDue))
	p := d.get("/deadline?kind=complaint&received=2026-02-13", token).problem(http.StatusUnprocessableEntity, "invalid_input")
	assert.Equal(t, "time_invalid", p.Errors[0].Code)
	p = d.get("/deadline?received=2026-02-13T10:00:00Z", token).problem(http.StatusUnprocessableEntity, "invalid_input")
	assert.Equal(t, "required", p.Errors[0].Code)
}

func TestV1SchedulesAreLoadedByManagersAndMended(t *testing.T) {
	d := newV1Desk(t)
	token := d.staff("chen.yu", ticket.Manager)
	load := func(text string) v1Said {
		return d.do(v1Ask{method: "POST", path: "/calendar/schedules", token: token, body: []byte(text),
			header: map[string]string{"Content-Type": "text/tab-separated-values"}})
	}
	p := load("2027-01-01\tMARKED-9f3a\tx\n").problem(http.StatusUnprocessableEntity, "invalid_input")
	assert.Equal(t, "schedule_invalid", p.Errors[0].Code)
	assert.Contains(t, p.Errors[0].Detail, "line 1")
	assert.NotContains(t, p.Errors[0].Detail, marked)
	d.get("/calendar/rollouts/1", token).problem(http.StatusNotFound, "not_found")
	var rollout v1Rollout
	load("# covers: 2027\n2027-01-01\tholiday\t元旦\n").into(http.StatusOK, &rollout)
	assert.Equal(t, contract.CalendarVersion(1), rollout.Version)
	d.get("/calendar/rollouts/1", token).into(http.StatusOK, &rollout)
	var calendar v1Calendar
	d.get("/calendar", token).into(http.StatusOK, &calendar)
	assert.True(t, calendar.Years[2].Published)
	assert.Equal(t, []string{"2027-02-05", "2027-02-08", "2027-04-05", "2027-06-09", "2027-09-15", "2027-10-01"}, calendar.Years[2].FestivalsWorked)
	assert.Empty(t, calendar.Years[1].FestivalsWorked)
	var year v1Year
	d.get("/calendar/2026", token).into(http.StatusOK, &year)
	assert.Len(t, year.Days, 365)
	assert.True(t, year.Published)
}
