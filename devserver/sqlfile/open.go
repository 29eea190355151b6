// Package sqlfile opens the SQLite files of the devserver's own small servers.
package sqlfile

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"; Temporal's server registers the same
)

// Open opens dir/name, making both if missing, and runs schema, which must be
// harmless on a file that has it already. What is committed survives a
// kill -9; the last of it may be lost with the machine. One connection at a time: statements never meet a locked database.
func Open(dir, name, schema string) (*sql.DB, error) {
	file, err := filepath.Abs(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(schema); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return db, nil
}
