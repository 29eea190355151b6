package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/calendar"
	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// ledgerLine is an entry of the clock's ledger in words.
type ledgerLine struct {
	At          time.Time
	What        string
	Rung        ticket.Rung
	Running     bool
	Due         time.Time
	Provisional bool
	Calendar    contract.CalendarVersion
	Who         string
	From        time.Time // of a clock that runs from before its first line: from when
	Reason      string    // the words of whoever acted, while they exist
}

func (k *console) ledgerLines(c *gin.Context, r *ticketRead) []ledgerLine {
	reasons := map[int64]string{}
	if r.Personal != nil {
		for _, m := range r.Personal.Messages {
			reasons[m.ID] = m.Text
		}
	}
	var out []ledgerLine
	for _, e := range r.Ledger {
		line := ledgerLine{At: e.At.In(r.Zone), What: k.sentence(c, "clock."+string(e.Event), string(e.Event)),
			Rung: e.Rung, Running: e.Running, Due: in(e.Due, r.Zone), Provisional: e.Provisional, Calendar: e.Calendar,
			Who: k.who(c, e.Actor, e.Agent), Reason: reasons[e.Reason]}
		if e.Event == ticket.ClockStarted && r.filedLater() {
			line.From = r.ReceivedAt.In(r.Zone)
		}
		out = append(out, line)
	}
	return out
}

// countingView explains the deadline day by day.
type countingView struct {
	From     time.Time
	Term     ticket.Term
	Extended bool
	Rule     ticket.ClockRule
	Days     []dayLine
	Version  contract.CalendarVersion
}

type dayLine struct {
	Date    time.Time
	N       int // its number in the count; 0: not counted
	Why     string
	Name    string // of the festival
	Receipt bool
	Today   bool
}

// counting asks the planner how the deadline in force came about.
func (k *console) counting(c *gin.Context, r *ticketRead) (countingView, error) {
	terms, clock := r.terms(), r.State.Clock
	ask := contract.PlanClock{Number: r.Number, Policy: r.Ticket.Policy, From: clock.From, Term: terms.Deadline,
		Roll: terms.Roll, Assigned: true}
	if ask.From.IsZero() {
		ask.From = r.ReceivedAt
	}
	if r.State.Reopened {
		ask.Term = terms.Appeal.Deadline
	}
	if clock.Extended {
		ask.Extend = terms.Extension
	}
	now := k.Now()
	for _, pause := range clock.Pauses {
		if pause.To.IsZero() {
			pause.To = now
		}
		ask.Pauses = append(ask.Pauses, pause)
	}
	explained, cal, err := k.Planner.Explain(c.Request.Context(), ask)
	if err != nil {
		return countingView{}, err
	}
	zone := cal.Location()
	v := countingView{From: ask.From.In(zone), Term: ask.Term, Extended: clock.Extended, Rule: terms.Clock, Version: r.Calendar}
	today := calendar.DateOf(now, zone)
	for i, day := range explained.Days {
		line := dayLine{Date: day.Date.Start(zone), N: day.N, Why: string(day.Type), Name: day.Name, Receipt: i == 0,
			Today: day.Date == today}
		if day.Paused {
			line.Why = "paused"
		}
		v.Days = append(v.Days, line)
	}
	return v, nil
}
