package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// queueView is the queue: its figures, the filter, and a page of tickets.
type queueView struct {
	templates.Frame
	Counts  []countLink
	Counted string // time of day; empty: just now
	Filter  queueFilter
	Chips   []chip
	Stages  []stageOption
	Kinds   []option
	Shows   []option
	Agents  []agentOption
	Rows    []queueRow
	Total   int
	More    bool   // the total is a lower bound
	First   string // address of the first page, when this is a later one
	Next    string // address of the next page
	Contact string // what was searched for; the pages of this search are posted
	After   string
	Links   []uiLink
}

type countLink struct {
	Name    string
	Count   int
	Href    string
	Current bool
}

type agentOption struct {
	ID     ticket.AgentID
	Name   string
	Chosen bool
	Away   bool
}

type stageOption struct {
	Value, Words string
	Chosen       bool
}

// queueRow is one ticket of the queue. It holds nothing personal.
type queueRow struct {
	Number      ticket.Number
	Kind        ticket.Kind
	Category    ticket.Category
	Stage       ticket.Stage
	StageWords  string
	Deadline    templates.Deadline
	Tag         string // colour of the days left, which always stand beside it in words
	Assignee    ticket.AgentID
	Mine        bool
	LeaseHolder ticket.AgentID // works on it right now
	Escalation  int
	Acked       bool
	Awaiting    ticket.Awaiting
	Appealed    bool
	Starting    bool
	Stuck       bool
	Received    time.Time
}

const queuePage = 50

func (k *console) queue(c *gin.Context) {
	f := readQueueFilter(c.Request.URL.Query())
	if n, ok := ticket.ParseNumber(f.Number); ok {
		if t, err := k.Store.Ticket(c.Request.Context(), n); err == nil && memberOf(c).Sees(t) {
			c.Redirect(http.StatusSeeOther, "/desk/tickets/"+string(n))
			return
		}
	}
	k.showQueue(c, f, "")
}

// searchContact finds the tickets of an e-mail address or telephone number. It is
// posted and its result shown at once: nothing personal stands in an address, a
// history or a log.
func (k *console) searchContact(c *gin.Context) {
	form, err := readForm(c)
	if err != nil {
		k.failed(c, err)
		return
	}
	f := queueFilter{Show: showAll, After: form.Get("after")}
	k.showQueue(c, f, form.Get("contact"))
}

func (k *console) showQueue(c *gin.Context, f queueFilter, contact string) {
	ctx, me := c.Request.Context(), memberOf(c).ID
	v := queueView{Frame: k.staffFrame(c, "console.queue.title"), Filter: f, Contact: contact}
	if contact == "" && c.Request.Method == http.MethodGet {
		v.SwitchForm = "filter"
	}
	ask := f.ask(me)
	if contact != "" {
		ask.Contacts = desk.SearchedContact(contact)
	}
	ask.Queues = memberOf(c).Limits()
	ask.Uncounted = v.isFigure()
	status := http.StatusOK
	var page store.Page
	var err error
	if c.Request.Method == http.MethodPost && len([]rune(contact)) < 3 {
		v.Problems = []templates.Problem{{Field: "contact", Text: k.say(c, "console.search.contact_missing")}}
		status = http.StatusUnprocessableEntity
	} else {
		page, err = k.Store.Queue(ctx, ask, k.Now())
	}
	if errors.Is(err, store.ErrBadCursor) {
		k.fault(c, http.StatusBadRequest)
		return
	}
	if err != nil {
		k.failed(c, err)
		return
	}
	if err := k.fillQueue(c, &v, page); err != nil {
		k.failed(c, err)
		return
	}
	k.page(c, status, "console/queue", v)
}

// isFigure reports that what is shown is what one of the figures counts.
func (v *queueView) isFigure() bool {
	f := v.Filter
	return v.Contact == "" && f.Show != showAll && f == queueFilter{Show: f.Show, After: f.After}
}

