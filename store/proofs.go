package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// Proof is a document a person sent to prove who they are, or that they may act
// for somebody else. Its files are apart from the ticket's other files: sealed
// under a key of their own, shown to whoever reviews them, and destroyed with the
// decision, key and all.
type Proof struct {
	ID          int64
	Number      ticket.Number
	Kind        ticket.ProofKind
	SentAt      time.Time
	DestroyedAt time.Time
	Files       []ProofFile
}

// ProofFile is one file of a proof.
type ProofFile struct {
	ID   int64
	Name string
	Type string
	Size int64
}

type proofRow struct {
	ID          int64
	Number      ticket.Number
	Dedup       string
	Kind        ticket.ProofKind
	Delivery    int64
	DataKey     []byte // wrapped; NULL once destroyed
	SentAt      instant
	DestroyedAt instant
}

func (proofRow) TableName() string { return "proofs" }

type proofFileRow struct {
	ID        int64
	ProofID   int64
	Number    ticket.Number
	MediaType string
	Size      int64
	Name      []byte // sealed
	Content   []byte // sealed
}

func (proofFileRow) TableName() string { return "proof_files" }

func (r proofFileRow) place(column string) string {
	return place(r.Number, "proof_files", column, r.ID)
}

// AddProof stores a document, together with the act of which the workflow is told.
// The same key twice is one document.
func (s *Store) AddProof(ctx context.Context, number ticket.Number, kind ticket.ProofKind, key string, files []NewFile, now time.Time,
	update string, payload func(id int64) []byte) (id int64, delivery Delivery, err error) {

	dedup := s.vault.Hash("proof", string(number)+"/"+key)
	err = s.inTx(ctx, "storing a document of "+string(number), func(tx *gorm.DB) error {
		if _, err := lockTicket(tx, number); err != nil {
			return err
		}
		var row proofRow
		err := tx.Take(&row, "dedup = ?", dedup).Error
		if err == nil {
			var told deliveryRow
			err = tx.Take(&told, "id = ?", row.Delivery).Error
			id, delivery = row.ID, told.delivery()
			return err
		}
		if !errors.Is(err, gorm.ErrRecordNotFound) {
			return err
		}
		if _, err := s.openKey(tx, number, daily); err != nil {
			return err
		}
		wrapped, dataKey, err := s.vault.NewDataKey()
		if err != nil {
			return err
		}
		row = proofRow{Number: number, Dedup: dedup, Kind: kind, SentAt: instantOf(now), DataKey: wrapped}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		id = row.ID
		for _, f := range files {
			file := proofFileRow{ProofID: id, Number: number, MediaType: f.Type, Size: int64(len(f.Content))}
			if err := tx.Create(&file).Error; err != nil {
				return err
			}
			if file.Name, err = dataKey.Seal([]byte(f.Name), file.place("name")); err != nil {
				return err
			}
			if file.Content, err = dataKey.Seal(f.Content, file.place("content")); err != nil {
				return err
			}
			if err := tx.Model(&file).Select("name", "content").Updates(&file).Error; err != nil {
				return err
			}
		}
		told := s.newDelivery(number, OpUpdate, update, payload(id))
		if err := tx.Create(&told).Error; err != nil {
			return err
		}
		delivery = told.delivery()
		return tx.Model(&row).Update("delivery", told.ID).Error
	})
	return id, delivery, err
}

// DropProof destroys a document that the workflow refused to take.
func (s *Store) DropProof(ctx context.Context, number ticket.Number, id int64) error {
	return s.inTx(ctx, "dropping a document of "+string(number), func(tx *gorm.DB) error {
		return destroyProofs(tx, number, []int64{id}, instantOf(s.now()))
	})
}

// Proofs lists the documents of a ticket, oldest first, with the files of those
// that have not been destroyed.
func (s *Store) Proofs(ctx context.Context, number ticket.Number) ([]Proof, error) {
	proofs, err := s.proofs(s.read(ctx), number)
	return proofs, failed("listing the documents of "+string(number), err)
}

