package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// idsSkipped is far more than any desk gives between two backups.
const idsSkipped = 1_000_000

// SkipIDs has the next messages, documents and deliveries get ids that none can have
// had before. Ids given since a backup are known to Temporal and, after its restore,
// no longer to the database: given again, a person's act would be taken for one that
// was done, and a document for one that was decided about.
func (s *Store) SkipIDs(ctx context.Context) error {
	return s.inTx(ctx, "skipping ids", func(tx *gorm.DB) error {
		var some ticketRow
		err := tx.Select("number").Take(&some).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		now := instantOf(s.now())
		message := messageRow{Number: some.Number, Kind: MessageLost, At: now}
		if err := skipIDs(tx, &message, &message.ID); err != nil {
			return err
		}
		proof := proofRow{Number: some.Number, Kind: ticket.ProofIdentity, Dedup: "skipped", SentAt: now}
		if err := skipIDs(tx, &proof, &proof.ID); err != nil {
			return err
		}
		delivery := deliveryRow{Op: OpUpdate, Payload: []byte("{}"), CreatedAt: now, NextAt: now}
		return skipIDs(tx, &delivery, &delivery.ID)
	})
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
