package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
)

// How long a statement or transaction waits for a connection while all are in use.
// Once somebody has waited so long in vain, everybody waits no more than a moment,
// until a connection is had again: a page asks many times, and its 503 must not
// take the sum of that.
const (
	connectionPatience = 3 * time.Second
	connectionMoment   = 100 * time.Millisecond
)

// pool is the connections to the database. It is database/sql's, but for the
// waiting, which that bounds by nothing.
type pool struct {
	*sql.DB
	stuck  atomic.Bool // the last who waited did so in vain
	beside *pool       // is closed with it; nil: none
}

var (
	_ gorm.ConnPool         = (*pool)(nil)
	_ gorm.ConnPoolBeginner = (*pool)(nil)
	_ gorm.GetDBConnector   = (*pool)(nil)
	_ gorm.TxCommitter      = (*poolTx)(nil)
)

// newPool takes so many connections, or usual if that is 0.
func newPool(db *sql.DB, connections, usual int) *pool {
	if connections <= 0 {
		connections = usual
	}
	db.SetMaxOpenConns(connections)
	return &pool{DB: db}
}

// connection waits for one, not without end.
func (p *pool) connection(ctx context.Context) (*sql.Conn, error) {
	patience := connectionPatience
	if p.stuck.Load() {
		patience = connectionMoment
	}
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := p.Conn(wait)
	switch {
	case err == nil:
		p.stuck.Store(false)
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		p.stuck.Store(true)
		err = fmt.Errorf("%w: all connections are in use", ErrUnavailable)
	}
	return conn, err
}

// mostDead is how many connections may turn out to be dead when they are used, as in
// database/sql. Those that died while they were idle are not even handed out.
const mostDead = 3

// on runs do on a connection, and on another one if that was dead before it began.
// Do gives it back.
func (p *pool) on(ctx context.Context, do func(*sql.Conn) error) error {
	for try := 1; ; try++ {
		conn, err := p.connection(ctx)
		if err != nil {
			return err
		}
		if err = do(conn); !errors.Is(err, driver.ErrBadConn) || try == mostDead {
			return err
		}
	}
}

// Close closes all connections.
func (p *pool) Close() error {
	if p.beside == nil {
		return p.DB.Close()
	}
	return errors.Join(p.DB.Close(), p.beside.Close())
}

// PrepareContext prepares a statement; nothing here does.
func (p *pool) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return p.DB.PrepareContext(ctx, query)
}

// ExecContext implements gorm.ConnPool.
func (p *pool) ExecContext(ctx context.Context, query string, args ...any) (result sql.Result, err error) {
	err = p.on(ctx, func(conn *sql.Conn) (err error) {
		defer conn.Close()
		result, err = conn.ExecContext(ctx, query, args...)
		return err
	})
	return result, err
}

// QueryContext implements gorm.ConnPool.
func (p *pool) QueryContext(ctx context.Context, query string, args ...any) (rows *sql.Rows, err error) {
	err = p.on(ctx, func(conn *sql.Conn) (err error) {
		rows, err = conn.QueryContext(ctx, query, args...)
		if err != nil {
			_ = conn.Close()
			return err
		}
		go conn.Close() // returns when the rows are closed, and gives the connection back then
		return nil
	})
	return rows, err
}

// QueryRowContext implements gorm.ConnPool. A row can't say that there is no
// connection, so this waits as long as ctx does; only migrations ask like this.
func (p *pool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return p.DB.QueryRowContext(ctx, query, args...)
}

// BeginTx implements gorm.ConnPoolBeginner.
func (p *pool) BeginTx(ctx context.Context, o *sql.TxOptions) (gorm.ConnPool, error) {
	var begun *poolTx
	err := p.on(ctx, func(conn *sql.Conn) error {
		tx, err := conn.BeginTx(ctx, o)
		if err != nil {
			_ = conn.Close()
			return err
		}
		begun = &poolTx{Tx: tx, conn: conn}
		return nil
	})
	if err != nil {
		return nil, err // not a nil *poolTx
	}
	return begun, nil
}

// PingContext asks whether the database answers.
func (p *pool) PingContext(ctx context.Context) error {
	return p.on(ctx, func(conn *sql.Conn) error {
		defer conn.Close()
		return conn.PingContext(ctx)
	})
}

// GetDBConn implements gorm.GetDBConnector.
func (p *pool) GetDBConn() (*sql.DB, error) { return p.DB, nil }

// poolTx is a transaction that gives its connection back at its end.
type poolTx struct {
	*sql.Tx
	conn *sql.Conn
}

// Commit implements gorm.TxCommitter.
func (t *poolTx) Commit() error {
	defer t.conn.Close()
	return t.Tx.Commit()
}

// Rollback implements gorm.TxCommitter.
func (t *poolTx) Rollback() error {
	defer t.conn.Close()
	return t.Tx.Rollback()
}
