package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// limit limits a member to queues, through the team's page.
func (o *office) limit(id ticket.AgentID, queues ...string) {
	o.t.Helper()
	p := o.as("chen.manager").post("/desk/team/"+string(id)+"/queues", url.Values{"queue": queues})
	require.Equal(o.t, http.StatusSeeOther, p.Status, p.Body)
}

// To an agent a ticket outside the queues is as one that is not there, wherever
// they can name it.
func TestATicketOutsideTheQueuesIsAsIfItWereNotThere(t *testing.T) {
	o := newOffice(t)
	theirs := o.filed(ticket.Complaint, nil) // about marketing
	outside := o.filed(ticket.InfoCorrection, heldBy("li.wei"))
	file, err := o.store.Attachments(t.Context(), outside)
	require.NoError(t, err)
	require.Empty(t, file)
	o.limit("li.wei", "complaint.marketing", "account_cancellation")
	b := o.as("li.wei")
	const absent = "DSR-20260105-99999999"

	for _, r := range (&console{}).routes() {
		if !strings.Contains(r.path, ":number") || !ticket.Agent.May(r.may) {
			continue
		}
		ask := func(number string) answerPage {
			path := strings.NewReplacer(":number", number, ":file", "1").Replace(r.path)
			if r.method == http.MethodGet {
				return b.get(path)
			}
			return b.post(path, url.Values{"text": {"words"}, "act": {"note"}, "lease": {"3"}})
		}
		there, not := ask(string(outside)), ask(absent)
		assert.Equal(t, http.StatusNotFound, there.Status, r.path)
		assert.Equal(t, strings.ReplaceAll(not.Body, absent, string(outside)), there.Body, r.path)
	}
	assert.Zero(t, o.shownTo(outside, "li.wei"))
	drafts, err := o.store.Draft(t.Context(), outside, "li.wei")
	require.NoError(t, err)
	assert.Empty(t, drafts)

	for _, path := range []string{"/desk", "/desk?show=all", "/desk?show=mine", "/desk?kind=info_correction&show=all", "/desk?assignee=li.wei",
		"/desk?number=" + string(outside), "/desk?number=" + string(outside[:14])} {
		p := b.get(path)
		require.Equal(t, http.StatusOK, p.Status, path)
		assert.NotContains(t, p.Body, "/desk/tickets/"+string(outside), path)
	}
	assert.Equal(t, page(theirs), b.get("/desk?number="+string(theirs)).Header.Get("Location"))
	assert.Contains(t, b.get("/desk").text(), "Open 1", "nor is it counted")
	found := b.post("/desk/search", url.Values{"contact": {"wang@example.com"}})
	assert.Contains(t, found.Body, string(theirs))
	assert.NotContains(t, found.Body, string(outside))
	assert.Equal(t, http.StatusOK, b.get(page(theirs)).Status)

	for _, above := range []ticket.AgentID{"zhao.lead", "chen.manager", "sun.officer", "wu.auditor", "wang.fang"} {
		assert.Equal(t, http.StatusOK, o.as(above).get(page(outside)).Status, "%s", above)
	}
	o.limit("zhao.lead", "complaint")
	assert.Equal(t, http.StatusOK, o.as("zhao.lead").get(page(outside)).Status, "leads see every queue")
	o.limit("li.wei")
	assert.Equal(t, http.StatusOK, b.get(page(outside)).Status, "none is no limit, and holds at once")
}

func TestNobodyIsGivenATicketTheyMayNotSee(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, nil)
	o.limit("li.wei", "info_correction")
	lead := o.as("zhao.lead")
	offered := lead.get(page(n)).Body
	assert.Contains(t, offered, `<option value="wang.fang"`)
	for _, id := range []string{"li.wei", "wu.auditor", "zheng.admin"} {
		assert.NotContains(t, offered, `<option value="`+id+`"`, id)
		p := lead.post(page(n)+"/assign", url.Values{"to": {id}})
		assert.Equal(t, http.StatusUnprocessableEntity, p.Status, id)
		assert.Contains(t, p.text(), "outside their queues, or their role does not handle tickets", id)
	}
}

func TestAMisspeltQueueChangesNothing(t *testing.T) {
	o := newOffice(t)
	o.limit("li.wei", "complaint")
	p := o.as("chen.manager").post("/desk/team/li.wei/queues", url.Values{"queue": {"complaint.privcy"}})
	assert.Equal(t, http.StatusBadRequest, p.Status)
	a, err := o.store.Agent(t.Context(), "li.wei")
	require.NoError(t, err)
	assert.Equal(t, ticket.Queues{"complaint"}, a.Queues)
	assert.Contains(t, o.as("chen.manager").get("/desk/team").text(), "some queues only")
	record := o.as("sun.officer").get("/desk/team/record").text()
	assert.Equal(t, 1, strings.Count(record, "li.weiQueues changed: Complaint or questionchen.manager"), record)
}

// An auditor sees how a ticket was handled and nothing of whom it is about.
func TestAnAuditorSeesTheTrailAndNobodysData(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, heldBy("li.wei"))
	require.NoError(t, o.store.SaveDraft(t.Context(), n, "wu.auditor", "note", "a draft from when they were an agent"))
	p := o.as("wu.auditor").get(page(n))
	require.Equal(t, http.StatusOK, p.Status)
	for _, personal := range []string{"王小明", "wang@example.com", "13812345678", "请处理我的请求", "a draft from"} {
		assert.NotContains(t, p.Body, personal)
	}
	for _, fact := range []string{"Your role does not see personal data", "What happened", "Reply clock", "Mails to the person", "li.wei"} {
		assert.Contains(t, p.text(), fact)
	}
	assert.NotContains(t, p.Body, `<form id="form-`, "no act is offered")
	assert.Zero(t, o.shownTo(n, "wu.auditor"))
	assert.Empty(t, availableActs(onTicket{ticket: store.Ticket{Stage: ticket.InProgress, LeaseHolder: "wu.auditor",
		State: contract.State{Lease: contract.Lease{Holder: "wu.auditor"}}}}, store.Agent{ID: "wu.auditor", Role: ticket.Auditor}),
		"not even to one who held it before")
}

func TestAnAdministratorBeginsAtTheTeam(t *testing.T) {
	o := newOffice(t)
	b := o.browser(en)
	b.signIn("zheng.admin", goodPassword)
	assert.Equal(t, "/desk/team", o.giveFactor(b, "zheng.admin").Header.Get("Location"))
	p := b.get("/desk/team")
	assert.NotContains(t, p.Body, `href="/desk"`)
	assert.NotContains(t, p.Body, `href="/desk/tickets/new"`)
	assert.Contains(t, p.Body, `href="/desk/team/record"`)
}
