package store

import (
	"context"
	"time"

	"rightsdesk/ticket"
)

// Cursor is where a page of the queue ends. It is opaque.
type Cursor = string

// Order is how the queue is sorted.
type Order string

const (
	OrderDue      Order = ""         // most urgent first
	OrderReceived Order = "received" // newest first

	orderNumber Order = "number" // of those that a number was typed for
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
	Number     string        // prefix; what it finds comes by its number
	Random     string        // or the random part of the number begins with this
	Queues     ticket.Queues // in one of these; none: in any
	// Contacts are ways to write down one e-mail address, telephone number or
	// account name given in the form; nil: whatever it is.
	Contacts  []string
	After     Cursor
	Limit     int // 50 if 0, at most 200
	Order     Order
	Uncounted bool // Page.Total is not asked for: it is one of the figures
}

// Page is a part of the queue.
type Page struct {
	Tickets []Ticket
	Next    Cursor                 // empty: there are no more
	Total   int                    // of the whole filter; counting stops at MaxTotal
	Stuck   map[ticket.Number]bool // those of the page that are stuck
}

// MaxTotal is where Page.Total stops counting: it means "that many or more".
const MaxTotal = 1000

// Queue lists the tickets of a filter, a page at a time.
func (s *Store) Queue(ctx context.Context, f Filter, now time.Time) (Page, error) {
	const doing = "reading the queue"
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, 200)
	keys, err := s.keys(ctx, f, now)
	if err != nil {
		return Page{}, failed(doing, err)
	}
	page := Page{Total: len(keys)}
	if len(keys) > f.Limit {
		keys = keys[:f.Limit]
		page.Next = f.cursorAt(keys[f.Limit-1])
	}
	if page.Tickets, err = s.ticketsAt(ctx, keys); err != nil {
		return Page{}, failed(doing, err)
	}
	if page.Stuck, err = s.stuckAmong(ctx, page.Tickets); err != nil {
		return Page{}, failed(doing, err)
	}
	switch {
	case f.Uncounted:
		page.Total = 0
	case f.After != "" || page.Next != "": // else all are on the page
		page.Total, err = s.total(ctx, f, now)
	}
	return page, failed(doing, err)
}

// ticketsAt reads the tickets of a page in its order.
func (s *Store) ticketsAt(ctx context.Context, keys []key) ([]Ticket, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	numbers := make([]ticket.Number, len(keys))
	for i, k := range keys {
		numbers[i] = k.Number
	}
	var rows []ticketRow
	if err := s.read(ctx).Table(s.along(primary)).Find(&rows, "number IN ?", numbers).Error; err != nil {
		return nil, err
	}
	found := make(map[ticket.Number]ticketRow, len(rows))
	for _, row := range rows {
		found[row.Number] = row
	}
	tickets := make([]Ticket, 0, len(keys))
	for _, n := range numbers {
		t, err := found[n].ticket()
		if err != nil {
			return nil, err
		}
		tickets = append(tickets, t)
	}
	return tickets, nil
}

// OpenNumbers returns the numbers of open tickets behind one, in order.
func (s *Store) OpenNumbers(ctx context.Context, after ticket.Number, limit int) ([]ticket.Number, error) {
	var numbers []ticket.Number
	err := s.read(ctx).Table(s.along("tickets_open")).Where("open = ? AND number > ?", true, after).
		Order("number").Limit(limit).Pluck("number", &numbers).Error
	return numbers, failed("listing open tickets", err)
}
