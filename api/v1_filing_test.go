package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// The receipt comes although Temporal is away, and its link tells how it stands.
func TestV1FilingGivesAReceiptWhileTemporalIsAway(t *testing.T) {
	d := newV1Desk(t)
	r := d.filed()
	_, ok := ticket.ParseNumber(string(r.Number))
	assert.True(t, ok)
	assert.Equal(t, "2026-01-26T23:59:59+08:00", r.ReplyDue.Format(time.RFC3339))
	assert.False(t, r.Provisional)
	assert.Equal(t, "wang@mail.example", r.Email)

	var own v1Tracked
	d.get("/ticket", r.Link).into(http.StatusOK, &own)
	assert.Equal(t, r.Number, own.Number)
	assert.False(t, own.Proved)
	assert.Nil(t, own.Request, "nothing that was written shows before identity is proved")
	assert.Contains(t, own.Acts, "code")

	n, err := d.store.PendingCount(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, n, "the start waits for Temporal")
}

func TestV1TheSameKeyIsTheSameTicket(t *testing.T) {
	d := newV1Desk(t)
	key := seal.NewToken()
	first := d.do(v1Ask{method: "POST", path: "/tickets", key: key, body: v1Complaint()})
	again := d.do(v1Ask{method: "POST", path: "/tickets", key: key, body: v1Complaint()})
	first.into(http.StatusCreated, nil)
	assert.Equal(t, first.Text, again.Text)
	assert.Equal(t, "true", again.Header.Get(v1Replayed))
	assert.Equal(t, first.Header.Get("Content-Type"), again.Header.Get("Content-Type"))

	other := v1Complaint()
	other.Text = "Something else altogether."
	d.do(v1Ask{method: "POST", path: "/tickets", key: key, body: other}).problem(http.StatusUnprocessableEntity, "idempotency_key_reused")

	// The ticket outlives the kept answer.
	d.now = d.now.Add(25 * time.Hour)
	var late v1Receipt
	d.do(v1Ask{method: "POST", path: "/tickets", key: key, body: v1Complaint()}).into(http.StatusCreated, &late)
	assert.Contains(t, first.Text, late.Number)
}

func TestV1ParallelDoublePostIsOneTicket(t *testing.T) {
	d := newV1Desk(t)
	key := seal.NewToken()
	answers := make([]v1Said, 12)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = d.do(v1Ask{method: "POST", path: "/tickets", key: key, body: v1Complaint()}) })
	}
	wg.Wait()
	texts := map[string]bool{}
	for _, a := range answers {
		if a.Status == http.StatusConflict {
			assert.Equal(t, "1", a.Header.Get("Retry-After"))
			a.problem(http.StatusConflict, "request_in_progress")
			continue
		}
		a.into(http.StatusCreated, nil)
		texts[a.Text] = true
	}
	assert.Len(t, texts, 1)
	page, err := d.store.Queue(t.Context(), store.Filter{}, d.now)
	require.NoError(t, err)
	assert.Equal(t, 1, page.Total)
}

func TestV1FilingNeedsAKeyThatCantBeGuessed(t *testing.T) {
	d := newV1Desk(t)
	d.do(v1Ask{method: "POST", path: "/tickets", body: v1Complaint()}).problem(http.StatusBadRequest, "idempotency_key_required")
	for _, weak := range []string{"1", "order-17", strings.Repeat("a", 40), strings.Repeat("ab", 70), "含有中文的键含有中文的键"} {
		p := d.do(v1Ask{method: "POST", path: "/tickets", key: weak, body: v1Complaint()}).problem(http.StatusBadRequest, "idempotency_key_weak")
		assert.Equal(t, "header", p.Errors[0].In)
	}
}

// What was refused may be tried again under the same key once it is mended.
func TestV1ARefusedRequestDoesNotUseUpItsKey(t *testing.T) {
	d := newV1Desk(t)
	key := seal.NewToken()
	bad := v1Complaint()
	bad.Person.Email = "nobody"
	p := d.do(v1Ask{method: "POST", path: "/tickets", key: key, body: bad}).problem(http.StatusUnprocessableEntity, "invalid_input")
	assert.Equal(t, "person.email", p.Errors[0].Field)
	d.do(v1Ask{method: "POST", path: "/tickets", key: key, body: v1Complaint()}).into(http.StatusCreated, nil)
}

// marked are values of a person that no answer to a refused request repeats.
const marked = "MARKED-9f3a"

