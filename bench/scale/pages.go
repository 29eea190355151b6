package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// page is a page to measure: how a request for it is made in a round, by whom, and
// which answer is right.
type page struct {
	name   string
	by     func(d *desk) *browser
	ask    func(ctx context.Context, d *desk, round int) (*http.Request, error)
	status int
}

func managers(d *desk) *browser { return d.manager }

func pages() []page {
	queue := func(name, path string) page {
		return page{name: name, by: managers, status: http.StatusOK, ask: func(context.Context, *desk, int) (*http.Request, error) {
			return got(path), nil
		}}
	}
	out := []page{queue("queue", "/desk")}
	out = append(out,
		page{name: "queue: half-way through the open", by: managers, status: http.StatusOK, ask: func(_ context.Context, d *desk, _ int) (*http.Request, error) {
			return got("/desk?after=" + d.deep["open"]), nil
		}},
		page{name: "queue of an agent limited to two queues", by: func(d *desk) *browser { return d.limited }, status: http.StatusOK,
			ask: func(context.Context, *desk, int) (*http.Request, error) { return got("/desk"), nil }},
		page{name: "figure: mine", by: func(d *desk) *browser { return d.handling }, status: http.StatusOK,
			ask: func(context.Context, *desk, int) (*http.Request, error) { return got("/desk?show=mine"), nil }},
	)
	for _, show := range []string{"unassigned", "at_risk", "overdue", "escalated", "appeals"} {
		out = append(out, queue("figure: "+show, "/desk?show="+show))
	}
	out = append(out,
		queue("all tickets", "/desk?show=all"),
		page{name: "all tickets: a quarter through", by: managers, status: http.StatusOK, ask: func(_ context.Context, d *desk, _ int) (*http.Request, error) {
			return got("/desk?show=all&after=" + d.deep["all"]), nil
		}},
		queue("filter: kind", "/desk?kind=complaint"),
		queue("filter: open stage", "/desk?stage=waiting_on_subject"),
		queue("filter: assignee", "/desk?assignee=agent07"),
		queue("filter: kind, stage and assignee", "/desk?kind=info_correction&stage=in_progress&assignee=agent07"),
		queue("filter: at risk, of a kind and stage", "/desk?show=at_risk&kind=info_correction&stage=fulfilling"),
		queue("all: kind", "/desk?show=all&kind=account_cancellation"),
		queue("all: ended stage", "/desk?stage=closed"),
		queue("all: kind and ended stage", "/desk?stage=verification_expired&kind=info_correction"),
		queue("all: kind and stage, none", "/desk?stage=purged&kind=complaint"),
		queue("all: retained", "/desk?stage=retained"),
		queue("all: purged", "/desk?stage=purged"),
		queue("all: assignee", "/desk?show=all&assignee=agent07"),
		queue("all: assignee and stage", "/desk?show=all&assignee=agent07&stage=refused"),
		queue("all: kind, stage and assignee", "/desk?show=all&assignee=agent07&stage=refused&kind=complaint"),
	)
	byNumber := func(name string, typed func(d *desk, n ticket.Number) string, status int) page {
		return page{name: name, by: managers, status: status, ask: func(_ context.Context, d *desk, round int) (*http.Request, error) {
			return got("/desk?number=" + url.QueryEscape(typed(d, d.shape.Number(d.any(round))))), nil
		}}
	}
	out = append(out,
		byNumber("number: whole", func(_ *desk, n ticket.Number) string { return string(n) }, http.StatusSeeOther),
		byNumber("number: last eight", func(_ *desk, n ticket.Number) string { return string(n)[13:] }, http.StatusOK),
		byNumber("number: four of the last eight", func(_ *desk, n ticket.Number) string { return string(n)[13:17] }, http.StatusOK),
		byNumber("number: two of the last eight", func(_ *desk, n ticket.Number) string { return "X" + string(n)[14:15] }, http.StatusOK),
		byNumber("number: a day", func(_ *desk, n ticket.Number) string { return string(n)[:12] }, http.StatusOK),
		byNumber("number: a month", func(_ *desk, n ticket.Number) string { return string(n)[4:10] }, http.StatusOK),
		byNumber("number: a year", func(_ *desk, n ticket.Number) string { return string(n)[4:8] }, http.StatusOK),
		byNumber("number: none", func(*desk, ticket.Number) string { return "DSR-20990101" }, http.StatusOK),
	)
	search := func(name string, typed func(d *desk, round int) string) page {
		return page{name: name, by: managers, status: http.StatusOK, ask: func(_ context.Context, d *desk, round int) (*http.Request, error) {
			return posted("/desk/search", url.Values{"contact": {typed(d, round)}}), nil
		}}
	}
	out = append(out,
		search("contact: a person's address", func(d *desk, round int) string { return d.shape.Email(d.some("open", round)) }),
		search("contact: one with a thousand tickets", func(d *desk, _ int) string { return d.shape.Email(0) }),
		search("contact: nobody's", func(*desk, int) string { return "nobody@mail.example" }),
		page{name: "ticket, open", by: managers, status: http.StatusOK, ask: func(_ context.Context, d *desk, round int) (*http.Request, error) {
			return got("/desk/tickets/" + string(d.shape.Number(d.some("open", round)))), nil
		}},
		page{name: "ticket, closed", by: managers, status: http.StatusOK, ask: func(_ context.Context, d *desk, round int) (*http.Request, error) {
			return got("/desk/tickets/" + string(d.shape.Number(d.some("closed", round)))), nil
		}},
		tracking("tracking page, not proved", "open", false), tracking("tracking page, open", "open", true),
		tracking("tracking page, answered", "closed", true),
	)
	json := func(name, path, body string) page {
		return page{name: name, by: func(d *desk) *browser { return &browser{desk: d, cookies: map[string]string{}} }, status: http.StatusOK,
			ask: func(_ context.Context, d *desk, _ int) (*http.Request, error) {
				return said("/api/v1"+path, d.token, body), nil
			}}
	}
	return append(out,
		json("JSON: queue", "/queue", ""),
		json("JSON: newest first", "/queue?order=received", ""),
		json("JSON: all, newest first", "/queue?order=received&show=all", ""),
		json("JSON: overdue, newest first", "/queue?order=received&show=overdue", ""),
		json("JSON: answered late", "/queue?show=all&sla=late", ""),
		json("JSON: 200 tickets", "/queue?limit=200", ""),
		json("JSON: figures", "/queue/counts", ""),
		json("JSON: contact", "/queue/search", `{"contact":"person0@mail.example"}`),
	)
}

