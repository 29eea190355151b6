package store

import (
	"time"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// idsSkipped is far more than any desk gives between two backups.
const idsSkipped = 1_000_000

// skipEvery is for how long one skip is enough: a restore shows at many tickets.
const skipEvery = 10 * time.Minute

// restored is called in the transaction that finds that this database has been
// replaced by an older one. It has the next messages, documents and deliveries get ids
// that none can have had before. Ids given since the backup are known to Temporal and
// no longer to the database: given again, a person's act would be taken for one that
// was done, and a document for one that was decided about.
func (s *Store) restored(tx *gorm.DB, number ticket.Number) error {
	now := s.now()
	if last := s.skipped.Load(); last != nil && now.Sub(*last) < skipEvery {
		return nil
	}
	message := messageRow{Number: number, Kind: MessageLost, At: instantOf(now)}
	if err := skipIDs(tx, &message, &message.ID); err != nil {
		return err
	}
	proof := proofRow{Number: number, Kind: ticket.ProofIdentity, Dedup: "skipped/" + string(number), SentAt: instantOf(now)}
	if err := skipIDs(tx, &proof, &proof.ID); err != nil {
		return err
	}
	delivery := deliveryRow{Op: OpUpdate, Payload: []byte("{}"), CreatedAt: instantOf(now), NextAt: instantOf(now)}
	if err := skipIDs(tx, &delivery, &delivery.ID); err != nil {
		return err
	}
	s.skipped.Store(&now) // should the transaction fail after all, the ids are skipped on its next try or by the next ticket's
	return nil
}

// skipIDs moves a table's counter on: a row is made and deleted under the next id,
// and again under one that is far behind it.
func skipIDs(tx *gorm.DB, row any, id *int64) error {
	for range 2 {
		if err := tx.Create(row).Error; err != nil {
			return err
		}
		if err := tx.Delete(row).Error; err != nil {
			return err
		}
		*id += idsSkipped
	}
	return nil
}
