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
	At     time.Time     `json:"t"`
	Number ticket.Number `json:"n"`
}

func (f Filter) cursorAt(row ticketRow) Cursor {
	m := mark{Order: f.Order, At: row.ReplyDue.time(), Number: row.Number}
	if f.Order == OrderReceived {
		m.At = row.ReceivedAt.time()
	}
	text, err := json.Marshal(m)
	if err != nil { // only for a year beyond 9999
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func (f Filter) mark() (mark, error) {
	var m mark
	text, err := base64.RawURLEncoding.DecodeString(f.After)
	if err != nil || json.Unmarshal(text, &m) != nil || m.Order != f.Order {
		return m, ErrBadCursor
	}
	return m, nil
}

// page sorts the query and lets it begin behind the filter's cursor.
func (f Filter) page(query *gorm.DB) (*gorm.DB, error) {
	var column, direction, behind string
	switch f.Order {
	case OrderDue:
		column, direction, behind = "reply_due", "", ">"
	case OrderReceived:
		column, direction, behind = "received_at", " DESC", "<"
	default:
		return nil, ErrBadCursor
	}
	query = query.Order(column + direction + ", number" + direction)
	if f.After == "" {
		return query, nil
	}
	m, err := f.mark()
	if err != nil {
		return nil, err
	}
	at := instantOf(m.At)
	return query.Where(column+" "+behind+"= ? AND ("+column+" "+behind+" ? OR number "+behind+" ?)", at, at, m.Number), nil
}
