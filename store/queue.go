package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// Cursor is where a page of the queue ends. It is opaque.
type Cursor = string

// Order is how the queue is sorted.
type Order string

const (
	OrderDue      Order = ""         // most urgent first
	OrderReceived Order = "received" // newest first
)

// Filter says which tickets to list; the zero value lists all but those that
// are retained or purged, which show only when Stage asks for them.
type Filter struct {
	Kind       ticket.Kind
	Stage      ticket.Stage
	SLA        ticket.SLAState
	Assignee   ticket.AgentID
	Mine       ticket.AgentID // assigned to this agent
	Unassigned bool           // open and nobody's
	Overdue    bool           // open and past its deadline
	AtRisk     bool           // open, not overdue, most of the time gone
	Escalated  bool           // open and at least one rung up
	Appeals    bool           // open and appealed
	Stuck      bool           // something of it fails again and again, open or not
	Open       bool
	Number     string        // prefix
	Random     string        // or the random part of the number begins with this
	Queues     ticket.Queues // in one of these; none: in any
	// Contacts are ways to write down one e-mail address, telephone number or
	// account name given in the form; nil: whatever it is.
	Contacts []string
	After    Cursor
	Limit    int // 50 if 0, at most 200
	Order    Order
}

// Page is a part of the queue.
type Page struct {
	Tickets []Ticket
	Next    Cursor                 // empty: there are no more
	Total   int                    // of the whole filter; counting stops at MaxTotal
	Stuck   map[ticket.Number]bool // those of the page that are stuck
}

// MaxTotal is where Page.Total stops counting: it means "that many or more".
const MaxTotal = 10_000

// QueueCounts are the figures over the queue. All count open tickets, but for
// Stuck: what can't be kept or purged is stuck too.
type QueueCounts struct {
	Open        int
	Mine        int
	Unassigned  int
	Overdue     int
	AtRisk      int
	Escalated   int
	Appeals     int
	Provisional int
	Starting    int `gorm:"column:unstarted"` // workflow not started yet
	Stuck       int
}

// Queue lists the tickets of a filter, a page at a time.
func (s *Store) Queue(ctx context.Context, f Filter, now time.Time) (Page, error) {
	const doing = "reading the queue"
	if f.Limit <= 0 {
		f.Limit = 50
	}
	limit := min(f.Limit, 200)
	query, err := f.page(s.filtered(s.read(ctx), f, now))
	if err != nil {
		return Page{}, failed(doing, err)
	}
	var rows []ticketRow
	if err := query.Limit(limit + 1).Find(&rows).Error; err != nil {
		return Page{}, failed(doing, err)
	}
	var page Page
	if len(rows) > limit {
		rows = rows[:limit]
		page.Next = f.cursorAt(rows[limit-1])
	}
	if page.Stuck, err = s.stuckAmong(ctx, rows); err != nil {
		return Page{}, failed(doing, err)
	}
	for _, row := range rows {
		t, err := row.ticket()
		if err != nil {
			return Page{}, failed(doing, err)
		}
		page.Tickets = append(page.Tickets, t)
	}
	var total int64
	counted := s.filtered(s.read(ctx), f, now).Model(&ticketRow{}).Select("1 AS one").Limit(MaxTotal)
	if err := s.read(ctx).Table("(?) AS counted", counted).Count(&total).Error; err != nil {
		return Page{}, failed(doing, err)
	}
	page.Total = int(total)
	return page, nil
}

