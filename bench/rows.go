package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/go-sql-driver/mysql"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// counts are how many rows each table has.
type counts map[string]int64

// passing are the tables whose rows are dropped by themselves, within the hour or
// the day: they are no part of a ticket.
var passing = map[string]bool{"limit_counters": true, "idempotent_requests": true, "sessions": true}

// kept and short-lived rows.
func (c counts) sum() (kept, short int64) {
	for table, n := range c {
		if passing[table] {
			short += n
		} else {
			kept += n
		}
	}
	return kept, short
}

func (c counts) minus(o counts) counts {
	d := counts{}
	for table, n := range c {
		if n != o[table] {
			d[table] = n - o[table]
		}
	}
	return d
}

// database is the desk's database, looked at from outside.
type database struct {
	*sql.DB
	list  string // of tables
	size  string // in bytes, without what is free
	name  string
	asked string // its version
}

func openDatabase(dsn string) (*database, error) {
	kind, rest, _ := strings.Cut(dsn, ":")
	switch kind {
	case "sqlite":
		db, err := sql.Open("sqlite", rest+"?_pragma=busy_timeout(10000)")
		return &database{db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
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
		return &database{sql.OpenDB(connector), `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()`,
			`SELECT COALESCE(SUM(data_length + index_length), 0) FROM information_schema.tables WHERE table_schema = DATABASE()`, "MySQL", "SELECT version()"}, nil
	}
	return nil, errors.New("--database: is neither sqlite: nor mysql:")
}

// rows counts the rows of every table.
func (d *database) rows(ctx context.Context) (counts, error) {
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
	c := counts{}
	for _, t := range tables {
		var n int64
		if err := d.QueryRowContext(ctx, fmt.Sprintf("SELECT COUNT(*) FROM `%s`", t)).Scan(&n); err != nil {
			return nil, err
		}
		c[t] = n
	}
	return c, nil
}

// bytes is how large it is.
func (d *database) bytes(ctx context.Context) (n int64, err error) {
	return n, d.QueryRowContext(ctx, d.size).Scan(&n)
}

// version is what it is.
func (d *database) version(ctx context.Context) (name, version string, err error) {
	err = d.QueryRowContext(ctx, d.asked).Scan(&version)
	if strings.Contains(version, "MariaDB") {
		return "MariaDB", strings.TrimSuffix(strings.ReplaceAll(version, "-MariaDB", ""), "-log"), err
	}
	return d.name, version, err
}

// engineBytes is how large the embedded Temporal's database is; 0 where Temporal is
// elsewhere.
func (s *stand) engineBytes(ctx context.Context) (int64, error) {
	if s.DataDir == "" {
		return 0, nil
	}
	db, err := openDatabase("sqlite:" + filepath.Join(s.DataDir, "temporal.db"))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	return db.bytes(ctx)
}
