package api

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestStaffFileForAPersonWhoPhoned(t *testing.T) {
	o := newOffice(t)
	b := o.as("li.wei")
	for _, kind := range ticket.Kinds() {
		form := b.get("/desk/tickets/new?kind=" + string(kind)).form("request")
		assert.Equal(t, "2026-01-05T10:00", form.Get("received_at"), "now, in the zone of the policy")
		form = with(form, filled(kind))
		p := b.upload("/desk/tickets/new", form, file{"x.exe", "MZ no"})
		require.Equal(t, http.StatusUnprocessableEntity, p.Status)
		assert.ElementsMatch(t, []string{"channel", "files"}, p.problems(), kind)
		form = p.form("request")
		assert.Equal(t, " 王小明 ", form.Get("name"), "nothing typed is lost")
		form.Set("channel", "phone")
		form.Set("person_locale", "en")
		form.Set("received_at", "2026-01-05T08:15")
		p = b.upload("/desk/tickets/new", form, file{"letter.pdf", pdf})
		require.Equal(t, http.StatusSeeOther, p.Status, p.Body)
		number := ticket.Number(p.Header.Get("Location")[len("/desk/tickets/"):])
		got, err := o.store.Ticket(t.Context(), number)
		require.NoError(t, err)
		assert.Equal(t, kind, got.Kind)
		assert.Equal(t, ticket.ChannelPhone, got.Channel)
		assert.Equal(t, ticket.English, got.Locale)
		assert.Equal(t, ticket.AgentID("li.wei"), got.FiledBy)
		assert.Equal(t, "2026-01-05T00:15:00Z", got.ReceivedAt.Format("2006-01-02T15:04:05Z"), "the clock runs from receipt")
		shown := b.get(p.Header.Get("Location"))
		assert.Contains(t, shown.text(), "filed by li.wei")
		assert.Contains(t, shown.text(), "letter.pdf")
		assert.Contains(t, shown.text(), "The ticket is filed")
		assert.Contains(t, shown.text(), "Its workflow starts by itself")

		again := b.upload("/desk/tickets/new", form)
		require.Equal(t, http.StatusSeeOther, again.Status)
		assert.Equal(t, p.Header.Get("Location"), again.Header.Get("Location"), "sent twice, filed once")
	}
}

func TestWhatCameEarlierIsToldFromItsReceipt(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, func(f *store.Filing, _ *contract.State) {
		f.FiledBy, f.Channel, f.ReceivedAt = "li.wei", ticket.ChannelPhone, monday.AddDate(0, 0, -5)
	})
	shown := o.as("li.wei").get(page(n)).text()
	assert.Contains(t, shown, "Request received: Telephone (filed 5 January 2026, 10:00) 31 December 2025, 10:00")
	assert.Contains(t, shown, "Clock started: runs from 31 December 2025, 10:00")
}

func TestWhatIsWrongWithAStaffFormIsNamedInItsOrder(t *testing.T) {
	o := newOffice(t)
	b := o.as("li.wei")
	form := b.get("/desk/tickets/new?kind=complaint").form("request")
	form.Set("phone", "12")
	p := b.upload("/desk/tickets/new", form)
	assert.Equal(t, []string{"channel", "name", "email", "phone", "category", "text"}, p.problems())
	for _, words := range []string{"Channel: Choose how the request came", "Name of the person who asks: Enter the name of the person who asks",
		"Telephone number: Enter a telephone number", "In their words: Write down what they said"} {
		assert.Contains(t, p.text(), words)
	}
}

func TestAnOldReceiptNeedsALead(t *testing.T) {
	o := newOffice(t)
	old := func(b *browser) answerPage {
		form := with(b.get("/desk/tickets/new?kind=complaint").form("request"), filled(ticket.Complaint))
		form.Set("channel", "letter")
		form.Set("received_at", "2025-12-30T10:00")
		return b.upload("/desk/tickets/new", form)
	}
	p := old(o.as("li.wei"))
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Equal(t, []string{"received_at"}, p.problems())
	assert.Equal(t, http.StatusSeeOther, old(o.as("zhao.lead")).Status)
}

