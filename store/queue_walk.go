package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// The queue is read in two steps: the keys of a page along one index, which has in
// it all that the filter looks at, and then the tickets themselves. Which index that
// is follows from the filter, not from the database's guess: a guess that is right
// with a thousand tickets takes seconds with a million.

// key is where a ticket stands in the order of the queue.
type key struct {
	Number ticket.Number
	At     instant
}

// walk is one way along the tickets: an index, and what the number begins with.
type walk struct {
	index  string
	column string // that begins with typed; empty: any
	typed  string
}

// walks are the ways to the tickets of a filter, which together find them all. There
// are two to what was typed of a number: it may be its beginning, or that of its
// random part.
func (f Filter) walks() []walk {
	if f.Number == "" {
		return []walk{{index: f.index()}}
	}
	beginning, random := "tickets_number", "tickets_tail"
	if f.open() && f.Contacts == nil && !f.Stuck { // there are fewer of these
		beginning, random = f.index(), f.index()
	}
	ways := []walk{{beginning, "number", f.Number}}
	if f.Random != "" {
		ways = append(ways, walk{random, "tail", f.Random})
	}
	return ways
}

// index is the one along which the tickets of a filter stand in their order, or are
// few. One that has more in it is taken where the filter looks at more.
func (f Filter) index() string {
	switch {
	case f.Contacts != nil, f.Stuck:
		return "tickets_number" // those that the contact's hash, or their troubles, name
	case f.open() && f.assigned():
		return "tickets_assignee"
	case f.open() && f.Order == OrderReceived && f.allOpen() && f.Kind == "" && f.Stage == "" && len(f.Queues) == 0:
		return "tickets_open_received"
	case f.open() && !f.stageSaysOpen():
		return "tickets_queue"
	case f.Order == OrderReceived:
		return "tickets_received"
	case f.assigned():
		return "tickets_of"
	case f.Stage != "" && f.Kind != "":
		return "tickets_in_stage_kind"
	case f.Stage != "":
		return "tickets_in_stage"
	case f.SLA != "":
		return "tickets_shown_sla"
	case f.Kind != "":
		return "tickets_shown_kind"
	}
	return "tickets_shown"
}

// primary is the index of the numbers that leads to the tickets themselves.
const primary = "PRIMARY"

// along is the table of tickets, read along an index.
func (s *Store) along(index string) string {
	switch {
	case s.backend == MySQL:
		return "tickets FORCE INDEX (" + index + ")"
	case index == primary:
		return "tickets INDEXED BY sqlite_autoindex_tickets_1"
	}
	return "tickets INDEXED BY " + index
}

// on is the query of the tickets of a filter that a walk finds, in no order.
func (s *Store) on(ctx context.Context, w walk, f Filter, now time.Time) *gorm.DB {
	query := s.filtered(s.read(ctx).Table(s.along(w.index)), f, now)
	if w.column == "" {
		return query
	}
	return beginsWith(query, w.column, w.typed)
}

// keys are those of the page behind the filter's cursor and one more, if there is.
func (s *Store) keys(ctx context.Context, f Filter, now time.Time) ([]key, error) {
	limit := f.Limit + 1
	ways := f.walks()
	var found []key
	for _, w := range ways {
		query, err := f.sorted(s.on(ctx, w, f, now))
		if err != nil {
			return nil, err
		}
		var some []key
		if err := query.Limit(limit).Scan(&some).Error; err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	if len(ways) > 1 {
		slices.SortFunc(found, func(a, b key) int { return strings.Compare(string(a.Number), string(b.Number)) })
		found = slices.CompactFunc(found, func(a, b key) bool { return a.Number == b.Number })
	}
	return found[:min(len(found), limit)], nil
}

// total counts the tickets of a filter from its first page on, at most MaxTotal.
func (s *Store) total(ctx context.Context, f Filter, now time.Time) (int, error) {
	f.Order = OrderDue // in no order, along the index that has the most in it
	var parts []string
	var found []any
	for _, w := range f.walks() {
		parts = append(parts, "SELECT number FROM (?) AS "+[]string{"one", "other"}[len(parts)])
		found = append(found, s.on(ctx, w, f, now).Select("number").Limit(MaxTotal))
	}
	var n int64
	err := s.read(ctx).Raw("SELECT COUNT(*) FROM ("+strings.Join(parts, " UNION ")+") AS counted", found...).Scan(&n).Error
	return min(int(n), MaxTotal), err
}
