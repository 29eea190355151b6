package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// numbers are the tickets of a queue, in its order.
func (p answerPage) numbers() (out []ticket.Number) {
	walk(p.doc, func(n *html.Node) {
		if n.Data == "a" && strings.HasPrefix(attr(n, "href"), "/desk/tickets/DSR-") {
			out = append(out, ticket.Number(strings.TrimPrefix(attr(n, "href"), "/desk/tickets/")))
		}
	})
	return out
}

func TestTheQueueIsSortedByDeadlineAndFiltered(t *testing.T) {
	o := newOffice(t)
	due := func(days int) func(*store.Filing, *contract.State) {
		return func(_ *store.Filing, s *contract.State) { s.Clock.Due = monday.AddDate(0, 0, days) }
	}
	and := func(fs ...func(*store.Filing, *contract.State)) func(*store.Filing, *contract.State) {
		return func(f *store.Filing, s *contract.State) {
			for _, g := range fs {
				g(f, s)
			}
		}
	}
	sla := func(x ticket.SLAState, escalation int) func(*store.Filing, *contract.State) {
		return func(_ *store.Filing, s *contract.State) { s.Clock.SLA, s.Clock.Escalation = x, escalation }
	}
	late := o.filed(ticket.Complaint, and(due(-5), sla(ticket.Breached, 3)))
	today := o.filed(ticket.AccountCancellation, and(due(0), sla(ticket.AtRisk, 0), heldBy("li.wei")))
	soon := o.filed(ticket.InfoCorrection, and(due(3), heldBy("wang.fang")))
	later := o.filed(ticket.Complaint, due(14))
	closed := o.filed(ticket.Complaint, and(due(2), func(_ *store.Filing, s *contract.State) {
		s.Stage, s.Clock.SLA, s.Assignee = ticket.Closed, ticket.InTime, "li.wei"
	}))
	b := o.as("li.wei")
	for query, want := range map[string][]ticket.Number{
		"":                                   {late, today, soon, later},
		"?show=all":                          {late, today, closed, soon, later},
		"?show=mine":                         {today},
		"?show=unassigned":                   {late, later},
		"?show=overdue":                      {late},
		"?show=at_risk":                      {today},
		"?show=escalated":                    {late},
		"?show=appeals":                      nil,
		"?kind=complaint":                    {late, later},
		"?kind=complaint&show=all":           {late, closed, later},
		"?stage=in_progress":                 {today, soon},
		"?stage=closed":                      {closed},
		"?assignee=wang.fang":                {soon},
		"?number=20260105":                   {late, today, soon, later, closed}, // by number
		"?number=ｄｓｒ 20260105 ooooooo":       {late, today, soon, later, closed},
		"?number=DSR-2025":                   nil,
		"?number=" + string(soon[13:]):       {soon},
		"?number=0000":                       {late, today, soon, later, closed},
		"?number=%25":                        nil,
		"?kind='; drop table tickets":        {late, today, soon, later},
		"?show=overdue&kind=info_correction": nil,
	} {
		path, raw, _ := strings.Cut("/desk"+query, "?")
		q, err := url.ParseQuery(strings.ReplaceAll(raw, ";", "%3B"))
		require.NoError(t, err)
		p := b.get(path + "?" + q.Encode())
		require.Equal(t, http.StatusOK, p.Status, query)
		assert.Equal(t, want, p.numbers(), query)
	}
	p := b.get("/desk")
	for _, words := range []string{"2 working days overdue", "due today", "3 working days left", "Open 4", "Mine 1", "Unassigned 2",
		"Overdue 1", "Escalated 3 times", "4 tickets"} {
		assert.Contains(t, p.text(), words)
	}
	p = b.get("/desk?number=" + strings.ToLower(string(soon)))
	assert.Equal(t, page(soon), p.Header.Get("Location"), "a whole number leads to its ticket")
}

func TestAPersonIsFoundHoweverTheirContactIsTyped(t *testing.T) {
	o := newOffice(t)
	phoned := o.filed(ticket.Complaint, func(f *store.Filing, _ *contract.State) {
		f.Content.Person = store.Person{Name: "陈静", Email: "chen.jing@example.com", Phone: "+8613800138005", Account: "chenjing"}
	})
	landline := o.filed(ticket.Complaint, func(f *store.Filing, _ *contract.State) {
		f.Content.Person = store.Person{Email: "office@example.com", Phone: "+862161234567"}
	})
	b := o.as("li.wei")
	for typed, want := range map[string]ticket.Number{
		"+8613800138005": phoned, "13800138005": phoned, "138 0013 8005": phoned, "138-0013-8005": phoned, "１３８００１３８００５": phoned,
		"+86 138 0013 8005": phoned, "0086 13800138005": phoned, " Chen.Jing@Example.com ": phoned, "chen.jing＠example。com": phoned,
		"ｃｈｅｎｊｉｎｇ": phoned, "021-61234567": landline, "(021) 6123 4567": landline,
	} {
		assert.Equal(t, []ticket.Number{want}, b.post("/desk/search", url.Values{"contact": {typed}}).numbers(), typed)
	}
	assert.Empty(t, b.post("/desk/search", url.Values{"contact": {"13800138006"}}).numbers())
}