func TestRowsAndFilesComeAndGoWhileFiling(t *testing.T) {
	o := newOffice(t)
	b := o.as("li.wei")
	form := with(b.get("/desk/tickets/new?kind=info_correction").form("request"), filled(ticket.InfoCorrection))
	p := b.upload("/desk/tickets/new", with(form, url.Values{"do": {"add_row"}}), file{"a.pdf", pdf})
	require.Equal(t, http.StatusOK, p.Status)
	form = p.form("request")
	assert.Len(t, form["change_field"], 3)
	assert.Contains(t, p.text(), "a.pdf")
	p = b.upload("/desk/tickets/new", with(form, url.Values{"do": {"remove_row:1"}}))
	assert.Equal(t, []string{"name", ""}, p.form("request")["change_field"])
	p = b.upload("/desk/tickets/new", with(form, url.Values{"do": {"remove:1"}}))
	assert.NotContains(t, p.text(), "a.pdf")
	p = b.upload("/desk/tickets/new", with(form, url.Values{"lang": {"zh-CN"}}))
	assert.Contains(t, p.text(), "代申请人登记工单")
}

func TestADecisionIsSeenBeforeItIsSent(t *testing.T) {
	o := newOffice(t)
	b := o.as("li.wei")
	complaint := o.filed(ticket.Complaint, heldBy("li.wei"))
	p := b.post(page(complaint)+"/decide", url.Values{"lease": {"3"}, "outcome": {"partly"}, "reason": {"unfounded"},
		"text": {"已为您退订短信。\n其余部分查无记录。"}, "do": {"preview"}})
	require.Equal(t, http.StatusOK, p.Status, p.Body)
	for _, want := range []string{"部分支持", "请求缺乏事实依据", "已为您退订短信。", "12377", "Send this decision"} {
		assert.Contains(t, p.text(), want)
	}
	drafts, err := o.store.Draft(t.Context(), complaint, "li.wei")
	require.NoError(t, err)
	assert.Contains(t, drafts["answer"], "已为您退订短信。")
	back := b.post(page(complaint)+"/decide", with(p.form("decide"), url.Values{"do": {"edit"}}))
	require.Equal(t, http.StatusOK, back.Status)
	form := back.form("form-decide")
	assert.Equal(t, "partly", form.Get("outcome"))
	assert.Equal(t, "unfounded", form.Get("reason"))
	assert.Equal(t, "已为您退订短信。\n其余部分查无记录。", form.Get("text"))
	p = b.post(page(complaint)+"/decide", with(p.form("decide"), url.Values{"do": {"send"}}))
	assert.Equal(t, http.StatusServiceUnavailable, p.Status, "Temporal is away; all else was right")

	correction := o.filed(ticket.InfoCorrection, func(f *store.Filing, s *contract.State) {
		heldBy("li.wei")(f, s)
		f.Content.Changes = []store.Change{{Field: "address", Proposed: "新址 2 号"}, {Field: "real_name", Proposed: "王小明"}}
	})
	p = b.post(page(correction)+"/decide", url.Values{"lease": {"3"}, "field.address.accept": {"yes"}, "field.real_name.accept": {"no"},
		"text": {"地址已更正。"}, "do": {"preview"}})
	assert.Equal(t, []string{"decide-field-real-name-reason"}, p.problems())
	p = b.post(page(correction)+"/decide", url.Values{"lease": {"3"}, "field.address.accept": {"yes"}, "text": {"地址已更正。"}, "do": {"preview"}})
	assert.Equal(t, []string{"decide-field-real-name-accept"}, p.problems())
	p = b.post(page(correction)+"/decide", url.Values{"lease": {"3"}, "field.address.accept": {"yes"}, "field.real_name.accept": {"no"},
		"field.real_name.reason": {"evidence_missing"}, "text": {"地址已更正。"}, "do": {"preview"}})
	require.Equal(t, http.StatusOK, p.Status, p.Body)
	assert.Contains(t, p.text(), "部分支持", "what became of the whole follows from the fields")
	assert.Contains(t, p.text(), "sent only after the account system has confirmed")

	p = b.post(page(correction)+"/decide", url.Values{"lease": {"3"}, "field.address.accept": {"yes"}, "field.real_name.accept": {"yes"},
		"text": {"已更正。"}, "do": {"preview"}})
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Equal(t, []string{"decide-field-real-name-accept"}, p.problems(), "the workflow would refuse it")
	assert.Contains(t, p.text(), "Use “Record the identity check”")
	minor := o.filed(ticket.Complaint, func(f *store.Filing, s *contract.State) { heldBy("li.wei")(f, s); f.Relation = ticket.Guardian })
	p = b.post(page(minor)+"/decide", url.Values{"lease": {"3"}, "outcome": {"accepted"}, "text": {"已处理。"}, "do": {"preview"}})
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Contains(t, p.text(), "may act for the person concerned")
}
