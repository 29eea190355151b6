package api

import (
	"context"
	"net/http"
	"time"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// v1QueueTicket is one ticket of the queue. It holds nothing personal.
type v1QueueTicket struct {
	Number       ticket.Number   `json:"number"`
	Kind         ticket.Kind     `json:"kind"`
	Category     ticket.Category `json:"category,omitempty"`
	Stage        ticket.Stage    `json:"stage"`
	Awaiting     ticket.Awaiting `json:"awaiting"`
	ReceivedAt   time.Time       `json:"received_at"`
	Reply        v1Deadline      `json:"reply"`
	SLA          ticket.SLAState `json:"sla"`
	Assignee     ticket.AgentID  `json:"assignee,omitempty"`
	ClaimedBy    ticket.AgentID  `json:"claimed_by,omitempty" doc:"Who works on it right now"`
	Escalation   int             `json:"escalation" doc:"Rungs climbed"`
	Acknowledged bool            `json:"acknowledged"`
	Appealed     bool            `json:"appealed"`
	Starting     bool            `json:"starting"`
	Stuck        bool            `json:"stuck" doc:"Something of it fails again and again"`
}

// v1QueuePage is a page of the queue.
type v1QueuePage struct {
	Tickets []v1QueueTicket `json:"tickets" nullable:"false"`
	Next    string          `json:"next,omitempty" doc:"Where the next page begins: give it as after, with the same filter. Absent: there are no more"`
	Total   int             `json:"total" doc:"Of the whole filter"`
	AtLeast bool            `json:"at_least,omitempty" doc:"The total is a lower bound"`
}

// v1Counts are the figures over the queue. All count open tickets, but for stuck.
type v1Counts struct {
	Open        int `json:"open"`
	Mine        int `json:"mine"`
	Unassigned  int `json:"unassigned"`
	AtRisk      int `json:"at_risk"`
	Overdue     int `json:"overdue"`
	Escalated   int `json:"escalated"`
	Appeals     int `json:"appeals"`
	Provisional int `json:"provisional"`
	Starting    int `json:"starting"`
	Stuck       int `json:"stuck" doc:"Of any stage: something of them fails again and again"`

	AsOf *time.Time `json:"as_of,omitempty" doc:"When all but mine were counted. Absent: just now"`
}

// v1Search finds tickets by a contact. It is posted, so that no contact stands in
// an address or a log.
type v1Search struct {
	Contact string `json:"contact" minLength:"3" doc:"E-mail address, telephone number or account name, however it was written in the request"`
	After   string `json:"after,omitempty" doc:"next of the page before"`
	Limit   int    `json:"limit,omitempty" minimum:"1" maximum:"200"`
}

type (
	v1QueueInput struct {
		Show     show            `query:"show" default:"open" doc:"Which tickets, before the other filters"`
		Kind     ticket.Kind     `query:"kind"`
		Stage    ticket.Stage    `query:"stage" doc:"Retained and purged tickets show only when asked for by their stage, with show=all"`
		SLA      ticket.SLAState `query:"sla"`
		Assignee string          `query:"assignee" doc:"Sign-in name of a member of staff"`
		Number   string          `query:"number" maxLength:"60" doc:"Beginning of a ticket number, or of its last eight characters"`
		Order    string          `query:"order" enum:"due,received" default:"due" doc:"The most urgent first, or the newest. What number finds comes by its number"`
		After    string          `query:"after" doc:"next of the page before"`
		Limit    int             `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	v1SearchInput  struct{ Body v1Search }
	v1QueueOutput  struct{ Body v1QueuePage }
	v1CountsOutput struct{ Body v1Counts }
)

func (a *v1) queueRoutes() {
	op := func(id, method, path, summary, about string) v1Op {
		return v1Op{id: id, method: method, path: path, tag: v1TagQueue, who: v1Staff, may: ticket.MaySeeTickets, summary: summary, about: about}
	}
	addV1(a, op("list-queue", http.MethodGet, "/queue", "The queue, a page at a time",
		"Pages are keyset pages: tickets that come and go shift nothing. Nothing personal stands in the queue."), a.queue)
	addV1(a, op("count-queue", http.MethodGet, "/queue/counts", "The figures over the queue", "All count open tickets, but for stuck: what can't be kept or purged is stuck too. Of many tickets, a count is shared for a few seconds and says when it was made."), a.counts)
	search := op("search-queue", http.MethodPost, "/queue/search", "Find the tickets of a contact",
		"By keyed hash: the contact itself is stored nowhere in the clear.")
	search.may = ticket.MayReadPersonal // whether somebody has a ticket is personal
	search.example = v1Search{Contact: "wang@mail.example"}
	addV1(a, search, a.search)
}

func (a *v1) queue(ctx context.Context, in *v1QueueInput) (*v1QueueOutput, error) {
	f := queueFilter{Show: in.Show, Kind: in.Kind, Stage: in.Stage, After: in.After, Number: in.Number}
	if in.Assignee != "" {
		agent, ok := ticket.CheckAgentID(in.Assignee)
		if !ok {
			return nil, v1Wrong{{In: "query", Field: "assignee", Code: string(v1BadAgentID)}}
		}
		f.Assignee = agent
	}
	ask := f.ask(callOf(ctx).agent.ID)
	ask.SLA, ask.Limit = in.SLA, in.Limit
	if in.Order == string(store.OrderReceived) {
		ask.Order = store.OrderReceived
	}
	return a.queuePage(ctx, ask)
}

func (a *v1) search(ctx context.Context, in *v1SearchInput) (*v1QueueOutput, error) {
	return a.queuePage(ctx, store.Filter{Contacts: desk.SearchedContact(in.Body.Contact), After: in.Body.After, Limit: in.Body.Limit})
}

func (a *v1) queuePage(ctx context.Context, ask store.Filter) (*v1QueueOutput, error) {
	ask.Queues = callOf(ctx).agent.Limits()
	page, err := a.Store.Queue(ctx, ask, a.Now())
	if err != nil {
		return nil, err
	}
	out := v1QueuePage{Tickets: []v1QueueTicket{}, Next: page.Next, Total: page.Total, AtLeast: page.Total >= store.MaxTotal}
	days := a.console.dayCount()
	for _, t := range page.Tickets {
		d, err := days.deadline(ctx, t)
		if err != nil {
			return nil, err
		}
		row := v1QueueTicket{Number: t.Number, Kind: t.Kind, Category: t.Category, Stage: t.Stage, Awaiting: t.Awaiting,
			ReceivedAt: t.ReceivedAt.In(d.Due.Location()), Reply: newDeadline(d), SLA: t.SLA, Assignee: t.Assignee,
			Escalation: t.Escalation, Acknowledged: t.State.Clock.AckedBy != "", Appealed: t.Appealed, Starting: t.Starting, Stuck: page.Stuck[t.Number]}
		if t.LeaseUntil.After(a.Now()) {
			row.ClaimedBy = t.LeaseHolder
		}
		out.Tickets = append(out.Tickets, row)
	}
	return &v1QueueOutput{out}, nil
}

func (a *v1) counts(ctx context.Context, _ *struct{}) (*v1CountsOutput, error) {
	me := callOf(ctx).agent
	n, err := a.Store.Counts(ctx, me.ID, a.Now(), me.Limits()...)
	if err != nil {
		return nil, err
	}
	out := v1Counts{Open: n.Open, Mine: n.Mine, Unassigned: n.Unassigned, AtRisk: n.AtRisk, Overdue: n.Overdue,
		Escalated: n.Escalated, Appeals: n.Appeals, Provisional: n.Provisional, Starting: n.Starting, Stuck: n.Stuck}
	if !n.AsOf.IsZero() {
		out.AsOf = instant(n.AsOf, a.console.deskZone(ctx))
	}
	return &v1CountsOutput{out}, nil
}
