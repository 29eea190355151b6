package api

import (
	"context"
	"net/http"
	"time"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// v1Explained is a deadline with the days that were counted and skipped.
type v1Explained struct {
	Number      ticket.Number            `json:"number,omitempty"`
	From        time.Time                `json:"from" doc:"Its day does not count"`
	Term        v1Term                   `json:"term"`
	Extended    bool                     `json:"extended"`
	Clock       ticket.ClockRule         `json:"clock"`
	Due         time.Time                `json:"due" doc:"The last second of the period"`
	Provisional bool                     `json:"provisional"`
	Calendar    contract.CalendarVersion `json:"calendar_version"`
	Days        []v1CountedDay           `json:"days" nullable:"false" doc:"From the day of receipt to the last; empty for a term in hours or minutes"`
}

// v1CountedDay is one day of the count.
type v1CountedDay struct {
	Date string `json:"date" format:"date"`
	N    int    `json:"n,omitempty" doc:"Its number in the count; absent: not counted"`
	Why  string `json:"why" doc:"working_day, weekend, holiday, make_up_workday, statutory_holiday or paused"`
	Name string `json:"name,omitempty" doc:"Of the festival"`
}

type (
	v1DeadlineInput struct {
		Received time.Time   `query:"received" required:"true" doc:"Time of receipt, RFC 3339 with its offset (write + as %2B)"`
		Kind     ticket.Kind `query:"kind" required:"true"`
	}
	v1ExplainedOutput struct{ Body v1Explained }
)

func (a *v1) deadlineRoutes() {
	addV1(a, v1Op{id: "explain-deadline", method: http.MethodGet, path: "/deadline", tag: v1TagCalendar, who: v1Staff,
		may: ticket.MaySeeCalendar, summary: "When a reply would be due, and why",
		about: "Under the policy that new tickets are received under."}, a.explain)
	addV1(a, v1Op{id: "explain-ticket-deadline", method: http.MethodGet, path: "/tickets/{number}/deadline", tag: v1TagCalendar,
		who: v1Staff, may: ticket.MaySeeTickets, summary: "Why a ticket's reply is due then",
		about: "The deadline is the one on record; the days are those counted under the ticket's own policy."}, a.explainTicket)
}

func (a *v1) explain(ctx context.Context, in *v1DeadlineInput) (*v1ExplainedOutput, error) {
	terms := a.Policy.Kinds[in.Kind]
	if y := in.Received.Year(); y < 2000 || y > 2150 {
		return nil, v1Wrong{{In: "query", Field: "received", Code: string(v1BadDate)}}
	}
	d, cal, err := a.Planner.Explain(ctx, contract.PlanClock{Policy: a.Policy.Ref(), From: in.Received, Term: terms.Deadline, Roll: terms.Roll})
	if err != nil {
		return nil, err
	}
	_, version, err := a.Planner.Calendar(ctx, a.Policy.Calendar)
	if err != nil {
		return nil, err
	}
	out := v1Explained{From: in.Received.In(cal.Location()), Term: v1Term{terms.Deadline.Count, terms.Deadline.Unit}, Clock: terms.Clock,
		Due: d.Due, Provisional: d.Provisional, Calendar: version, Days: []v1CountedDay{}}
	for _, day := range d.Days {
		out.Days = append(out.Days, v1CountedDay{Date: day.Date.String(), N: day.N, Why: string(day.Type), Name: day.Name})
	}
	return &v1ExplainedOutput{out}, nil
}

func (a *v1) explainTicket(ctx context.Context, in *V1Numbered) (*v1ExplainedOutput, error) {
	number, err := in.number()
	if err != nil {
		return nil, err
	}
	t, err := a.Store.Ticket(ctx, number)
	if err != nil {
		return nil, err
	}
	policy, err := a.Planner.Policy(ctx, t.Policy)
	if err != nil {
		return nil, err
	}
	v, err := a.console.counting(callOf(ctx).gin, &ticketRead{Ticket: t, Policy: policy})
	if err != nil {
		return nil, err
	}
	out := v1Explained{Number: number, From: v.From, Term: v1Term{v.Term.Count, v.Term.Unit}, Extended: v.Extended, Clock: v.Rule,
		Due: t.ReplyDue.In(v.From.Location()), Provisional: t.Provisional, Calendar: v.Version, Days: []v1CountedDay{}}
	for _, day := range v.Days {
		out.Days = append(out.Days, v1CountedDay{Date: day.Date.Format(time.DateOnly), N: day.N, Why: day.Why, Name: day.Name})
	}
	return &v1ExplainedOutput{out}, nil
}