func (s *Store) proofs(db *gorm.DB, number ticket.Number) ([]Proof, error) {
	var rows []proofRow
	if err := db.Order("id").Find(&rows, "number = ?", number).Error; err != nil || len(rows) == 0 {
		return nil, err
	}
	if _, err := s.openKey(db, number, daily); err != nil {
		return nil, err
	}
	var files []proofFileRow
	if err := db.Omit("content").Order("id").Find(&files, "number = ?", number).Error; err != nil {
		return nil, err
	}
	proofs := make([]Proof, len(rows))
	for i, r := range rows {
		proofs[i] = Proof{ID: r.ID, Number: r.Number, Kind: r.Kind, SentAt: r.SentAt.time(), DestroyedAt: r.DestroyedAt.time()}
		if r.DataKey == nil {
			continue
		}
		key, err := s.vault.DataKey(r.DataKey)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if f.ProofID != r.ID {
				continue
			}
			name, err := key.Open(f.Name, f.place("name"))
			if err != nil {
				return nil, err
			}
			proofs[i].Files = append(proofs[i].Files, ProofFile{ID: f.ID, Name: string(name), Type: f.MediaType, Size: f.Size})
		}
	}
	return proofs, nil
}

// ProofContent returns a file of a document, or ErrNotFound once it is destroyed.
func (s *Store) ProofContent(ctx context.Context, number ticket.Number, file int64) (Attachment, []byte, error) {
	doing := "reading a document of " + string(number)
	db := s.read(ctx)
	if _, err := s.openKey(db, number, daily); err != nil {
		return Attachment{}, nil, failed(doing, err)
	}
	var row proofFileRow
	if err := db.Take(&row, "id = ? AND number = ?", file, number).Error; err != nil {
		return Attachment{}, nil, failed(doing, err)
	}
	var proof proofRow
	if err := db.Take(&proof, "id = ? AND data_key IS NOT NULL", row.ProofID).Error; err != nil {
		return Attachment{}, nil, failed(doing, err)
	}
	key, err := s.vault.DataKey(proof.DataKey)
	if err != nil {
		return Attachment{}, nil, failed(doing, err)
	}
	name, err := key.Open(row.Name, row.place("name"))
	if err != nil {
		return Attachment{}, nil, failed(doing, err)
	}
	content, err := key.Open(row.Content, row.place("content"))
	return Attachment{ID: row.ID, Number: number, Name: string(name), Type: row.MediaType, Size: row.Size}, content, failed(doing, err)
}

// destroyDecided destroys the documents that a record decides about, and all of a
// ticket that has been answered or has ended: what is collected to verify is
// deleted right after (GB/T 35273-2020 8.5).
func destroyDecided(tx *gorm.DB, r contract.Record, now instant) error {
	if len(r.State.Proofs) == 0 {
		return nil
	}
	if !r.State.Stage.Open() {
		return destroyProofs(tx, r.Number, nil, now)
	}
	var decided []int64 // by this record, or by one that a restore of the database has taken back
	for _, p := range r.State.Proofs {
		if p.Done {
			decided = append(decided, p.ID)
		}
	}
	if decided == nil {
		return nil
	}
	return destroyProofs(tx, r.Number, decided, now)
}

// destroyProofs destroys documents, all of the ticket's when no ids are given.
func destroyProofs(tx *gorm.DB, number ticket.Number, ids []int64, now instant) error {
	files, proofs := tx.Where("number = ?", number), tx.Model(&proofRow{}).Where("number = ? AND destroyed_at IS NULL", number)
	if ids != nil {
		files, proofs = files.Where("proof_id IN ?", ids), proofs.Where("id IN ?", ids)
	}
	if err := files.Delete(&proofFileRow{}).Error; err != nil {
		return err
	}
	return proofs.Updates(map[string]any{"destroyed_at": now, "data_key": nil}).Error
}
