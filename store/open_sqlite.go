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

// Commits reach the disk before they are reported (FULL), or, where they may be lost with
// the machine, with the next one that does (NORMAL): they outlast the end of the process
// all the same.
const (
	synced = "FULL"
	light  = "NORMAL"
)

// sqliteSettings: what is deleted is overwritten, transactions that will write take
// the lock at once, and times are texts that sort. The log is written back when it has
// 16 MB rather than 4: most pages in it are written again and again.
func sqliteSettings(synchronous string) string {
	return "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(" + synchronous + ")" +
		"&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_pragma=wal_autocheckpoint(4000)&_txlock=immediate&_time_format=sqlite"
}

// openSQLite opens a file, and again for light writes.
func openSQLite(path string, connections int) (db, lightly *gorm.DB, all *pool, err error) {
	if path == "" || strings.ContainsAny(path, "?#%") || strings.Contains(path, ":memory:") {
		return nil, nil, nil, errors.New(`write "sqlite:" and the path of a file, without ?, # and %`)
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
		return nil, nil, nil, fmt.Errorf("opening its file: %w", err)
	}

	db, all, err = dialSQLite(path+sqliteSettings(synced), connections, 8)
	if err != nil {
		return nil, nil, nil, err
	}
	lightly, one, err := dialSQLite(path+sqliteSettings(light), 1, 1)
	if err != nil {
		_ = all.Close()
		return nil, nil, nil, err
	}
	all.beside = one
	return db, lightly, all, nil
}

func dialSQLite(address string, connections, usual int) (*gorm.DB, *pool, error) {
	pool := newPool(sql.OpenDB(sqliteConnector{address, &sqlite.Driver{}}), connections, usual)
	pool.SetMaxIdleConns(pool.Stats().MaxOpenConnections)
	db, err := gorm.Open(gormsqlite.New(gormsqlite.Config{DriverName: "sqlite", Conn: pool}), gormConfig())
	if err != nil {
		_ = pool.Close()
		return nil, nil, err
	}
	return db, pool, nil
}
