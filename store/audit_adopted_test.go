package store

import (
	"context"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// What the workers of release 0.2, in which entries began to be chained, did with those
// of the release before.

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
