package store

import (
	"context"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"rightsdesk/evidence"
	"rightsdesk/ticket"
)

// AuditHead is the end of the chain over all tickets, or a place in it. Kept
// elsewhere, it proves that nothing up to there was cut off or written anew.
type AuditHead struct {
	Position int64 // 1, 2, 3 …; 0: nothing is chained yet
	Hash     string
}

// chainRow is a link of the chain over all tickets: an entry of a trail, what its
// hash was when it was chained, and the keyed hash over that and the link before.
type chainRow struct {
	Position int64 `gorm:"primaryKey;autoIncrement:false"`
	Trail    trail
	Entry    int64
	Number   ticket.Number
	Seq      int64
	Digest   string
	Hash     string
}

func (chainRow) TableName() string { return "audit_chain" }

// chainHeadRow is the one row that says where the chain ends. Who extends the
// chain holds it locked.
type chainHeadRow struct {
	ID       int64 `gorm:"primaryKey;autoIncrement:false"`
	Position int64
	Hash     string
}

func (chainHeadRow) TableName() string { return "audit_chain_head" }

// after is the link's hash behind another one.
func (s *Store) after(previous string, r chainRow) string {
	return s.vault.Hash("audit-chain", evidence.Encode(previous, strconv.FormatInt(r.Position, 10), string(r.Trail),
		strconv.FormatInt(r.Entry, 10), string(r.Number), strconv.FormatInt(r.Seq, 10), r.Digest))
}

// AuditHead returns the end of the chain over all tickets.
func (s *Store) AuditHead(ctx context.Context) (AuditHead, error) {
	var head chainHeadRow
	err := s.read(ctx).Take(&head, "id = 1").Error
	return AuditHead{head.Position, head.Hash}, failed("reading the head of the audit chain", err)
}

const (
	chainPage  = 1000      // entries looked at in one query
	chainBatch = 200       // links made in one transaction
	lookBack   = 2000      // ids that each run looks at again
	chainLate  = time.Hour // by when what was being written has been committed
)

// AuditChainer chains over all tickets what has not been chained yet, behind the
// transactions that write it: they pay nothing for it. Any number of processes may
// do so at once. What is committed late, behind an entry with a higher id, is
// found too: each run looks back at the last ids, once an hour at those of the last
// hours, and the first run of a process at everything.
type AuditChainer struct {
	s     *Store
	marks map[trail]chainMark
}

// chainMark is how far a chainer has come. Since is when it last looked at all
// above done; next was the last id then.
type chainMark struct {
	last, done, next int64
	since            time.Time
}

// NewAuditChainer makes a chainer. It is for one goroutine.
func (s *Store) NewAuditChainer() *AuditChainer {
	return &AuditChainer{s: s, marks: map[trail]chainMark{}}
}

// Run chains what is there and says how many entries that were.
func (c *AuditChainer) Run(ctx context.Context, now time.Time) (int, error) {
	chained := 0
	for _, t := range trails() {
		mark := c.marks[t]
		hourly := now.Sub(mark.since) > chainLate
		from := max(mark.done, mark.last-lookBack)
		if hourly {
			from = mark.done
		}
		last, n, err := c.s.chainBehind(ctx, t, from)
		chained += n
		if err != nil {
			return chained, err
		}
		mark.last = last
		if hourly {
			mark.done, mark.next, mark.since = mark.next, last, now
		}
		c.marks[t] = mark
	}
	return chained, nil
}

// chainBehind chains the entries of a trail with an id above one, and returns the
// highest it saw.
func (s *Store) chainBehind(ctx context.Context, t trail, id int64) (int64, int, error) {
	chained := 0
	for {
		open, last, err := s.unchained(ctx, t, id)
		if err != nil || last == id {
			return id, chained, err
		}
		for len(open) > 0 {
			batch := open[:min(chainBatch, len(open))]
			open = open[len(batch):]
			n, err := s.chain(ctx, t, batch)
			chained += n
			if err != nil {
				return id, chained, err
			}
		}
		id = last
	}
}

// unchained looks at the next entries above an id: it returns those that are not
// chained, and the id of the last it looked at.
func (s *Store) unchained(ctx context.Context, t trail, id int64) ([]entry, int64, error) {
	const doing = "looking for audit entries to chain"
	db := s.read(ctx)
	entries, err := s.readEntries(ctx, t, db.Where("id > ?", id).Order("id").Limit(chainPage))
	if err != nil || len(entries) == 0 {
		return nil, id, failed(doing, err)
	}
	open, err := notChained(db, t, entries)
	// What the desk did not write, or nobody can read, stays out of the chain: VerifyAudit names it.
	open = slices.DeleteFunc(open, func(e entry) bool { return e.seal == "" || e.digest == nil })
	return open, entries[len(entries)-1].id, failed(doing, err)
}

// notChained leaves those entries that are not in the chain. They are ordered by
// their id.
func notChained(db *gorm.DB, t trail, entries []entry) ([]entry, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	var there []int64
	err := db.Model(&chainRow{}).Where("trail = ? AND entry BETWEEN ? AND ?", t, entries[0].id, entries[len(entries)-1].id).
		Pluck("entry", &there).Error
	if err != nil {
		return nil, err
	}
	chained := make(map[int64]bool, len(there))
	for _, id := range there {
		chained[id] = true
	}
	var open []entry
	for _, e := range entries {
		if !chained[e.id] {
			open = append(open, e)
		}
	}
	return open, nil
}

// chain makes links of a few entries, while it alone holds the head.
func (s *Store) chain(ctx context.Context, t trail, batch []entry) (int, error) {
	var rows []chainRow
	err := s.inTx(ctx, "extending the audit chain", func(tx *gorm.DB) error {
		rows = nil
		var head chainHeadRow
		if err := tx.Clauses(forUpdate()).Take(&head, "id = 1").Error; err != nil {
			return err
		}
		open, err := notChained(tx, t, batch) // another worker may have been faster
		if err != nil || len(open) == 0 {
			return err
		}
		for _, e := range open {
			row := chainRow{Position: head.Position + 1, Trail: t, Entry: e.id, Number: e.number, Seq: e.Seq, Digest: e.Hash}
			row.Hash = s.after(head.Hash, row)
			head.Position, head.Hash = row.Position, row.Hash
			rows = append(rows, row)
		}
		if err := tx.Create(&rows).Error; err != nil {
			return err
		}
		return tx.Model(&head).Select("position", "hash").Updates(&head).Error
	})
	return len(rows), err
}
