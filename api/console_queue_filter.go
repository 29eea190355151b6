package api

import (
	"net/url"
	"strings"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// show is which tickets the queue shows, before kind, stage and assignee.
type show string

const (
	showOpen       show = "open"
	showMine       show = "mine"
	showUnassigned show = "unassigned"
	showAtRisk     show = "at_risk"
	showOverdue    show = "overdue"
	showEscalated  show = "escalated"
	showAppeals    show = "appeals"
	showStuck      show = "stuck"
	showAll        show = "all"
)

func shows() []show {
	return []show{showOpen, showMine, showUnassigned, showAtRisk, showOverdue, showEscalated, showAppeals, showStuck, showAll}
}

// queueFilter is the filter as it stands in the address. What it does not know
// it leaves out.
type queueFilter struct {
	Show     show
	Kind     ticket.Kind
	Stage    ticket.Stage
	Assignee ticket.AgentID
	Number   string
	After    string
}

func readQueueFilter(q url.Values) queueFilter {
	f := queueFilter{Show: showOpen, Number: strings.TrimSpace(q.Get("number")), After: q.Get("after")}
	if s, ok := ticket.ParseOne(q.Get("show"), shows()); ok {
		f.Show = s
	}
	f.Kind, _ = ticket.ParseOne(q.Get("kind"), ticket.Kinds())
	f.Stage, _ = ticket.ParseOne(q.Get("stage"), ticket.Stages())
	f.Assignee, _ = ticket.CheckAgentID(q.Get("assignee"))
	if len(f.Number) > 60 {
		f.Number = f.Number[:60]
	}
	// An ended stage or a number is asked for by itself: among the open tickets
	// there would be nothing to see.
	if f.Show == showOpen && (f.Number != "" || f.Stage != "" && !f.Stage.Open()) {
		f.Show = showAll
	}
	return f
}

// ask is the filter as the store takes it.
func (f queueFilter) ask(me ticket.AgentID) store.Filter {
	ask := store.Filter{Kind: f.Kind, Stage: f.Stage, Assignee: f.Assignee, After: f.After, Limit: queuePage}
	if f.Number != "" {
		ask.Number, ask.Random = numberPrefix(f.Number), randomPrefix(f.Number)
	}
	switch f.Show {
	case showOpen:
		ask.Open = true
	case showMine:
		ask.Mine, ask.Open = me, true
	case showUnassigned:
		ask.Unassigned = true
	case showAtRisk:
		ask.AtRisk = true
	case showOverdue:
		ask.Overdue = true
	case showEscalated:
		ask.Escalated = true
	case showAppeals:
		ask.Appeals = true
	case showStuck:
		ask.Stuck = true
	case showAll:
	}
	return ask
}

// numberPrefix reads the beginning of a ticket number as people type it: lower
// case, full-width, without DSR or hyphens, O, I and L for digits. What can't be
// one finds nothing.
func numberPrefix(s string) string {
	typed := numberRunes(s)
	if typed == "" {
		return "-"
	}
	rest := digitLike.Replace(strings.TrimPrefix(typed, "DSR"))
	if len(rest) > 16 {
		rest = rest[:16]
	}
	if len(rest) > 8 {
		rest = rest[:8] + "-" + rest[8:]
	}
	return "DSR-" + rest
}

// randomPrefix reads the beginning of the last eight characters of a number, by
// which people tell tickets apart: nothing when more or something else was typed.
func randomPrefix(s string) string {
	rest := digitLike.Replace(numberRunes(s))
	if len(rest) > 8 {
		return ""
	}
	return rest
}

// digitLike are letters that stand in no number.
var digitLike = strings.NewReplacer("O", "0", "I", "1", "L", "1")

// numberRunes keeps the letters and digits of what was typed, as they stand in
// numbers.
func numberRunes(s string) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(s) {
		if r >= '！' && r <= '～' { // full-width forms
			r = r - '！' + '!'
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// chip is one part of the filter, with the address that leaves it out.
type chip struct {
	Words, Href string
	name, label string
}

func (f queueFilter) chips() []chip {
	var out []chip
	add := func(name, label, words string, on bool) {
		if on {
			out = append(out, chip{name: name, label: label, Words: words, Href: f.without(name)})
		}
	}
	add("show", "console.filter.show", "", f.Show != showOpen && f.Show != "")
	add("kind", "console.filter.kind", "", f.Kind != "")
	add("stage", "console.filter.stage", "", f.Stage != "")
	add("assignee", "console.filter.assignee", string(f.Assignee), f.Assignee != "")
	add("number", "console.filter.number", f.Number, f.Number != "")
	return out
}

func (f queueFilter) values() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Show != showOpen {
		set("show", string(f.Show))
	}
	set("kind", string(f.Kind))
	set("stage", string(f.Stage))
	set("assignee", string(f.Assignee))
	set("number", f.Number)
	set("after", f.After)
	return q
}

func (f queueFilter) href() string {
	if q := f.values().Encode(); q != "" {
		return "/desk?" + q
	}
	return "/desk"
}

// with is the address of the queue with one part of the filter changed; an empty
// value leaves it out.
func (f queueFilter) with(name, value string) string {
	q := f.values()
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	if len(q) == 0 {
		return "/desk"
	}
	return "/desk?" + q.Encode()
}

// without leaves a part out, and begins at the first page again. The range
// "all" that a number or an ended stage brought along goes with it.
func (f queueFilter) without(name string) string {
	f.After = ""
	q := f.values()
	q.Del(name)
	if (name == "number" || name == "stage") && f.Show == showAll {
		q.Del("show")
	}
	if len(q) == 0 {
		return "/desk"
	}
	return "/desk?" + q.Encode()
}
