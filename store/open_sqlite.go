package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	gormsqlite "gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"modernc.org/sqlite"
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
	// same mode. A file that is there is not touched: closing it would drop the
	// locks that this process holds on it already, and any other program that
	// looked in would then throw away what is not written back yet.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil:
		_ = file.Close()
	case !errors.Is(err, fs.ErrExist):
		return nil, nil, fmt.Errorf("opening its file: %w", err)
	}

	pool := sql.OpenDB(sqliteConnector{path + sqliteSettings, &sqlite.Driver{}})
	pool.SetMaxOpenConns(8)
	pool.SetMaxIdleConns(8)
	db, err := gorm.Open(gormsqlite.New(gormsqlite.Config{DriverName: "sqlite", Conn: pool}), gormConfig())
	if err != nil {
		_ = pool.Close()
		return nil, nil, err
	}
	return db, pool, nil
}
