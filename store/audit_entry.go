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

// readEntries reads entries; one that can't be read comes without its digest.
func (s *Store) readEntries(ctx context.Context, t trail, query *gorm.DB) ([]entry, error) {
	query = query.Session(&gorm.Session{}) // it may be asked twice
	entries, err := t.find(query)
	if err == nil || ctx.Err() != nil || isLostConnection(err) {
		return entries, err
	}
	var keys []struct {
		ID     int64
		Number ticket.Number
		Seq    int64
	}
	if err := query.Table(string(t)).Select("id", "number", "COALESCE(seq, 0) AS seq").Find(&keys).Error; err != nil {
		return nil, err
	}
	entries = nil
	for _, k := range keys {
		one, err := t.find(s.read(ctx).Where("id = ?", k.ID))
		switch {
		case err != nil && (ctx.Err() != nil || isLostConnection(err)):
			return nil, err
		case err != nil:
			entries = append(entries, entry{id: k.ID, number: k.Number, link: link{Seq: k.Seq}})
		default:
			entries = append(entries, one...)
		}
	}
	return entries, nil
}

// isOurs reports that the desk wrote an entry, or, in the release that began to chain,
// found it written before and chained it as it was.
func (s *Store) isOurs(e entry) (ours, adopted bool) {
	switch e.seal {
	case s.vault.Hash(sealWritten, e.Hash):
		return true, false
	case s.vault.Hash(sealAdopted, e.Hash):
		return true, true
	}
	return false, false
}