func (k *console) fillQueue(c *gin.Context, v *queueView, page store.Page) error {
	ctx, me := c.Request.Context(), memberOf(c).ID
	counts, err := k.Store.Counts(ctx, me, k.Now(), memberOf(c).Limits()...)
	if err != nil {
		return err
	}
	agents, err := k.Store.Agents(ctx)
	if err != nil {
		return err
	}
	v.Total, v.More = page.Total, page.Total >= store.MaxTotal
	v.Counts = countLinks(counts, v.Filter)
	for _, l := range v.Counts {
		if v.isFigure() && l.Name == string(v.Filter.Show) {
			v.Total, v.More = l.Count, false
		}
	}
	if !counts.AsOf.IsZero() {
		v.Counted = counts.AsOf.In(k.deskZone(ctx)).Format(time.TimeOnly)
	}
	days := k.dayCount()
	for _, t := range page.Tickets {
		row, err := k.queueRow(c, days, t)
		if err != nil {
			return err
		}
		row.Stuck = page.Stuck[t.Number]
		v.Rows = append(v.Rows, row)
	}
	k.fillFilter(c, v, agents)
	if page.Next != "" {
		v.After, v.Next = page.Next, v.Filter.with("after", page.Next)
	}
	if v.Filter.After != "" {
		v.First = v.Filter.with("after", "")
	}
	v.Links = k.managerLinks(c)
	return nil
}

func (k *console) queueRow(c *gin.Context, days *dayCount, t store.Ticket) (queueRow, error) {
	d, err := days.deadline(c.Request.Context(), t)
	if err != nil {
		return queueRow{}, err
	}
	r := queueRow{Number: t.Number, Kind: t.Kind, Category: t.Category, Stage: t.Stage, StageWords: k.stageWords(c, t.Stage),
		Deadline: d, Assignee: t.Assignee, Mine: t.Assignee == memberOf(c).ID, Escalation: t.Escalation,
		Acked: t.State.Clock.AckedBy != "", Awaiting: t.Awaiting, Appealed: t.Appealed, Starting: t.Starting,
		Received: t.ReceivedAt.In(d.Due.Location())}
	r.LeaseHolder = t.LeaseHolder
	r.Tag = dueTag(d.State, t.SLA)
	return r, nil
}

func dueTag(s templates.DueState, sla ticket.SLAState) string {
	switch {
	case s == templates.DueLate:
		return "tag-red"
	case s == templates.DueToday, s == templates.DueUnder, s == templates.DueLeft && sla == ticket.AtRisk:
		return "tag-amber"
	case s == templates.DueMet:
		return "tag-green"
	case s == templates.DueStopped, s == templates.DueMissed:
		return "tag-grey"
	}
	return "tag-blue"
}

// fillFilter computes what the filter offers and the chips that undo it.
func (k *console) fillFilter(c *gin.Context, v *queueView, agents []store.Agent) {
	f := v.Filter
	v.Kinds = options("kind", ticket.Kinds(), string(f.Kind))
	v.Shows = options("show", shows(), string(f.Show))
	for _, s := range ticket.Stages() {
		v.Stages = append(v.Stages, stageOption{Value: string(s), Words: k.stageWords(c, s), Chosen: s == f.Stage})
	}
	for _, a := range agents {
		if !a.Disabled || a.ID == f.Assignee {
			v.Agents = append(v.Agents, agentOption{ID: a.ID, Name: a.Name, Chosen: a.ID == f.Assignee})
		}
	}
	if v.Contact != "" {
		v.Chips = append(v.Chips, chip{Words: k.say(c, "console.chip.contact"), Href: "/desk"})
	}
	for _, on := range f.chips() {
		on.Words = k.say(c, on.label) + k.say(c, "page.colon") + on.Words
		switch on.name {
		case "kind":
			on.Words = k.say(c, "kind."+string(f.Kind))
		case "stage":
			on.Words = k.stageWords(c, f.Stage)
		case "show":
			on.Words = k.say(c, "console.show."+string(f.Show))
		}
		v.Chips = append(v.Chips, on)
	}
}

// countLinks are the figures on top; each is a way to the tickets it counts.
func countLinks(n store.QueueCounts, f queueFilter) []countLink {
	var out []countLink
	for _, l := range []struct {
		show  show
		count int
	}{{showOpen, n.Open}, {showMine, n.Mine}, {showUnassigned, n.Unassigned}, {showAtRisk, n.AtRisk},
		{showOverdue, n.Overdue}, {showEscalated, n.Escalated}, {showAppeals, n.Appeals}, {showStuck, n.Stuck}} {
		out = append(out, countLink{Name: string(l.show), Count: l.count, Href: queueFilter{Show: l.show}.href(),
			Current: f == queueFilter{Show: l.show}})
	}
	return out
}
