package mailcatcher

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	"rightsdesk/devserver/sqlfile"
)

// maxKept is how many mails are kept.
const maxKept = 2000

const schema = `
CREATE TABLE IF NOT EXISTS mail (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	recipients TEXT NOT NULL, -- lower case, each between line feeds
	parsed     TEXT NOT NULL, -- Message as JSON, without id
	raw        BLOB NOT NULL
)`

// box keeps the mails on disk.
type box struct {
	db       *sql.DB
	arrivals arrivals
}

func openBox(dir string) (*box, error) {
	db, err := sqlfile.Open(dir, "mail.db", schema)
	if err != nil {
		return nil, err
	}
	return &box{db: db}, nil
}

func (b *box) close() { b.db.Close() }

// put returns when the mail is on disk.
func (b *box) put(m Message, raw []byte) error {
	parsed, err := json.Marshal(m)
	if err != nil {
		return err
	}
	tx, err := b.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	r, err := tx.Exec(`INSERT INTO mail (recipients, parsed, raw) VALUES (?, ?, ?)`,
		"\n"+strings.ToLower(strings.Join(m.To, "\n"))+"\n", parsed, raw)
	if err != nil {
		return err
	}
	id, err := r.LastInsertId()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM mail WHERE id <= ?`, id-maxKept); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	b.arrivals.came(m.To)
	return nil
}

// list lists mails to the address (any, if it is empty) with an id greater than
// after, newest first.
func (b *box) list(ctx context.Context, to string, after int64, limit int) ([]Message, error) {
	if limit <= 0 || limit > maxKept {
		limit = maxKept
	}
	rows, err := b.db.QueryContext(ctx, `SELECT id, parsed FROM mail
		WHERE id > ?2 AND (?1 = '' OR instr(recipients, char(10) || ?1 || char(10)) > 0)
		ORDER BY id DESC LIMIT ?3`, strings.ToLower(to), after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Message{}
	for rows.Next() {
		var m Message
		var parsed []byte
		var id int64
		if err := rows.Scan(&id, &parsed); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(parsed, &m); err != nil {
			return nil, err
		}
		m.ID = id
		list = append(list, m)
	}
	return list, rows.Err()
}

// get returns one mail and its source; false if there is none.
func (b *box) get(ctx context.Context, id int64) (m Message, raw []byte, ok bool, err error) {
	var parsed []byte
	err = b.db.QueryRowContext(ctx, `SELECT parsed, raw FROM mail WHERE id = ?`, id).Scan(&parsed, &raw)
	if errors.Is(err, sql.ErrNoRows) {
		return m, nil, false, nil
	}
	if err == nil {
		err = json.Unmarshal(parsed, &m)
	}
	m.ID = id
	return m, raw, err == nil, err
}
