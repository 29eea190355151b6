package store

import (
	"context"

	"rightsdesk/ticket"
)

const verifyPage = 1000

// auditCheck is one run of VerifyAudit.
type auditCheck struct {
	s      *Store
	ctx    context.Context
	found  func(AuditFinding)
	report AuditReport
}

// VerifyAudit looks at every entry of the audit trail and of the clocks' ledgers,
// and at the chain over all tickets, and hands every fault to found. It keeps a
// page of entries in memory, and the desk may go on meanwhile. Kept, if not nil, is
// a head that was noted earlier: nothing up to there may have been cut off.
func (s *Store) VerifyAudit(ctx context.Context, kept *AuditHead, found func(AuditFinding)) (AuditReport, error) {
	c := &auditCheck{s: s, ctx: ctx}
	c.found = func(f AuditFinding) {
		c.report.Findings++
		found(f)
	}
	chained, err := c.chain(kept)
	if err != nil {
		return c.report, failed("verifying the audit chain", err)
	}
	for _, t := range trails() {
		if err := c.trail(t); err != nil {
			return c.report, failed("verifying the audit trail", err)
		}
	}
	c.report.Waiting = max(0, c.report.Entries+c.report.Ledger-chained)
	return c.report, failed("verifying the audit trail", c.lost())
}

// trail walks the chains of all tickets.
func (c *auditCheck) trail(t trail) error {
	var at entry // the last one seen
	broken := false
	for {
		page, err := c.page(t, at)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return c.unplaced(t)
		}
		for _, e := range page {
			if e.number != at.number {
				at, broken = entry{number: e.number}, false
				if t == trailEvents {
					c.report.Tickets++
				}
			}
			c.count(t)
			broken = c.entry(t, at, e, broken)
			at = e
		}
	}
}

func (c *auditCheck) count(t trail) {
	if t == trailLedger {
		c.report.Ledger++
	} else {
		c.report.Entries++
	}
}

// entry holds an entry against the one before it in its ticket, and says whether
// the next one can't be held against this.
func (c *auditCheck) entry(t trail, before, e entry, broken bool) bool {
	wrong := func(w AuditWrong, count int64) {
		c.found(AuditFinding{Wrong: w, Number: e.number, Ledger: t == trailLedger, Entry: e.id, Seq: e.Seq, Count: count})
	}
	if e.digest == nil {
		wrong(AuditUnreadable, 0)
		return true
	}
	switch {
	case e.Seq <= before.Seq:
		wrong(AuditInserted, 0)
	case e.Seq > before.Seq+1:
		wrong(AuditMissing, e.Seq-before.Seq-1)
	case !broken && e.digest(before.Hash) != e.Hash:
		wrong(AuditChanged, 0)
	}
	ours, adopted := c.s.isOurs(e)
	if !ours {
		wrong(AuditForged, 0)
	}
	if adopted {
		c.report.Adopted++
	}
	return false
}

// page reads the entries behind one, by ticket and place.
func (c *auditCheck) page(t trail, at entry) ([]entry, error) {
	db := c.s.read(c.ctx).Where("seq IS NOT NULL").Order("number, seq, id").Limit(verifyPage)
	if at.number != "" {
		db = db.Where("number >= ? AND (number > ? OR seq > ? OR (seq = ? AND id > ?))",
			at.number, at.number, at.Seq, at.Seq, at.id)
	}
	return c.s.readEntries(c.ctx, t, db)
}

// unplaced names the entries without a place: nothing that the desk writes is.
func (c *auditCheck) unplaced(t trail) error {
	var rows []struct {
		ID     int64
		Number ticket.Number
	}
	var after int64
	for {
		err := c.s.read(c.ctx).Table(string(t)).Select("id", "number").
			Where("seq IS NULL AND id > ?", after).Order("id").Limit(verifyPage).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			c.count(t)
			c.found(AuditFinding{Wrong: AuditForged, Number: r.Number, Ledger: t == trailLedger, Entry: r.ID})
			after = r.ID
		}
	}
}

// lost finds tickets without a trail, and trails without a ticket.
func (c *auditCheck) lost() error {
	for _, l := range []struct {
		from, where string
		wrong       AuditWrong
	}{
		{"tickets t", "NOT EXISTS (SELECT 1 FROM events e WHERE e.number = t.number)", AuditNoTrail},
		{"(SELECT DISTINCT number FROM events) t", "NOT EXISTS (SELECT 1 FROM tickets o WHERE o.number = t.number)", AuditNoTicket},
	} {
		var numbers []ticket.Number
		err := c.s.read(c.ctx).Raw("SELECT number FROM " + l.from + " WHERE " + l.where + " ORDER BY number LIMIT 1000").Scan(&numbers).Error
		if err != nil {
			return err
		}
		for _, n := range numbers {
			c.found(AuditFinding{Wrong: l.wrong, Number: n})
		}
	}
	return nil
}
