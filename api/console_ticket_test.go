package api

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/net/html"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestTheTicketsPageShowsItsContentAndThatGoesOnRecord(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.InfoCorrection, func(f *store.Filing, s *contract.State) {
		heldBy("li.wei")(f, s)
		f.Content.Changes = []store.Change{{Field: "real_name", Old: "王晓明", Proposed: "王小明"}}
		f.Files = []store.NewFile{{Name: "护照.pdf", Type: "application/pdf", Content: []byte(pdf)}}
	})
	require.NoError(t, o.store.SaveAccount(t.Context(), n, store.AccountSnapshot{Ref: "acc-7", Status: "active", LookedAt: monday,
		Contacts: []store.Contact{{Type: "email", Value: "wang.old@example.com"}}, Fields: map[string]string{"real_name": "王晓明", "phone": "13812345678"}}))
	_, err := o.store.AddMessage(t.Context(), store.NewMessage{Number: n, Kind: store.MessageReply, At: monday, Text: "补充说明在此"})
	require.NoError(t, err)
	_, err = o.store.AddNote(t.Context(), n, "wang.fang", monday, "只给同事看的备注")
	require.NoError(t, err)

	b := o.as("li.wei")
	p := b.get(page(n))
	require.Equal(t, http.StatusOK, p.Status)
	for _, want := range []string{"王小明", "wang@example.com", "请处理我的请求。", "补充说明在此", "只给同事看的备注", "internal, never sent", "护照.pdf",
		"Monday, 26 January 2026", "15 working days left", "w******@example.com", "138****5678", "Receipt", "Address given in the request",
		"Clock started", "day of receipt, not counted", "You are working on this ticket", "Needed: Level 3", "Open in the Temporal UI"} {
		assert.Contains(t, p.text(), want)
	}
	assert.NotContains(t, p.text(), "wang.old@example.com", "what the account system said is masked")
	assert.Equal(t, 1, o.shownTo(n, "li.wei"))
	b.get(page(n))
	assert.Equal(t, 1, o.shownTo(n, "li.wei"), "once an hour")
	o.as("wang.fang").get(page(n))
	assert.Equal(t, 1, o.shownTo(n, "wang.fang"), "each member by themselves")
	o.now = o.now.Add(61 * time.Minute)
	b.get(page(n))
	assert.Equal(t, 2, o.shownTo(n, "li.wei"))
	assert.Contains(t, b.get(page(n)).text(), "Personal data viewed")

	seen, err := o.store.Presence(t.Context(), n, "li.wei")
	require.NoError(t, err)
	assert.Equal(t, o.now, seen, "looking at one's own ticket counts as being there")
}

func TestAfterLockingAwayAndPurgingThePageSaysSo(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.AccountCancellation, func(_ *store.Filing, s *contract.State) { s.Stage = ticket.Retained })
	require.NoError(t, o.store.LockAway(t.Context(), n, []store.KeptField{{Field: "phone", Until: monday.AddDate(1, 0, 0), Basis: "5.4.1"}}, monday.AddDate(1, 0, 0)))
	p := o.as("li.wei").get(page(n))
	require.Equal(t, http.StatusOK, p.Status)
	assert.Contains(t, p.text(), "locked away until")
	assert.NotContains(t, p.Body, "王小明")
	assert.NotContains(t, p.Body, "/desk/retained/")
	assert.Zero(t, o.shownTo(n, "li.wei"))

	officer := o.as("sun.officer")
	assert.Contains(t, officer.get(page(n)).Body, "/desk/retained/"+string(n))
	p = officer.post("/desk/retained/"+string(n), url.Values{"reason": {"  "}})
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.NotContains(t, p.Body, "王小明")
	p = officer.post("/desk/retained/"+string(n), url.Values{"reason": {"court order 17"}})
	require.Equal(t, http.StatusOK, p.Status, p.Body)
	assert.Contains(t, p.text(), "it is on record")
	assert.Equal(t, contract.ActRetainedOpened, last(o.acts(n)).Act)

	require.NoError(t, o.store.Purge(t.Context(), n, monday))
	p = officer.get(page(n))
	require.Equal(t, http.StatusOK, p.Status)
	assert.Contains(t, p.text(), "was destroyed on")
	p = officer.post("/desk/retained/"+string(n), url.Values{"reason": {"court order 17"}})
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
}

