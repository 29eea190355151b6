package store

import (
	"context"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// entry is an entry of either trail, as the chains see it.
type entry struct {
	id     int64
	number ticket.Number
	link
	seal   string
	digest func(previous string) string // what its hash must be
}

func (r eventRow) chained() entry {
	return entry{r.ID, r.Number, link{r.Seq, r.Hash}, r.Seal, func(previous string) string {
		return r.entry().Digest(r.Number, previous)
	}}
}

func (r ledgerRow) chained() entry {
	return entry{r.ID, r.Number, link{r.Seq, r.Hash}, r.Seal, func(previous string) string {
		return r.entry().Digest(r.Number, previous)
	}}
}

// find reads the entries of a trail that the query names.
func (t trail) find(query *gorm.DB) ([]entry, error) {
	if t == trailLedger {
		return found[ledgerRow](query)
	}
	return found[eventRow](query)
}

func found[R interface{ chained() entry }](query *gorm.DB) ([]entry, error) {
	var rows []R
	err := query.Find(&rows).Error
	entries := make([]entry, len(rows))
	for i, r := range rows {
		entries[i] = r.chained()
	}
	return entries, err
}

// adopt chains the entries of a ticket that have no hash yet, behind those that
// have one, and seals those without a seal as adopted: an earlier release wrote
// them. What has a hash is not looked at: VerifyAudit does that.
func (s *Store) adopt(ctx context.Context, t trail, number ticket.Number) error {
	return s.inTx(ctx, "chaining what an earlier release wrote of "+string(number), func(tx *gorm.DB) error {
		if _, err := lockTicket(tx, number); err != nil {
			return err
		}
		last, err := lastLink(tx, t, number)
		if err != nil {
			return err
		}
		entries, err := t.find(tx.Where("number = ? AND seal IS NULL", number).Order(inChain))
		if err != nil {
			return err
		}
		for _, e := range entries {
			change := map[string]any{}
			if e.Seq == 0 {
				e, err = t.placed(tx, e.id, last.Seq+1, last.Hash)
				if err != nil {
					return err
				}
				last = e.link
				change["seq"], change["hash"] = e.Seq, e.Hash
			}
			change["seal"] = s.vault.Hash(sealAdopted, e.Hash)
			if err := tx.Table(string(t)).Where("id = ?", e.id).Updates(change).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// placed gives an entry its place in the chain.
func (t trail) placed(tx *gorm.DB, id, seq int64, previous string) (entry, error) {
	if t == trailLedger {
		var row ledgerRow
		err := tx.Take(&row, "id = ?", id).Error
		row.Seq = seq
		row.Hash = row.entry().Digest(row.Number, previous)
		return row.chained(), err
	}
	var row eventRow
	err := tx.Take(&row, "id = ?", id).Error
	row.Seq = seq
	row.Hash = row.entry().Digest(row.Number, previous)
	return row.chained(), err
}