func TestV1ErrorsNeverRepeatWhatWasSent(t *testing.T) {
	d := newV1Desk(t)
	staff := d.staff("li.wei", ticket.Manager)
	for name, body := range map[string]string{
		"e-mail":          `{"kind":"complaint","category":"privacy","person":{"name":"x","email":"MARKED-9f3a nobody"},"text":"long enough a text"}`,
		"phone":           `{"kind":"complaint","category":"privacy","person":{"name":"x","email":"a@b.example","phone":"MARKED-9f3a"},"text":"long enough a text"}`,
		"kind":            `{"kind":"MARKED-9f3a","person":{"name":"x"}}`,
		"category":        `{"kind":"complaint","category":"MARKED-9f3a","person":{"name":"x"}}`,
		"wrong type":      `{"kind":"complaint","person":"MARKED-9f3a"}`,
		"number as text":  `{"kind":"complaint","person":{"name":"x"},"uploads":["MARKED-9f3a"]}`,
		"unknown field":   `{"kind":"complaint","person":{"name":"x"},"note":"MARKED-9f3a"}`,
		"a name as key":   `{"kind":"complaint","person":{"name":"x"},"王小明 MARKED-9f3a":1}`,
		"broken":          `{"kind":"complaint","MARKED-9f3a`,
		"field":           `{"kind":"info_correction","person":{"name":"x","email":"a@b.example","account":"a"},"changes":[{"field":"MARKED-9f3a","proposed":"y"}]}`,
		"too long":        fmt.Sprintf(`{"kind":"complaint","category":"privacy","person":{"name":%q,"email":"a@b.example"},"text":"long enough a text"}`, strings.Repeat(marked, 40)),
		"relation":        `{"kind":"complaint","relation":"MARKED-9f3a","person":{"name":"x"}}`,
		"received at":     `{"channel":"phone","received_at":"MARKED-9f3a","kind":"complaint","person":{"name":"x"}}`,
		"a number so big": `{"kind":"complaint","person":{"name":"x"},"uploads":[93939393939393939393939393939393]}`,
	} {
		for path, token := range map[string]string{"/tickets": "", "/tickets/check": "", "/tickets/for-person": staff} {
			a := d.post(path, token, body)
			assert.Contains(t, []int{400, 422}, a.Status, "%s %s: %s", name, path, a.Text)
			assert.NotContains(t, a.Text, marked, "%s %s", name, path)
			assert.NotContains(t, a.Text, "王小明", "%s %s", name, path)
			assert.NotContains(t, a.Text, "9393939", "%s %s", name, path)
		}
	}
	d.do(v1Ask{method: "POST", path: "/links", body: `{"number":"MARKED-9f3a","email":"MARKED-9f3a"}`}).problem(422, "invalid_input")
	assert.NotContains(t, d.get("/tickets/MARKED-9f3a", staff).Text, marked)
	assert.NotContains(t, d.get("/queue?assignee=MARKED-9f3a", staff).Text, marked)
	assert.NotContains(t, d.get("/queue?after=MARKED-9f3a", staff).Text, marked)
	assert.NotContains(t, d.get("/queue?MARKED-9f3a=1", staff).Text+d.get("/deadline?kind=complaint&received=MARKED-9f3a", staff).Text, "9f3a=")
	assert.NotContains(t, d.log.String(), marked)
}

func TestV1UnknownFieldsAreRefused(t *testing.T) {
	d := newV1Desk(t)
	p := d.post("/tickets", "", `{"kind":"complaint","category":"privacy","person":{"name":"x","email":"a@b.example","age":3},"text":"long enough a text"}`).
		problem(http.StatusUnprocessableEntity, "invalid_input")
	assert.Equal(t, v1FieldError{In: "body", Field: "person.age", Code: "unknown_field", Detail: "There is no such field; leave it out"}, p.Errors[0])
	for _, body := range []string{`{"Kind":"complaint","category":"privacy","person":{"name":"x","email":"a@b.example"},"text":"long enough a text"}`,
		`{"kind":"complaint","category":"privacy","person":{"name":"x","email":"a@b.example","EMAIL":"c@d.example"},"text":"long enough a text"}`} {
		p = d.post("/tickets/check", "", body).problem(http.StatusUnprocessableEntity, "invalid_input")
		assert.True(t, slices.ContainsFunc(p.Errors, func(e v1FieldError) bool { return e.Code == "unknown_field" }), "names count as they are written: %s", body)
	}
	p = d.get("/queue?colour=red", d.staff("li.wei", ticket.Agent)).problem(http.StatusUnprocessableEntity, "invalid_input")
	assert.Equal(t, "unknown_field", p.Errors[0].Code)
	d.post("/ticket/withdrawal", d.filed().Link, `{"why":"because"}`).problem(http.StatusUnprocessableEntity, "body_unexpected")
}