func last(e []contract.Event) contract.Event { return e[len(e)-1] }

var (
	inlineScript = regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>[^<]`)
	inlineStyle  = regexp.MustCompile(`(?i)<style`)
)

// inline lists the attributes that a strict policy would not run or apply.
func (p answerPage) inline() (out []string) {
	walk(p.doc, func(n *html.Node) {
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
				out = append(out, n.Data+" "+a.Key)
			}
		}
	})
	return out
}

func TestHostileTextsStayTexts(t *testing.T) {
	o := newOffice(t)
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>{{.}}` + "\u202e"
	n := o.filed(ticket.InfoCorrection, func(f *store.Filing, s *contract.State) {
		heldBy("li.wei")(f, s)
		f.Content = store.Content{Person: store.Person{Name: evil, Email: evil, Phone: evil, Account: evil}, Subject: evil, Text: evil, RelationNote: evil,
			OnBehalfOf: store.Person{Name: evil}, Changes: []store.Change{{Field: "name", Old: evil, Proposed: evil}}}
		f.Files = []store.NewFile{{Name: evil + ".pdf", Type: "application/pdf", Content: []byte(pdf)}}
	})
	require.NoError(t, o.store.SaveAccount(t.Context(), n, store.AccountSnapshot{Ref: evil, Status: evil, LookedAt: monday,
		Fields: map[string]string{evil: evil}, Obstacles: []store.ObstacleWords{{ZH: evil, EN: evil}}}))
	_, err := o.store.AddMessage(t.Context(), store.NewMessage{Number: n, Kind: store.MessageReply, At: monday, Text: evil})
	require.NoError(t, err)
	_, err = o.store.AddNote(t.Context(), n, "li.wei", monday, evil)
	require.NoError(t, err)
	b := o.as("li.wei")
	p := b.get(page(n))
	require.Equal(t, http.StatusOK, p.Status)
	back := b.post(page(n)+"/note", url.Values{"text": {evil}, "lease": {evil}})
	search := b.post("/desk/search", url.Values{"contact": {evil}})
	team := o.as("chen.manager").post("/desk/team", url.Values{"id": {evil}, "name": {evil}, "email": {evil}, "role": {evil}})
	filter := b.get("/desk?" + url.Values{"number": {evil}, "assignee": {evil}}.Encode())
	for name, q := range map[string]answerPage{"ticket": p, "refused act": back, "search": search, "team": team, "filter": filter} {
		assert.NotContains(t, q.Body, "<script>alert", name)
		assert.NotContains(t, q.Body, "<img", name)
		assert.Empty(t, q.inline(), name)
	}
	assert.Contains(t, p.text(), "<script>alert(1)</script>", "as text it is readable")
}

func TestEveryPageIsStrict(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, heldBy("li.wei"))
	agent, manager, officer := o.as("li.wei"), o.as("chen.manager"), o.as("sun.officer")
	for _, lang := range []string{"", "?lang=zh-CN"} {
		for path, b := range map[string]*browser{"/desk": agent, page(n): agent, "/desk/tickets/new": agent, "/desk/tokens": agent,
			"/desk/calendar": manager, "/desk/team": manager, "/desk/password": agent, "/desk/retained/" + string(n): officer,
			"/desk/sign-in": o.browser(en)} {
			p := b.get(path + lang)
			require.Equal(t, http.StatusOK, p.Status, path)
			csp := p.Header.Get("Content-Security-Policy")
			assert.Contains(t, csp, "default-src 'none'")
			assert.NotContains(t, csp, "unsafe")
			assert.Equal(t, "no-store", p.Header.Get("Cache-Control"))
			assert.Equal(t, "nosniff", p.Header.Get("X-Content-Type-Options"))
			assert.Empty(t, inlineScript.FindString(p.Body), path)
			assert.Empty(t, inlineStyle.FindString(p.Body), path)
			assert.Empty(t, p.inline(), path)
			assert.NotRegexp(t, `(?:src|action)="(?:https?:)?//`, p.Body, path)
		}
	}
}

