package store

// chain walks the chain over all tickets, up to where it ended at the start, and
// says how many of its entries are there.
func (c *auditCheck) chain(kept *AuditHead) (int64, error) {
	db := c.s.read(c.ctx)
	var last int64
	if err := db.Model(&chainRow{}).Select("COALESCE(MAX(position), 0)").Scan(&last).Error; err != nil {
		return 0, err
	}
	head, err := c.s.AuditHead(c.ctx) // after the last link: it may be further on
	if err != nil {
		return 0, err
	}
	c.report.Head = head
	if last > head.Position {
		c.found(AuditFinding{Wrong: HeadChanged, Position: last})
	}
	at, present := chainRow{}, int64(0)
	for {
		var rows []chainRow
		err := db.Where("position > ? AND position <= ?", at.Position, max(head.Position, last)).
			Order("position").Limit(verifyPage).Find(&rows).Error
		if err != nil {
			return present, err
		}
		if len(rows) == 0 {
			break
		}
		there, err := c.chained(rows)
		if err != nil {
			return present, err
		}
		for _, r := range rows {
			c.links(at, r)
			if c.same(r, there) {
				present++
			}
			if kept != nil && r.Position == kept.Position && r.Hash != kept.Hash {
				c.found(AuditFinding{Wrong: HeadRewritten, Position: r.Position})
			}
			if kept != nil && at.Position < kept.Position && kept.Position < r.Position {
				c.found(AuditFinding{Wrong: HeadRewritten, Position: kept.Position})
			}
			at = r
		}
	}
	if at.Position < head.Position || at.Position == head.Position && at.Hash != head.Hash {
		c.found(AuditFinding{Wrong: HeadChanged, Position: head.Position})
	}
	if kept != nil && kept.Position > at.Position {
		c.found(AuditFinding{Wrong: HeadCutOff, Position: at.Position, Count: kept.Position - at.Position})
	}
	return present, nil
}

// links holds a link against the one before.
func (c *auditCheck) links(before, r chainRow) {
	f := AuditFinding{Number: r.Number, Ledger: r.Trail == trailLedger, Entry: r.Entry, Seq: r.Seq, Position: r.Position}
	if gap := r.Position - before.Position - 1; gap > 0 {
		f.Wrong, f.Count = LinksMissing, gap
		c.found(f)
	} else if c.s.after(before.Hash, r) != r.Hash {
		f.Wrong = LinkChanged
		c.found(f)
	}
}

// chained reads the entries that links name.
func (c *auditCheck) chained(rows []chainRow) (map[trail]map[int64]entry, error) {
	there := map[trail]map[int64]entry{}
	for _, t := range trails() {
		var ids []int64
		for _, r := range rows {
			if r.Trail == t {
				ids = append(ids, r.Entry)
			}
		}
		there[t] = map[int64]entry{}
		if ids == nil {
			continue
		}
		entries, err := c.s.readEntries(c.ctx, t, c.s.read(c.ctx).Where("id IN ?", ids))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			there[t][e.id] = e
		}
	}
	return there, nil
}

// same reports that the entry of a link is there, and says if it is not the one
// that was chained.
func (c *auditCheck) same(r chainRow, there map[trail]map[int64]entry) bool {
	f := AuditFinding{Number: r.Number, Ledger: r.Trail == trailLedger, Entry: r.Entry, Seq: r.Seq, Position: r.Position}
	e, ok := there[r.Trail][r.Entry]
	switch {
	case !ok:
		f.Wrong = AuditRemoved
	case e.digest != nil && (e.Hash != r.Digest || e.number != r.Number || e.Seq != r.Seq):
		f.Wrong = AuditReplaced
	case e.digest != nil && e.seal == "": // nothing is chained without one
		f.Wrong = AuditForged
	default:
		return true
	}
	c.found(f)
	return ok
}
