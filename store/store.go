package store

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"rightsdesk/seal"
)

// Store is the database.
type Store struct {
	db      *gorm.DB
	light   *gorm.DB // for what may be lost with the machine
	pool    *pool
	vault   *seal.Vault
	backend string
	writer  chan struct{}    // SQLite has one writer: waiting here is fairer than in its busy handler
	now     func() time.Time // for methods that are not told the time
	figures *figures

	policies *sync.Map                  // digests of those that are known to be there
	skipped  *atomic.Pointer[time.Time] // when ids were skipped last; see restored
	full     *atomic.Int64              // when a write was last refused for want of room, in nanoseconds of Unix time
}

// Backend names.
const (
	SQLite = "sqlite"
	MySQL  = "mysql"
)

// Open opens a database by its address, without touching its tables:
//
//	sqlite:/path/to/file.db
//	mysql:user:password@tcp(host:3306)/name
//
// What follows "mysql:" is a go-sql-driver DSN; times in UTC, utf8mb4 and strict
// mode are forced, timeouts are set where it sets none. A MySQL server need not
// be there yet: methods answer ErrUnavailable until it is. Errors never contain
// the address, which may hold a password.
func Open(dsn string, vault *seal.Vault, options ...Option) (*Store, error) {
	if vault == nil {
		return nil, errors.New("opening the database: there is no vault to seal personal data with")
	}
	var o opening
	for _, option := range options {
		option(&o)
	}
	s := &Store{vault: vault, now: time.Now, policies: &sync.Map{}, skipped: &atomic.Pointer[time.Time]{}, full: &atomic.Int64{}, figures: newFigures()}
	kind, rest, _ := strings.Cut(dsn, ":")
	var err error
	switch kind {
	case SQLite:
		s.backend, s.writer = SQLite, make(chan struct{}, 1)
		s.db, s.light, s.pool, err = openSQLite(rest, o.connections)
	case MySQL:
		s.backend = MySQL
		s.db, s.pool, err = openMySQL(rest, o.connections)
		s.light = s.db
	default:
		return nil, errors.New(`opening the database: its address must begin with "sqlite:" or "mysql:"`)
	}
	if err != nil {
		return nil, failed("opening the database", err)
	}
	return s, nil
}

// Option is a setting of Open.
type Option func(*opening)

type opening struct{ connections int }

// WithConnections lets the store have so many connections at once at the most; 0 is
// as many as without: 32 to MySQL, 8 to SQLite, and there one more for light writes.
// When all are in use for longer than a few seconds, methods answer ErrUnavailable.
func WithConnections(n int) Option { return func(o *opening) { o.connections = n } }

func gormConfig() *gorm.Config {
	return &gorm.Config{
		Logger:                 slowLogger{},
		NowFunc:                func() time.Time { return time.Now().UTC() },
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
	}
}

// Close closes all connections.
func (s *Store) Close() error { return s.pool.Close() }

// Backend is "sqlite" or "mysql".
func (s *Store) Backend() string { return s.backend }

// Ping asks whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return failed("asking the database", s.pool.PingContext(ctx))
}

// read is for queries that may see different moments of the database.
func (s *Store) read(ctx context.Context) *gorm.DB { return s.db.WithContext(ctx) }
