package store

import (
	"strings"
	"time"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// open reports that the filter is for open tickets only.
func (f Filter) open() bool {
	return f.Open || f.Unassigned || f.Overdue || f.AtRisk || f.Escalated || f.Appeals
}

// allOpen reports that all open tickets pass the filter, but for kind, stage,
// assignee and queues.
func (f Filter) allOpen() bool {
	return f.Open && !f.Unassigned && !f.Overdue && !f.AtRisk && !f.Escalated && !f.Appeals && f.SLA == ""
}

// stageSaysOpen reports that a ticket in the filter's stage is open and needs no
// looking at whether it is. By the day of receipt it is found among all open ones.
func (f Filter) stageSaysOpen() bool {
	return f.allOpen() && f.Stage.Open() && !f.assigned() && f.Order != OrderReceived
}

// assigned reports that the filter is for one agent's tickets.
func (f Filter) assigned() bool { return f.Assignee != "" || f.Mine != "" }

// hidden reports that the filter asks for a stage that is in no daily view.
func (f Filter) hidden() bool { return f.Stage == ticket.Retained || f.Stage == ticket.Purged }

// filtered adds the conditions of the filter to a query of tickets, all but those
// on the number.
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
	switch {
	case f.Stuck && !f.open(): // open or not, hidden or not
	case f.stageSaysOpen():
	case f.open():
		db = db.Where("open = ?", true)
	case f.Stage == "" || f.assigned(): // else the stage says it
		db = db.Where("shown = ?", !f.hidden())
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
	if f.Stuck {
		db = db.Where("number IN (SELECT number FROM troubles)")
	}
	db = within(db, f.Queues)
	if f.Contacts != nil {
		db = db.Where("number IN (SELECT number FROM ticket_contacts WHERE hash IN ?)", s.contactHashes(f.Contacts))
	}
	return db
}

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

// beginsWith limits a query to what begins with what was typed: a range, which
// every database finds in an index. What can't stand in a number finds nothing.
func beginsWith(db *gorm.DB, column, typed string) *gorm.DB {
	typed = strings.ToUpper(strings.TrimSpace(typed))
	if strings.Trim(typed, "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return db.Where("1 = 0")
	}
	return db.Where(column+" >= ? AND "+column+" < ?", typed, typed+"~") // behind all that may stand in one
}
