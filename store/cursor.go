package store

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// mark is the last ticket of a page: where the next one begins. Pages are keyset
// pages, so that tickets which come and go shift nothing.
type mark struct {
	Order  Order         `json:"o,omitempty"`
	At     time.Time     `json:"t,omitzero"`
	Number ticket.Number `json:"n"`
}

// sorting is an order in the words of a query: by a time and the number, or by the
// number alone.
type sorting struct{ at, direction, behind string }

func (o Order) sorting() (sorting, bool) {
	switch o {
	case OrderDue:
		return sorting{"reply_due", "", ">"}, true
	case OrderReceived:
		return sorting{"received_at", " DESC", "<"}, true
	case orderNumber:
		return sorting{"", "", ">"}, true
	}
	return sorting{}, false
}

// order is the one the tickets of the filter come in.
func (f Filter) order() Order {
	if f.Number != "" {
		return orderNumber
	}
	return f.Order
}

func (f Filter) cursorAt(k key) Cursor {
	text, err := json.Marshal(mark{Order: f.order(), At: k.At.time(), Number: k.Number})
	if err != nil { // only for a year beyond 9999
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func (f Filter) mark() (mark, error) {
	var m mark
	text, err := base64.RawURLEncoding.DecodeString(f.After)
	if err != nil || json.Unmarshal(text, &m) != nil || m.Order != f.order() {
		return m, ErrBadCursor
	}
	return m, nil
}

// sorted has the query give the keys of the filter's order, from behind its cursor.
func (f Filter) sorted(query *gorm.DB) (*gorm.DB, error) {
	order, known := f.order().sorting()
	if !known {
		return nil, ErrBadCursor
	}
	number := "number" + order.direction
	if order.at == "" {
		query = query.Select("number").Order(number)
	} else {
		query = query.Select("number, " + order.at + " AS at").Order(order.at + order.direction + ", " + number)
	}
	if f.After == "" {
		return query, nil
	}
	m, err := f.mark()
	if err != nil {
		return nil, err
	}
	if order.at == "" {
		return query.Where("number "+order.behind+" ?", m.Number), nil
	}
	at := instantOf(m.At)
	return query.Where(order.at+" "+order.behind+"= ? AND ("+order.at+" "+order.behind+" ? OR number "+order.behind+" ?)", at, at, m.Number), nil
}
