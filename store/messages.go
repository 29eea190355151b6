package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"rightsdesk/seal"
	"rightsdesk/ticket"
)

// MessageKind is who says what to whom.
type MessageKind string

const (
	MessageReply     MessageKind = "reply"     // from the person
	MessageAppeal    MessageKind = "appeal"    // from the person
	MessageQuestion  MessageKind = "question"  // to the person
	MessageAnswer    MessageKind = "answer"    // to the person
	MessageExtension MessageKind = "extension" // to the person
	MessageReason    MessageKind = "reason"    // internal: why something was done
	MessageLost      MessageKind = "lost"      // the words, and whose they were, were lost in a restore
)

// FromSubject reports that the person wrote it.
func (k MessageKind) FromSubject() bool { return k == MessageReply || k == MessageAppeal }

// ToSubject reports that staff wrote it to the person.
func (k MessageKind) ToSubject() bool {
	return k == MessageQuestion || k == MessageAnswer || k == MessageExtension
}

// Message is a text of a ticket's correspondence, or the reason for an act.
type Message struct {
	ID      int64
	Number  ticket.Number
	Kind    MessageKind
	Agent   ticket.AgentID // Nobody: the person
	At      time.Time
	Text    string
	Files   []Attachment
	Pending bool // its act has not been accepted yet: not for the person's eyes
}

// NewMessage is a message to store.
type NewMessage struct {
	Number    ticket.Number
	Kind      MessageKind
	Agent     ticket.AgentID
	At        time.Time
	Text      string
	FormToken string     // of the form that Uploads are staged under
	Uploads   []UploadID // moved to the ticket; those not named are deleted
	Files     []NewFile
	Key       string // idempotency within the ticket; empty: none
	DropDraft bool   // delete the agent's draft of this kind, in the same transaction
	Pending   bool   // until ConfirmMessage or the Record of the act it belongs to
}

type messageRow struct {
	ID      int64
	Number  ticket.Number
	Dedup   *string // keyed hash of NewMessage.Key
	Kind    MessageKind
	Agent   ticket.AgentID
	At      instant
	Pending bool
	Body    []byte // sealed
}

func (messageRow) TableName() string { return "messages" }

// AddMessage stores a message with its files and returns its id. A message of the
// same ticket and Key is not stored again: its id comes back.
func (s *Store) AddMessage(ctx context.Context, m NewMessage) (int64, error) {
	var id int64
	err := s.inTx(ctx, "adding a message to "+string(m.Number), func(tx *gorm.DB) (err error) {
		id, err = s.addMessage(tx, m, daily)
		return err
	})
	return id, err
}

func (s *Store) addMessage(tx *gorm.DB, m NewMessage, why access) (int64, error) {
	key, err := s.openKey(tx, m.Number, why)
	if err != nil {
		return 0, err
	}
	row := messageRow{Number: m.Number, Kind: m.Kind, Agent: m.Agent, At: instantOf(m.At), Pending: m.Pending}
	if m.Key != "" {
		hash := s.vault.Hash("message", m.Key)
		row.Dedup = &hash
	}
	if err := tx.Create(&row).Error; row.Dedup != nil && isDuplicate(err) {
		var there messageRow
		err := tx.Select("id").Take(&there, "number = ? AND dedup = ?", m.Number, *row.Dedup).Error
		if err == nil && m.DropDraft {
			err = dropDraft(tx, m.Number, m.Agent, string(m.Kind))
		}
		return there.ID, err
	} else if err != nil {
		return 0, err
	}
	body, err := key.Seal([]byte(m.Text), place(m.Number, "messages", "body", row.ID))
	if err != nil {
		return 0, err
	}
	if err := tx.Model(&row).Update("body", body).Error; err != nil {
		return 0, err
	}
	err = s.attach(tx, key, fileBatch{number: m.Number, message: row.ID, at: m.At, fromSubject: m.Kind.FromSubject(),
		form: m.FormToken, uploads: m.Uploads, files: m.Files})
	if err != nil {
		return 0, err
	}
	if m.DropDraft {
		err = dropDraft(tx, m.Number, m.Agent, string(m.Kind))
	}
	return row.ID, err
}

// Messages returns the messages of a ticket, oldest first, reasons included.
func (s *Store) Messages(ctx context.Context, number ticket.Number) ([]Message, error) {
	messages, err := s.messages(s.read(ctx).Order("id").Where("number = ?", number), number, daily)
	return messages, failed("reading the messages of "+string(number), err)
}

// Message returns one message of a ticket.
func (s *Store) Message(ctx context.Context, number ticket.Number, id int64) (Message, error) {
	messages, err := s.messages(s.read(ctx).Where("number = ? AND id = ?", number, id), number, daily)
	if err == nil && len(messages) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Message{}, failed("reading a message of "+string(number), err)
	}
	return messages[0], nil
}

// WordsOf returns one message of a ticket without its files.
func (s *Store) WordsOf(ctx context.Context, number ticket.Number, id int64) (Message, error) {
	doing := "reading the words of a message of " + string(number)
	key, err := s.openKey(s.read(ctx), number, daily)
	if err != nil {
		return Message{}, failed(doing, err)
	}
	var row messageRow
	if err := s.read(ctx).Take(&row, "number = ? AND id = ?", number, id).Error; err != nil {
		return Message{}, failed(doing, err)
	}
	m, err := row.message(key)
	return m, failed(doing, err)
}

// message opens what was written; its files are not looked for.
func (r messageRow) message(key *seal.DataKey) (Message, error) {
	text, err := key.Open(r.Body, place(r.Number, "messages", "body", r.ID))
	return Message{ID: r.ID, Number: r.Number, Kind: r.Kind, Agent: r.Agent, At: r.At.time(), Text: string(text), Pending: r.Pending}, err
}

// messages opens the messages of a ticket that the query finds.
func (s *Store) messages(query *gorm.DB, number ticket.Number, why access) ([]Message, error) {
	db := query.Session(&gorm.Session{NewDB: true})
	key, err := s.openKey(db, number, why)
	if err != nil {
		return nil, err
	}
	var rows []messageRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, err
	}
	files, err := attachmentsUnder(db, key, number)
	if err != nil {
		return nil, err
	}
	messages := make([]Message, len(rows))
	for i, r := range rows {
		if messages[i], err = r.message(key); err != nil {
			return nil, err
		}
		for _, f := range files {
			if f.Message == r.ID {
				messages[i].Files = append(messages[i].Files, f)
			}
		}
	}
	return messages, nil
}