func TestAttachmentsAreDownloadsOnly(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, func(f *store.Filing, _ *contract.State) {
		f.Files = []store.NewFile{{Name: "../截图\".pdf", Type: "application/pdf", Content: []byte(pdf)}}
	})
	files, err := o.store.Attachments(t.Context(), n)
	require.NoError(t, err)
	other := o.filed(ticket.Complaint, nil)
	b := o.as("li.wei")
	path := page(n) + "/files/" + itoa(files[0].ID)
	p := b.get(path)
	require.Equal(t, http.StatusOK, p.Status)
	assert.Equal(t, pdf, p.Body)
	assert.True(t, strings.HasPrefix(p.Header.Get("Content-Disposition"), "attachment"))
	assert.Contains(t, p.Header.Get("Content-Security-Policy"), "sandbox")
	assert.Equal(t, 1, o.shownTo(n, "li.wei"))
	assert.Equal(t, http.StatusNotFound, b.get(page(other)+"/files/"+itoa(files[0].ID)).Status, "not under another ticket")
	assert.Equal(t, http.StatusNotFound, b.get(page(n)+"/files/..%2f1").Status)
	assert.Equal(t, http.StatusNotFound, b.get("/desk/tickets/DSR-20260105-ZZZZZZZZ").Status)
	assert.Equal(t, http.StatusNotFound, b.get("/desk/tickets/dsr-20260105-00000001").Status)
}

func TestWithTemporalAwayNothingTypedIsLost(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, heldBy("li.wei"))
	b := o.as("li.wei")
	for act, c := range map[string]struct{ input, kind string }{
		"ask": {"text", "question"}, "note": {"text", "note"}, "escalate": {"reason", "reason"}, "decide": {"text", "answer"},
	} {
		words := "words of " + act
		p := b.post(page(n)+"/"+act, url.Values{c.input: {words}, "outcome": {"accepted"}, "lease": {"3"}, "act": {act}})
		require.Equal(t, http.StatusServiceUnavailable, p.Status, act)
		assert.Contains(t, p.text(), "The workflow engine is not answering, so nothing has been done")
		assert.Contains(t, p.title(), "Error:")
		assert.Contains(t, p.text(), words, "the form stands there as it was filled in")
		drafts, err := o.store.Draft(t.Context(), n, "li.wei")
		require.NoError(t, err)
		assert.Equal(t, words, drafts[c.kind], act)
		assert.Contains(t, b.get(page(n)).text(), words, "and the draft is there on the next visit")
	}
	p := b.post(page(n)+"/release", url.Values{"lease": {"3"}})
	assert.Equal(t, http.StatusServiceUnavailable, p.Status)
}

func TestWhatTheWorkflowRefusesIsSaidInItsWords(t *testing.T) {
	refusal := temporal.NewApplicationErrorWithOptions("claimed by other", contract.RefusedType, temporal.ApplicationErrorOptions{
		NonRetryable: true, Details: []any{*ticket.Refuse("claimed_by_other", "agent", "wang.fang", "at", "2026-01-05T02:30:00Z")}})
	temporalMock := mocks.NewClient(t)
	temporalMock.On("UpdateWorkflow", mock.Anything, mock.Anything).Return(nil, refusal)
	o := newOfficeOn(t, temporalMock)
	n := o.filed(ticket.Complaint, heldBy("li.wei"))
	b := o.as("li.wei")
	p := b.post(page(n)+"/ask", url.Values{"text": {"Please send the screenshot."}, "lease": {"3"}})
	require.Equal(t, http.StatusConflict, p.Status)
	assert.Contains(t, p.text(), "wang.fang is working on this ticket, until 5 January 2026, 10:30", "in the desk's time")
	assert.Contains(t, p.text(), "Please send the screenshot.")
	assert.Equal(t, []string{"act-ask"}, p.problems())
	drafts, err := o.store.Draft(t.Context(), n, "li.wei")
	require.NoError(t, err)
	assert.Equal(t, "Please send the screenshot.", drafts["question"])
}

