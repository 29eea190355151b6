package store

import (
	"context"

	"gorm.io/gorm"

	"rightsdesk/seal"
)

// UploadID names a file staged under a form.
type UploadID = int64

// Upload is a file staged under a form.
type Upload struct {
	ID   UploadID
	Name string
	Type string
	Size int64
}

// MaxUploads is how many files a form may have.
const MaxUploads = 5

type uploadRow struct {
	ID        int64
	FormHash  string
	MediaType string
	Size      int64
	Name      []byte // sealed
	Content   []byte // sealed
}

func (uploadRow) TableName() string { return "uploads" }

// AddUpload stages a file under a form, making the form if it isn't there.
// ErrTooManyFiles: it has MaxUploads already. ErrNotFound: it has been sent.
func (s *Store) AddUpload(ctx context.Context, token, name, mediaType string, content []byte) (Upload, error) {
	var row uploadRow
	err := s.inTx(ctx, "staging a file", func(tx *gorm.DB) error {
		form, key, err := s.openForm(tx, token)
		if err != nil {
			return err
		}
		if key == nil {
			return ErrNotFound
		}
		var n int64
		if err := tx.Model(&uploadRow{}).Where("form_hash = ?", form.TokenHash).Count(&n).Error; err != nil {
			return err
		}
		if n >= MaxUploads {
			return ErrTooManyFiles
		}
		row = uploadRow{FormHash: form.TokenHash, MediaType: mediaType, Size: int64(len(content))}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if row.Name, err = key.Seal([]byte(name), row.place("name")); err != nil {
			return err
		}
		if row.Content, err = key.Seal(content, row.place("content")); err != nil {
			return err
		}
		return tx.Model(&row).Select("name", "content").Updates(&row).Error
	})
	return Upload{ID: row.ID, Name: name, Type: mediaType, Size: row.Size}, err
}

func (r uploadRow) place(column string) string {
	return formPlace(r.FormHash, "uploads", column, r.ID)
}

// Uploads lists the files staged under a form, oldest first.
func (s *Store) Uploads(ctx context.Context, token string) ([]Upload, error) {
	uploads, err := s.uploads(s.read(ctx), token)
	return uploads, failed("listing staged files", err)
}

func (s *Store) uploads(db *gorm.DB, token string) ([]Upload, error) {
	form, key, err := s.stagedUnder(db, token)
	if err != nil || key == nil {
		return nil, err
	}
	var rows []uploadRow
	if err := db.Omit("content").Order("id").Find(&rows, "form_hash = ?", form).Error; err != nil {
		return nil, err
	}
	uploads := make([]Upload, len(rows))
	for i, r := range rows {
		name, err := key.Open(r.Name, r.place("name"))
		if err != nil {
			return nil, err
		}
		uploads[i] = Upload{ID: r.ID, Name: string(name), Type: r.MediaType, Size: r.Size}
	}
	return uploads, nil
}

// stagedUnder returns a form's hash and key: nil if there is no form or it has
// been sent.
func (s *Store) stagedUnder(db *gorm.DB, token string) (string, *seal.DataKey, error) {
	hash := s.formHash(token)
	if hash == nil {
		return "", nil, nil
	}
	var rows []formRow
	if err := db.Limit(1).Find(&rows, "token_hash = ?", *hash).Error; err != nil {
		return "", nil, err
	}
	if len(rows) == 0 || rows[0].DataKey == nil {
		return *hash, nil, nil
	}
	key, err := s.vault.DataKey(rows[0].DataKey)
	return *hash, key, err
}

// RemoveUpload deletes a staged file.
func (s *Store) RemoveUpload(ctx context.Context, token string, id UploadID) error {
	return s.write(ctx, "deleting a staged file", func(db *gorm.DB) error {
		hash := s.formHash(token)
		if hash == nil {
			return ErrNotFound
		}
		deleted := db.Delete(&uploadRow{}, "id = ? AND form_hash = ?", id, *hash)
		if deleted.Error == nil && deleted.RowsAffected == 0 {
			return ErrNotFound
		}
		return deleted.Error
	})
}

// StagedFiles returns the files staged under a form, with their content.
func (s *Store) StagedFiles(ctx context.Context, token string) ([]NewFile, error) {
	const doing = "reading staged files"
	db := s.read(ctx)
	form, key, err := s.stagedUnder(db, token)
	if err != nil || key == nil {
		return nil, failed(doing, err)
	}
	var ids []UploadID
	if err := db.Model(&uploadRow{}).Order("id").Where("form_hash = ?", form).Pluck("id", &ids).Error; err != nil {
		return nil, failed(doing, err)
	}
	var files []NewFile
	for _, id := range ids {
		f, err := openUpload(db, key, form, id)
		if err != nil {
			return nil, failed(doing, err)
		}
		files = append(files, f)
	}
	return files, nil
}

// DropStaged deletes the files staged under a form.
func (s *Store) DropStaged(ctx context.Context, token string) error {
	return s.write(ctx, "dropping staged files", func(db *gorm.DB) error {
		hash := s.formHash(token)
		if hash == nil {
			return nil
		}
		return db.Delete(&uploadRow{}, "form_hash = ?", *hash).Error
	})
}
