package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"rightsdesk/seal"
	"rightsdesk/ticket"
)

// Attachment is a file of a ticket. Its name and content are stored sealed.
type Attachment struct {
	ID      int64
	Number  ticket.Number
	Message int64 // 0: came with the form
	Name    string
	Type    string
	Size    int64
	At      time.Time
}

type attachmentRow struct {
	ID          int64
	Number      ticket.Number
	Message     int64
	FromSubject bool
	MediaType   string
	Size        int64
	At          instant
	Name        []byte // sealed
	Content     []byte // sealed
}

func (attachmentRow) TableName() string { return "attachments" }

func (r attachmentRow) place(column string) string {
	return place(r.Number, "attachments", column, r.ID)
}

func (r attachmentRow) attachment(key *seal.DataKey) (Attachment, error) {
	name, err := key.Open(r.Name, r.place("name"))
	return Attachment{ID: r.ID, Number: r.Number, Message: r.Message, Name: string(name), Type: r.MediaType, Size: r.Size,
		At: r.At.time()}, err
}

// fileBatch is the files that come with a form or a message.
type fileBatch struct {
	number      ticket.Number
	message     int64
	at          time.Time
	fromSubject bool
	form        string // token
	uploads     []UploadID
	files       []NewFile
}

// attach moves staged uploads to the ticket, sealing them anew with its key, and
// adds the files that were not staged. The form is spent by that: what else was
// staged under it is deleted.
func (s *Store) attach(tx *gorm.DB, key *seal.DataKey, b fileBatch) error {
	form, formKey, err := s.stagedUnder(tx, b.form)
	if err != nil {
		return err
	}
	if formKey == nil && len(b.uploads) > 0 {
		return ErrNotFound
	}
	for _, id := range b.uploads {
		file, err := openUpload(tx, formKey, form, id)
		if err != nil {
			return err
		}
		if err := attachFile(tx, key, b, file); err != nil {
			return err
		}
	}
	for _, file := range b.files {
		if err := attachFile(tx, key, b, file); err != nil {
			return err
		}
	}
	if formKey == nil {
		return nil
	}
	if err := tx.Delete(&uploadRow{}, "form_hash = ?", form).Error; err != nil {
		return err
	}
	return tx.Model(&formRow{}).Where("token_hash = ?", form).
		Updates(map[string]any{"number": b.number, "data_key": nil, "typed": nil}).Error
}

func openUpload(tx *gorm.DB, key *seal.DataKey, form string, id UploadID) (NewFile, error) {
	var row uploadRow
	if err := tx.Take(&row, "id = ? AND form_hash = ?", id, form).Error; err != nil {
		return NewFile{}, err
	}
	name, err := key.Open(row.Name, row.place("name"))
	if err != nil {
		return NewFile{}, err
	}
	content, err := key.Open(row.Content, row.place("content"))
	return NewFile{Name: string(name), Type: row.MediaType, Content: content}, err
}

func attachFile(tx *gorm.DB, key *seal.DataKey, b fileBatch, f NewFile) (err error) {
	row := attachmentRow{Number: b.number, Message: b.message, FromSubject: b.fromSubject, MediaType: f.Type,
		Size: int64(len(f.Content)), At: instantOf(b.at)}
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	if row.Name, err = key.Seal([]byte(f.Name), row.place("name")); err != nil {
		return err
	}
	if row.Content, err = key.Seal(f.Content, row.place("content")); err != nil {
		return err
	}
	return tx.Model(&row).Select("name", "content").Updates(&row).Error
}

// Attachments lists the files of a ticket, oldest first.
func (s *Store) Attachments(ctx context.Context, number ticket.Number) ([]Attachment, error) {
	files, err := s.attachments(s.read(ctx), number, daily)
	return files, failed("listing the files of "+string(number), err)
}

func (s *Store) attachments(db *gorm.DB, number ticket.Number, why access) ([]Attachment, error) {
	key, err := s.openKey(db, number, why)
	if err != nil {
		return nil, err
	}
	return attachmentsUnder(db, key, number)
}

// attachmentsUnder is attachments for whoever has opened the ticket's key already.
func attachmentsUnder(db *gorm.DB, key *seal.DataKey, number ticket.Number) (_ []Attachment, err error) {
	var rows []attachmentRow
	if err := db.Omit("content").Order("id").Find(&rows, "number = ?", number).Error; err != nil {
		return nil, err
	}
	files := make([]Attachment, len(rows))
	for i, r := range rows {
		if files[i], err = r.attachment(key); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// AttachmentContent returns a file of a ticket.
func (s *Store) AttachmentContent(ctx context.Context, number ticket.Number, id int64) (Attachment, []byte, error) {
	file, content, err := s.attachmentContent(s.read(ctx), number, id)
	return file, content, failed("reading a file of "+string(number), err)
}

func (s *Store) attachmentContent(db *gorm.DB, number ticket.Number, id int64) (Attachment, []byte, error) {
	key, err := s.openKey(db, number, daily)
	if err != nil {
		return Attachment{}, nil, err
	}
	var row attachmentRow
	if err := db.Take(&row, "id = ? AND number = ?", id, number).Error; err != nil {
		return Attachment{}, nil, err
	}
	file, err := row.attachment(key)
	if err != nil {
		return Attachment{}, nil, err
	}
	content, err := key.Open(row.Content, row.place("content"))
	return file, content, err
}

// CountFromSubject says how many messages and files the person has sent, those of
// the form included, so that one ticket's intake can be limited.
func (s *Store) CountFromSubject(ctx context.Context, number ticket.Number) (messages, files int, err error) {
	var m, f int64
	doing := "counting what was sent to " + string(number)
	err = s.read(ctx).Model(&messageRow{}).Where("number = ? AND kind IN ?", number, []MessageKind{MessageReply, MessageAppeal}).Count(&m).Error
	if err != nil {
		return 0, 0, failed(doing, err)
	}
	err = s.read(ctx).Model(&attachmentRow{}).Where("number = ? AND from_subject = ?", number, true).Count(&f).Error
	return int(m), int(f), failed(doing, err)
}
