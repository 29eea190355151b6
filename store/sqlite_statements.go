package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"

	"modernc.org/sqlite"
)

// SQLite compiles each statement anew whenever it is run, which takes longer than
// running most of ours. So every connection keeps the statements it has compiled.
// What gorm's own cache offers does not help: it forgets what was compiled within
// a transaction.

// compiledLimit is how many statements a connection keeps. Past it, it forgets all
// and begins again: only lists of ever other lengths get there.
const compiledLimit = 300

var errLacking = errors.New("the SQLite driver lacks what it had when this was written")

// sqliteConnector opens connections that keep their compiled statements.
type sqliteConnector struct {
	dsn    string
	driver *sqlite.Driver
}

func (c sqliteConnector) Driver() driver.Driver { return c.driver }

func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.driver.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	plain, ok := conn.(plainConn)
	if !ok {
		_ = conn.Close()
		return nil, errLacking
	}
	return &keepingConn{plainConn: plain, compiled: map[string]*compiled{}}, nil
}

// plainConn is what the driver's connections can do.
type plainConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type keepingConn struct {
	plainConn
	compiled map[string]*compiled
}

// compiled is a statement; in use, it is being read from.
type compiled struct {
	stmt  plainStmt
	inUse bool
}

// plainStmt is what the driver's statements can do.
type plainStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// ExecContext implements driver.ExecerContext.
func (c *keepingConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, text)
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return c.plainConn.ExecContext(ctx, text, args)
	}
	return s.stmt.ExecContext(ctx, args)
}

// QueryContext implements driver.QueryerContext.
func (c *keepingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, text)
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return c.plainConn.QueryContext(ctx, text, args)
	}
	rows, err := s.stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	plain, ok := rows.(plainRows)
	if !ok {
		return nil, errors.Join(errLacking, rows.Close())
	}
	s.inUse = true
	return &keptRows{plain, s}, nil
}

// statement is a statement compiled, or nil if it is not one to keep or is being
// read from: then it is run as the driver runs any.
func (c *keepingConn) statement(ctx context.Context, text string) (*compiled, error) {
	if s, ok := c.compiled[text]; ok {
		if s.inUse {
			return nil, nil
		}
		return s, nil
	}
	switch verb, _, _ := strings.Cut(text, " "); verb {
	case "SELECT", "INSERT", "UPDATE", "DELETE":
	default:
		return nil, nil
	}
	if len(c.compiled) >= compiledLimit {
		c.forget()
	}
	stmt, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	plain, ok := stmt.(plainStmt)
	if !ok {
		return nil, errors.Join(errLacking, stmt.Close())
	}
	s := &compiled{stmt: plain}
	c.compiled[text] = s
	return s, nil
}

// forget closes all statements that are not being read from.
func (c *keepingConn) forget() {
	for text, s := range c.compiled {
		if !s.inUse {
			_ = s.stmt.Close()
			delete(c.compiled, text)
		}
	}
}

// Close implements driver.Conn.
func (c *keepingConn) Close() error {
	for _, s := range c.compiled {
		_ = s.stmt.Close()
	}
	c.compiled = nil
	return c.plainConn.Close()
}

// plainRows is what the driver's rows can do.
type plainRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// keptRows give their statement free when they have been read.
type keptRows struct {
	plainRows
	of *compiled
}

// Close implements driver.Rows.
func (r *keptRows) Close() error {
	r.of.inUse = false
	return r.plainRows.Close()
}