// filtered adds the conditions of the filter to a query of tickets.
func (s *Store) filtered(db *gorm.DB, f Filter, now time.Time) *gorm.DB {
	equal := func(column, value string) {
		if value != "" {
			db = db.Where(column+" = ?", value)
		}
	}
	equal("kind", string(f.Kind))
	equal("stage", string(f.Stage))
	equal("sla", string(f.SLA))
	equal("assignee", string(f.Assignee))
	equal("assignee", string(f.Mine))
	if f.Stuck {
		db = db.Where("number IN (SELECT number FROM troubles)")
	} else if f.Stage == "" {
		db = db.Where("stage NOT IN ?", []ticket.Stage{ticket.Retained, ticket.Purged})
	}
	if f.Open || f.Unassigned || f.Overdue || f.AtRisk || f.Escalated || f.Appeals {
		db = db.Where("open = ?", true)
	}
	if f.Unassigned {
		db = db.Where("assignee = ?", ticket.Nobody)
	}
	if f.Overdue {
		db = db.Where("reply_due < ?", instantOf(now))
	}
	if f.AtRisk {
		db = db.Where("sla = ? AND reply_due >= ?", ticket.AtRisk, instantOf(now))
	}
	if f.Escalated {
		db = db.Where("escalation > 0")
	}
	if f.Appeals {
		db = db.Where("appealed = ?", true)
	}
	if f.Number != "" {
		pattern := likePrefix(f.Number)
		random := pattern
		if f.Random != "" {
			random = anyDay + likePrefix(f.Random)
		}
		db = db.Where("(number LIKE ? OR number LIKE ?)", pattern, random)
	}
	db = within(db, f.Queues)
	if f.Contacts != nil {
		db = db.Where("number IN (SELECT number FROM ticket_contacts WHERE hash IN ?)", s.contactHashes(f.Contacts))
	}
	return db
}

// anyDay is the pattern of what stands before the random part of a number.
const anyDay = "DSR-________-"

// within limits a query of tickets to queues.
func within(db *gorm.DB, queues ticket.Queues) *gorm.DB {
	if len(queues) == 0 {
		return db
	}
	var either []string
	var values []any
	for _, q := range queues {
		kind, category := q.Parts()
		if category == "" {
			either, values = append(either, "kind = ?"), append(values, kind)
		} else {
			either, values = append(either, "kind = ? AND category = ?"), append(values, kind, category)
		}
	}
	return db.Where("("+strings.Join(either, " OR ")+")", values...)
}

// likePrefix is a pattern for numbers that begin with what was typed. Anything
// that stands in no number makes it match nothing.
func likePrefix(typed string) string {
	typed = strings.ToUpper(strings.TrimSpace(typed))
	if strings.Trim(typed, "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	return typed + "%"
}

// OpenNumbers returns the numbers of open tickets behind one, in order.
func (s *Store) OpenNumbers(ctx context.Context, after ticket.Number, limit int) ([]ticket.Number, error) {
	var numbers []ticket.Number
	err := s.read(ctx).Model(&ticketRow{}).Where("open = ? AND number > ?", true, after).
		Order("number").Limit(limit).Pluck("number", &numbers).Error
	return numbers, failed("listing open tickets", err)
}

// Counts counts the open tickets for the figures over the queue, or over some
// queues.
func (s *Store) Counts(ctx context.Context, me ticket.AgentID, now time.Time, queues ...ticket.Queue) (QueueCounts, error) {
	var c QueueCounts
	at := instantOf(now)
	err := within(s.read(ctx).Model(&ticketRow{}), queues).Where("open = ?", true).Select(
		"COUNT(*) AS open, COUNT(CASE WHEN assignee = ? AND assignee <> '' THEN 1 END) AS mine, "+
			"COUNT(CASE WHEN assignee = '' THEN 1 END) AS unassigned, COUNT(CASE WHEN reply_due < ? THEN 1 END) AS overdue, "+
			"COUNT(CASE WHEN sla = ? AND reply_due >= ? THEN 1 END) AS at_risk, COUNT(CASE WHEN escalation > 0 THEN 1 END) AS escalated, "+
			"COUNT(CASE WHEN appealed THEN 1 END) AS appeals, COUNT(CASE WHEN provisional THEN 1 END) AS provisional, "+
			"COUNT(CASE WHEN unstarted THEN 1 END) AS unstarted",
		me, at, ticket.AtRisk, at).Take(&c).Error
	if err == nil {
		var stuck int64
		err = within(s.read(ctx).Model(&ticketRow{}), queues).Where("number IN (SELECT number FROM troubles)").Count(&stuck).Error
		c.Stuck = int(stuck)
	}
	return c, failed("counting the queue", err)
}