// tracking is the page of a person, in a session of their own.
func tracking(name, sort string, proved bool) page {
	return page{name: name, by: func(d *desk) *browser { return &browser{desk: d, cookies: map[string]string{}} }, status: http.StatusOK,
		ask: func(ctx context.Context, d *desk, round int) (*http.Request, error) {
			token, err := d.store.NewLink(ctx, d.shape.Number(d.some(sort, round)), store.LinkSession, proved, time.Now(), time.Hour)
			if err != nil {
				return nil, err
			}
			r := got("/ticket")
			r.AddCookie(&http.Cookie{Name: "ticket", Value: token})
			return r, nil
		}}
}

// any is a ticket, another one in each round.
func (d *desk) any(round int) int {
	return rand.New(rand.NewPCG(uint64(round), 1)).IntN(d.shape.Tickets)
}

// some is a ticket of a sort, another one in each round.
func (d *desk) some(sort string, round int) int {
	if d.looked[sort] == nil {
		stages := map[string]ticket.Stage{"open": ticket.InProgress, "closed": ticket.Closed}
		page, err := d.store.Queue(context.Background(), store.Filter{Stage: stages[sort], Limit: 200}, time.Now())
		if err != nil {
			panic(err)
		}
		found := map[ticket.Number]bool{}
		for _, t := range page.Tickets {
			found[t.Number] = true
		}
		for i := range d.shape.Tickets {
			if found[d.shape.Number(i)] {
				d.looked[sort] = append(d.looked[sort], i)
			}
		}
		if d.looked[sort] == nil {
			panic(fmt.Sprintf("no ticket is %s", sort))
		}
	}
	return d.looked[sort][round%len(d.looked[sort])]
}