func TestWordsForAnActThatIsOverAreStillShown(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, heldBy("wang.fang"))
	b := o.as("li.wei")
	p := b.post(page(n)+"/ask", url.Values{"text": {"Please send the screenshot."}, "lease": {"3"}})
	require.Equal(t, http.StatusServiceUnavailable, p.Status)
	for _, q := range []answerPage{p, b.get(page(n))} {
		assert.Contains(t, q.text(), "Your words, not sent: Ask the person")
		assert.Contains(t, q.text(), "Please send the screenshot.")
	}
	assert.NotContains(t, o.as("wang.fang").get(page(n)).text(), "Your words, not sent")
}

func TestAnActCarriesTheClaimThePageShowed(t *testing.T) {
	temporalMock := mocks.NewClient(t)
	var sent any
	temporalMock.On("UpdateWorkflow", mock.Anything, mock.Anything).Run(func(args mock.Arguments) { sent = args.Get(1) }).
		Return(nil, errors.New("stop here"))
	o := newOfficeOn(t, temporalMock)
	n := o.filed(ticket.Complaint, heldBy("li.wei"))
	b := o.as("li.wei")
	form := b.get(page(n)).form("form-ask")
	assert.Equal(t, "3", form.Get("lease"))
	form.Set("text", "When did it happen?")
	assert.Equal(t, http.StatusInternalServerError, b.post(page(n)+"/ask", form).Status)
	assert.Contains(t, sentText(sent), "li.wei")
	assert.NotContains(t, sentText(sent), "When did it happen?", "no words go to Temporal")
}

func TestEmptyWordsAreAskedForBesideTheirInput(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, heldBy("li.wei"))
	b := o.as("li.wei")
	for act, input := range map[string]string{"ask": "ask-text", "note": "note-text", "escalate": "escalate-reason"} {
		p := b.post(page(n)+"/"+act, url.Values{"text": {" "}, "reason": {""}, "lease": {"3"}})
		assert.Equal(t, http.StatusUnprocessableEntity, p.Status, act)
		assert.Equal(t, []string{input}, p.problems(), act)
	}
	p := b.post(page(n)+"/decide", url.Values{"do": {"preview"}})
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Equal(t, []string{"decide-outcome", "decide-text"}, p.problems())
	p = b.post(page(n)+"/decide", url.Values{"do": {"preview"}, "outcome": {"refused"}, "text": {"No, because of the law."}})
	assert.Equal(t, []string{"decide-reason"}, p.problems())
	assert.Contains(t, p.text(), "No, because of the law.")
}

func TestAnAnswerThatHasNotBeenSentSaysSo(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, heldBy("li.wei"))
	id, err := o.store.AddMessage(t.Context(), store.NewMessage{Number: n, Kind: store.MessageAnswer, Agent: "li.wei", At: monday, Text: "The answer."})
	require.NoError(t, err)
	b := o.as("li.wei")
	assert.Contains(t, b.get(page(n)).text(), "Answer · li.wei not sent")
	require.NoError(t, o.store.AppendEvent(t.Context(), n, contract.Event{At: monday, Actor: contract.BySystem, Act: contract.ActAnswered, Object: id}))
	assert.NotContains(t, b.get(page(n)).text(), "not sent")
}

// Without an account system the agent is asked whose the account is, before anything else.
func TestThePageAsksWhoseTheAccountIsWhereNoSystemCanSay(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.AccountCancellation, func(f *store.Filing, s *contract.State) {
		heldBy("li.wei")(f, s)
		s.Stage, s.Level, s.Account.ByHand = ticket.Verifying, ticket.LevelNone, true
	})
	p := o.as("li.wei").get(page(n)).text()
	assert.Contains(t, p, "I checked that the account and the e-mail address are this person's")
	assert.Contains(t, p, "No account system is connected")
	assert.NotContains(t, p, "I checked the real name")
}
