package store

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	gormsqlite "gorm.io/driver/sqlite"
	"gorm.io/gorm"
	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// sqliteSettings: commits reach the disk before they are reported (FULL), what is
// deleted is overwritten, transactions that will write take the lock at once, and
// times are texts that sort.
const sqliteSettings = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_txlock=immediate&_time_format=sqlite"

func openSQLite(path string) (*gorm.DB, *sql.DB, error) {
	if path == "" || strings.ContainsAny(path, "?#%") || strings.Contains(path, ":memory:") {
		return nil, nil, errors.New(`write "sqlite:" and the path of a file, without ?, # and %`)
	}
	// Made here so that nobody else may read it; SQLite gives its side files the
	// same mode.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("opening its file: %w", err)
	}
	_ = file.Close()

	pool, err := sql.Open("sqlite", path+sqliteSettings)
	if err != nil {
		return nil, nil, err
	}
	pool.SetMaxOpenConns(8)
	pool.SetMaxIdleConns(8)
	db, err := gorm.Open(gormsqlite.New(gormsqlite.Config{DriverName: "sqlite", Conn: pool}), gormConfig())
	if err != nil {
		_ = pool.Close()
		return nil, nil, err
	}
	return db, pool, nil
}