func TestChipsTakeOnePartOfTheFilterAway(t *testing.T) {
	f := readQueueFilter(url.Values{"kind": {"complaint"}, "stage": {"closed"}, "assignee": {"li.wei"}, "after": {"x"}})
	assert.Equal(t, showAll, f.Show)
	var hrefs []string
	for _, c := range f.chips() {
		hrefs = append(hrefs, c.Href)
	}
	assert.Equal(t, []string{
		"/desk?assignee=li.wei&kind=complaint&stage=closed",
		"/desk?assignee=li.wei&show=all&stage=closed",
		"/desk?assignee=li.wei&kind=complaint",
		"/desk?kind=complaint&show=all&stage=closed",
	}, hrefs)
	assert.Equal(t, "/desk", queueFilter{Show: showMine}.chips()[0].Href)
}

func TestNumbersAreFoundAsTheyAreTyped(t *testing.T) {
	for in, want := range map[string]string{
		"DSR-20260105-7K3F9QXM": "DSR-20260105-7K3F9QXM", "dsr20260105": "DSR-20260105", "2026 01": "DSR-202601",
		"ＤＳＲ２０２６": "DSR-2026", "20260105-7k3f": "DSR-20260105-7K3F", "DSR-2O26": "DSR-2026", "%_": "-",
	} {
		assert.Equal(t, want, numberPrefix(in), in)
	}
}

func TestPagesCoverTheQueueOnce(t *testing.T) {
	o := newOffice(t)
	want := map[ticket.Number]bool{}
	for i := range queuePage + 7 {
		want[o.filed(ticket.Complaint, func(_ *store.Filing, s *contract.State) {
			s.Clock.Due = monday.Add(time.Duration(i/5) * time.Hour)
		})] = true
	}
	b := o.as("li.wei")
	p := b.get("/desk?kind=complaint")
	require.Len(t, p.numbers(), queuePage)
	assert.Contains(t, p.text(), "57 tickets")
	next := find(p.doc, func(n *html.Node) bool { return attr(n, "rel") == "next" })
	require.NotNil(t, next)
	assert.Contains(t, attr(next, "href"), "kind=complaint")
	q := b.get(attr(next, "href"))
	require.Len(t, q.numbers(), 7)
	assert.Nil(t, find(q.doc, func(n *html.Node) bool { return attr(n, "rel") == "next" }))
	for _, n := range append(p.numbers(), q.numbers()...) {
		assert.True(t, want[n])
		delete(want, n)
	}
	assert.Empty(t, want)
	assert.Equal(t, http.StatusBadRequest, b.get("/desk?after=forged").Status)
}

func TestAPersonsTicketsAreFoundWithoutTheirAddressInTheURL(t *testing.T) {
	o := newOffice(t)
	hers := o.filed(ticket.Complaint, func(f *store.Filing, _ *contract.State) { f.Content.Person.Email = "marked.person@example.org" })
	o.filed(ticket.Complaint, nil)
	b := o.as("li.wei")
	p := b.post("/desk/search", url.Values{"contact": {" Marked.Person@EXAMPLE.org"}})
	require.Equal(t, http.StatusOK, p.Status)
	assert.Equal(t, []ticket.Number{hers}, p.numbers())
	assert.Empty(t, p.Header.Get("Location"))
	walk(p.doc, func(n *html.Node) {
		assert.NotContains(t, strings.ToLower(attr(n, "href")), "marked")
	})
	assert.NotContains(t, o.log.String(), "arked")
	assert.Equal(t, http.StatusUnprocessableEntity, b.post("/desk/search", url.Values{"contact": {""}}).Status)
}

func TestManagersGetReadyFiltersOfTheTemporalUI(t *testing.T) {
	o := newOffice(t)
	assert.NotContains(t, o.as("li.wei").get("/desk").Body, "localhost:8233")
	body := html.UnescapeString(o.as("chen.manager").get("/desk").Body)
	for _, want := range []string{"SLAState+%3D+%22breached%22", "SLAState+%3D+%22at_risk%22", "Assignee+IS+NULL", "Escalation+%3E+0"} {
		assert.Contains(t, body, "http://localhost:8233/namespaces/desk/workflows?query=")
		assert.Contains(t, body, want)
	}
}
