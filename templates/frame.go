package templates

import (
	"slices"
	"strings"
	"time"

	"rightsdesk/ticket"
)

// Frame is what the layout needs of every page. The view struct of a page
// embeds it; the page's own template defines "body", which sees the whole view.
type Frame struct {
	Title    string        // of the page, without the operator's name
	Locale   ticket.Locale // the language of the page
	Path     string        // the page's own address: the language switch asks for it again
	Operator Operator
	SignedIn *SignedIn // the member of staff, or nil on public pages
	Wide     bool      // console pages: room for tables

	// SwitchForm is the id of a form on the page. When it is set the language
	// switch submits that form (with lang=…) instead of following a link, so
	// that nothing typed is lost.
	SwitchForm string
	// Problems are listed on top of the page and make its title begin "Error:".
	Problems []Problem
	// Notice is said once on top of the page, after an act that succeeded.
	Notice string
}

// Problem is one thing to mend: its words, and the id of the input it concerns.
type Problem struct {
	Field string // id of the input; empty: the page as a whole
	Name  string // of the input, for the list on top of the page; empty: the words say it
	Text  string
}

// Asks reports that the input's name is a question, which needs no colon after it.
func (p Problem) Asks() bool {
	return strings.HasSuffix(p.Name, "?") || strings.HasSuffix(p.Name, "？")
}

// SignedIn is the member of staff whose session it is.
type SignedIn struct {
	ID     ticket.AgentID
	Name   string
	Role   ticket.Role
	SignOn bool // by single sign-on: there is no password to change here
}

// Home is where their work begins: the queue, or the team for who sees no ticket.
func (s SignedIn) Home() string {
	if s.Role.May(ticket.MaySeeTickets) {
		return "/desk"
	}
	return "/desk/team"
}

// OperatorName is the operator's name in the language of the page.
func (f Frame) OperatorName() string { return f.Operator.NameIn(f.Locale) }

// CanMend reports that something on the page can be mended by who reads it.
func (f Frame) CanMend() bool {
	return slices.ContainsFunc(f.Problems, func(p Problem) bool { return p.Field != "" })
}

// Wrong is what is wrong with an input, or nothing: {{with .Wrong "email"}}.
func (f Frame) Wrong(field string) string {
	for _, p := range f.Problems {
		if p.Field == field {
			return p.Text
		}
	}
	return ""
}

// DueState is how a deadline is spoken of.
type DueState string

const (
	DueLeft    DueState = "left"    // so many working days are left
	DueToday   DueState = "today"   // it ends today
	DueUnder   DueState = "under"   // not today, but no working day is left before it
	DueLate    DueState = "late"    // it has passed without an answer
	DueMet     DueState = "met"     // answered
	DueMissed  DueState = "missed"  // answered or ended after it
	DueStopped DueState = "stopped" // no answer is owed any more
)

// Deadline is a reply deadline as the partial "deadline" shows it: written out
// with the weekday, the working days left, and whether it is provisional.
type Deadline struct {
	Due         time.Time // in the zone of the calendar
	Provisional bool
	Left        int // working days left; when late, working days since
	State       DueState
}

// NewDeadline says how a deadline stands now. Left is what the planner counts
// (0 on the last day, negative when late); due must be in the calendar's zone.
func NewDeadline(due, now time.Time, provisional bool, left int, sla ticket.SLAState) Deadline {
	d := Deadline{Due: due, Provisional: provisional, Left: max(left, 0), State: DueLeft}
	switch {
	case sla == ticket.InTime:
		d.State = DueMet
	case sla == ticket.Late:
		d.State = DueMissed
	case sla == ticket.StoppedSLA:
		d.State = DueStopped
	case now.Sub(due) >= time.Second:
		d.State, d.Left = DueLate, max(-left, 0)
	case sameDay(now.In(due.Location()), due):
		d.State = DueToday
	case left <= 0:
		d.State = DueUnder
	}
	return d
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}
