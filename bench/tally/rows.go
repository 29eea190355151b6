// Package tally counts from outside what a ticket costs: rows and bytes of the
// desk's database, and what Temporal keeps of its workflow. The bench writes it
// down; a test holds it against each kind's budget.
package tally

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Rows are how many each table has.
type Rows map[string]int64

// passing are the tables whose rows are dropped by themselves, within the hour or
// the day: they are no part of a ticket.
var passing = map[string]bool{"limit_counters": true, "idempotent_requests": true, "sessions": true}

// Sum adds them up: those that stay, and those that are dropped within a day.
func (r Rows) Sum() (kept, short int64) {
	for table, n := range r {
		if passing[table] {
			short += n
		} else {
			kept += n
		}
	}
	return kept, short
}

// Minus is what there is more of than before, by table.
func (r Rows) Minus(before Rows) Rows {
	d := Rows{}
	for table, n := range r {
		if n != before[table] {
			d[table] = n - before[table]
		}
	}
	return d
}

// Chained reports that the worker has chained the audit trail up to here, which it
// does every few seconds, for all tickets together.
func (r Rows) Chained() bool {
	return r["audit_chain"] >= r["events"]+r["ledger_entries"]
}

// Database is the desk's database, looked at from outside.
type Database struct {
	*sql.DB
	list  string // of tables
	size  string // in bytes, without what is free
	name  string
	asked string // its version
}

// Open opens it by the address that the desk is given, sqlite:… or mysql:….
func Open(dsn string) (*Database, error) {
	kind, rest, _ := strings.Cut(dsn, ":")
	switch kind {
	case "sqlite":
		db, err := sql.Open("sqlite", rest+"?_pragma=busy_timeout(10000)")
		return &Database{db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
			`SELECT (page_count - freelist_count) * page_size FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()`, "SQLite", "SELECT sqlite_version()"}, err
	case "mysql":
		settings, err := mysql.ParseDSN(rest)
		if err != nil {
			return nil, errors.New("--database: can't be read")
		}
		connector, err := mysql.NewConnector(settings)
		if err != nil {
			return nil, errors.New("--database: can't be used")
		}
		return &Database{sql.OpenDB(connector), `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()`,
			`SELECT COALESCE(SUM(data_length + index_length), 0) FROM information_schema.tables WHERE table_schema = DATABASE()`, "MySQL", "SELECT version()"}, nil
	}
	return nil, errors.New("--database: is neither sqlite: nor mysql:")
}

// Rows counts the rows of every table.
func (d *Database) Rows(ctx context.Context) (Rows, error) {
	names, err := d.QueryContext(ctx, d.list)
	if err != nil {
		return nil, err
	}
	defer names.Close()
	var tables []string
	for names.Next() {
		var t string
		if err := names.Scan(&t); err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	if err := names.Err(); err != nil {
		return nil, err
	}
	r := Rows{}
	for _, t := range tables {
		var n int64
		if err := d.QueryRowContext(ctx, fmt.Sprintf("SELECT COUNT(*) FROM `%s`", t)).Scan(&n); err != nil {
			return nil, err
		}
		r[t] = n
	}
	return r, nil
}

// Bytes is how large it is.
func (d *Database) Bytes(ctx context.Context) (n int64, err error) {
	return n, d.QueryRowContext(ctx, d.size).Scan(&n)
}

// Version is which it is.
func (d *Database) Version(ctx context.Context) (name, version string, err error) {
	err = d.QueryRowContext(ctx, d.asked).Scan(&version)
	if strings.Contains(version, "MariaDB") {
		return "MariaDB", strings.TrimSuffix(strings.ReplaceAll(version, "-MariaDB", ""), "-log"), err
	}
	return d.name, version, err
}
