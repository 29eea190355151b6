package sampleaccounts

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"rightsdesk/accounts"
	"rightsdesk/devserver/sqlfile"
)

// fieldAccountName is this operator's own field beside those the desk knows.
const fieldAccountName = "account_name"

// fields are what an account can have, in the order of the page.
var fields = []string{fieldAccountName, accounts.FieldName, accounts.FieldEmail, accounts.FieldPhone, accounts.FieldAddress,
	accounts.FieldRealName, accounts.FieldIDNumber, accounts.FieldCompany}

const schema = `
CREATE TABLE IF NOT EXISTS account (
	ref    TEXT PRIMARY KEY,
	status TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS field (
	ref   TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
	name  TEXT NOT NULL,
	value TEXT NOT NULL,
	until TEXT NOT NULL DEFAULT '', -- RFC 3339; set: locked away until then
	basis TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (ref, name)
);
CREATE INDEX IF NOT EXISTS field_value ON field (value COLLATE NOCASE);
CREATE TABLE IF NOT EXISTS obstacle (
	ref  TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
	code TEXT NOT NULL,
	PRIMARY KEY (ref, code)
);
CREATE TABLE IF NOT EXISTS act (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	key       TEXT NOT NULL UNIQUE, -- Idempotency-Key
	operation TEXT NOT NULL,
	ref       TEXT NOT NULL,
	ticket    TEXT NOT NULL,
	answer    TEXT NOT NULL -- accounts.Done as JSON; holds no personal data
);`

// system is the database and what may be done to it.
type system struct {
	db  *sql.DB
	now func() time.Time
}

var _ accounts.System = (*system)(nil)

func openSystem(dir string, now func() time.Time) (*system, error) {
	db, err := sqlfile.Open(dir, "accounts.db", schema)
	if err != nil {
		return nil, err
	}
	s := &system{db, now}
	if err := s.seed(); err != nil {
		db.Close()
		return nil, err
	}
	return s, nil
}

// querier is a database or a transaction on it.
type querier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// Lookup finds an account by ref, or by account name, e-mail address or phone
// number, however spaced and with or without +86. Kept fields are locked
// away: nobody is found by them and they are not shown.
func (s *system) Lookup(ctx context.Context, q accounts.LookupRequest) (accounts.Account, error) {
	ref := q.Ref
	if ref == "" {
		var err error
		if ref, err = find(ctx, s.db, q.Identifier); err != nil {
			return accounts.Account{}, err
		}
	}
	a := accounts.Account{Ref: ref, Fields: map[string]string{}}
	var err error
	if a.Status, err = status(ctx, s.db, ref); err != nil {
		return accounts.Account{}, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT name, value FROM field WHERE ref = ? AND until = ''`, ref)
	if err != nil {
		return accounts.Account{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return accounts.Account{}, err
		}
		a.Fields[name] = value
	}
	if a.Status != accounts.Erased {
		a.Contacts = contacts(a.Fields)
	}
	return a, rows.Err()
}

func contacts(fields map[string]string) []accounts.Contact {
	var list []accounts.Contact
	if v := fields[accounts.FieldEmail]; v != "" {
		list = append(list, accounts.Contact{Type: accounts.Email, Value: v})
	}
	if v := fields[accounts.FieldPhone]; v != "" {
		list = append(list, accounts.Contact{Type: accounts.Phone, Value: v})
	}
	return list
}

func find(ctx context.Context, q querier, identifier string) (accounts.Ref, error) {
	typed := strings.TrimSpace(identifier)
	rows, err := q.QueryContext(ctx, `
		SELECT ref FROM field WHERE until = '' AND name IN ('account_name', 'email') AND value = ?1 COLLATE NOCASE
		UNION SELECT ref FROM field WHERE until = '' AND name = 'phone' AND value = ?2 COLLATE NOCASE`,
		typed, phone(typed))
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var found []accounts.Ref
	for rows.Next() {
		var ref accounts.Ref
		if err := rows.Scan(&ref); err != nil {
			return "", err
		}
		found = append(found, ref)
	}
	switch {
	case rows.Err() != nil:
		return "", rows.Err()
	case len(found) == 0:
		return "", accounts.ErrNoAccount
	case len(found) > 1:
		return "", accounts.Permanent(accounts.CodeAmbiguous, "", "fits more than one account")
	}
	return found[0], nil
}

// phone writes a number as it is stored: digits alone, without +86.
func phone(typed string) string {
	digits := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(typed)
	return strings.TrimPrefix(strings.TrimPrefix(digits, "+86"), "0086")
}

func status(ctx context.Context, q querier, ref accounts.Ref) (accounts.Status, error) {
	var st accounts.Status
	err := q.QueryRowContext(ctx, `SELECT status FROM account WHERE ref = ?`, ref).Scan(&st)
	if errors.Is(err, sql.ErrNoRows) {
		return "", accounts.ErrNoAccount
	}
	return st, err
}

var obstacleWords = map[accounts.ObstacleCode][2]string{
	accounts.UnpaidBill:     {"有未付的账单，请先结清。", "There is an unpaid bill. Please pay it first."},
	accounts.RunningService: {"有正在运行的服务，请先停止或等它到期。", "A service is still running. Please end it or wait until it expires."},
	accounts.Balance:        {"账户里还有余额，请先提现。", "There is money in the account. Please withdraw it first."},
	accounts.PendingDispute: {"有未了结的争议。", "A dispute is not yet settled."},
	accounts.OtherObstacle:  {"账户暂时不能注销。", "The account cannot be cancelled at the moment."},
}

// Obstacles implements accounts.System.
func (s *system) Obstacles(ctx context.Context, ref accounts.Ref) ([]accounts.Obstacle, error) {
	if _, err := status(ctx, s.db, ref); err != nil {
		return nil, err
	}
	return obstacles(ctx, s.db, ref)
}

func obstacles(ctx context.Context, q querier, ref accounts.Ref) ([]accounts.Obstacle, error) {
	rows, err := q.QueryContext(ctx, `SELECT code FROM obstacle WHERE ref = ? ORDER BY code`, ref)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []accounts.Obstacle{}
	for rows.Next() {
		var code accounts.ObstacleCode
		if err := rows.Scan(&code); err != nil {
			return nil, err
		}
		words := obstacleWords[code]
		list = append(list, accounts.Obstacle{Code: code, ZH: words[0], EN: words[1]})
	}
	return list, rows.Err()
}