func TestV1ErrorsNameEveryFieldAndTheMend(t *testing.T) {
	d := newV1Desk(t)
	p := d.post("/tickets", "", V1Request{Kind: ticket.InfoCorrection, Relation: ticket.Guardian, Person: v1Person{},
		Changes: []v1Change{{Field: "email", Proposed: "no address"}, {Field: "phone", Proposed: "12"}}}).problem(422, "invalid_input")
	codes := map[string]string{}
	for _, e := range p.Errors {
		codes[e.Field] = e.Code
		assert.NotEmpty(t, e.Detail)
		assert.NotContains(t, e.Detail, "[")
	}
	assert.Equal(t, map[string]string{"person.name": "required", "person.email": "required", "person.account": "required",
		"relation_note": "relation_needed", "changes[0].proposed": "email_invalid", "changes[1].proposed": "phone_invalid"}, codes)

	zh := d.do(v1Ask{method: "POST", path: "/tickets", key: seal.NewToken(), body: `{"kind":"complaint","person":{"name":"x"}}`,
		header: map[string]string{"Accept-Language": "zh-CN"}}).problem(422, "invalid_input")
	assert.Equal(t, "有内容需要修改", zh.Title)
}

// Filing for a person: channel and time of receipt, and the clock runs from it.
func TestV1StaffFileForSomebodyWhoPhoned(t *testing.T) {
	d := newV1Desk(t)
	agent, lead := d.staff("li.wei", ticket.Agent), d.staff("zhao.min", ticket.Lead)
	body := v1StaffRequest{V1Request: v1Complaint(), Channel: ticket.ChannelPhone, ReceivedAt: d.now.Add(-9 * 24 * time.Hour)}
	body.Person = v1Person{Name: "Wang", Email: "wang@example.com", Phone: "13800000000"}
	p := d.post("/tickets/for-person", agent, body).problem(422, "invalid_input")
	assert.Equal(t, "receipt_needs_lead", p.Errors[0].Code)
	var r v1Receipt
	d.post("/tickets/for-person", lead, body).into(http.StatusCreated, &r)
	assert.Empty(t, r.Link, "staff don't act for the person")
	got, err := d.store.Ticket(t.Context(), r.Number)
	require.NoError(t, err)
	assert.Equal(t, ticket.AgentID("zhao.min"), got.FiledBy)
	assert.Equal(t, ticket.ChannelPhone, got.Channel)
	assert.True(t, got.ReceivedAt.Equal(body.ReceivedAt))
	d.post("/tickets/for-person", "", body).problem(http.StatusUnauthorized, "not_authenticated")
}

func TestV1UploadsGoAlongWithTheirTicket(t *testing.T) {
	d := newV1Desk(t)
	key := seal.NewToken()
	pdf := []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
	header := map[string]string{v1UploadHeader: key, "Content-Type": "application/pdf", "Content-Disposition": `attachment; filename="proof.pdf"`}
	var up v1Uploads
	d.do(v1Ask{method: "POST", path: "/uploads", body: pdf, header: header}).into(http.StatusCreated, &up)
	assert.Equal(t, "proof.pdf", up.Uploads[0].Name)
	assert.Equal(t, "application/pdf", up.Uploads[0].Type)

	bad := d.do(v1Ask{method: "POST", path: "/uploads", body: []byte("MZ not a picture"), header: header}).problem(422, "invalid_input")
	assert.Equal(t, "file_type", bad.Errors[0].Code)
	form := "--b1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n" + string(pdf) + "\r\n--b1--\r\n"
	multi := map[string]string{v1UploadHeader: key, "Content-Type": "multipart/form-data; boundary=b1"}
	d.do(v1Ask{method: "POST", path: "/uploads", body: []byte(form), header: multi}).into(http.StatusCreated, nil)

	r := v1Complaint()
	r.Uploads = []int64{up.Uploads[0].ID, 9999}
	p := d.do(v1Ask{method: "POST", path: "/tickets", key: key, body: r}).problem(422, "invalid_input")
	assert.Equal(t, "uploads_gone", p.Errors[0].Code)
	r.Uploads = r.Uploads[:1]
	var receipt v1Receipt
	d.do(v1Ask{method: "POST", path: "/tickets", key: key, body: r}).into(http.StatusCreated, &receipt)

	var all v1Ticket
	token := d.staff("li.wei", ticket.Agent)
	d.get("/tickets/"+string(receipt.Number), token).into(http.StatusOK, &all)
	require.Len(t, all.Personal.Files, 2)
	file := d.get(fmt.Sprintf("/tickets/%s/files/%d", receipt.Number, all.Personal.Files[0].ID), token)
	assert.Equal(t, string(pdf), file.Text)
	assert.Equal(t, "application/pdf", file.Header.Get("Content-Type"))
	assert.Contains(t, file.Header.Get("Content-Disposition"), "attachment")
	assert.Equal(t, filePolicy, file.Header.Get("Content-Security-Policy"))
	d.do(v1Ask{method: "POST", path: "/uploads", body: pdf, header: header}).problem(422, "idempotency_key_reused")
}
