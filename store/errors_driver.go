package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
	"modernc.org/sqlite"
)

// failed wraps an error with what was being done, as one of the errors of this
// package where it is one.
func failed(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gorm.ErrRecordNotFound), isOrphan(err):
		return fmt.Errorf("%s: %w", doing, ErrNotFound)
	case isLostConnection(err) && !errors.Is(err, ErrUnavailable):
		return fmt.Errorf("%s: %w: %w", doing, ErrUnavailable, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// MySQL and MariaDB error numbers.
const (
	myDiskFull           = 1021
	myEngineError        = 1030 // of the storage engine, which names the operating system's: no space is one
	myTooManyConnections = 1040
	myShutdown           = 1053
	myDuplicate          = 1062
	myTableFull          = 1114
	myNoSuchTable        = 1146
	myLockWait           = 1205
	myDeadlock           = 1213
	myReadOnlyOption     = 1290
	myNoParentRow        = 1452
	myReadOnly           = 1792
	myReadOnlyMode       = 1836
	myKilled             = 1927
)

// SQLite result codes; the low byte is the primary one.
const (
	liteBusy          = 5
	liteLocked        = 6
	liteReadOnly      = 8
	liteIO            = 10
	liteFull          = 13
	liteCantOpen      = 14
	liteForeignKey    = 787
	litePrimaryKey    = 1555
	liteUnique        = 2067
	litePrimaryCodeOf = 0xff
)

func isMySQL(err error, numbers ...uint16) bool {
	var e *mysql.MySQLError
	return errors.As(err, &e) && slices.Contains(numbers, e.Number)
}

func isSQLite(err error, codes ...int) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code())
}

func isSQLitePrimary(err error, codes ...int) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code()&litePrimaryCodeOf)
}

// isDuplicate: a row with this key is there already.
func isDuplicate(err error) bool {
	return isMySQL(err, myDuplicate) || isSQLite(err, liteUnique, litePrimaryKey)
}

// isOrphan: the ticket a row was to belong to is not there.
func isOrphan(err error) bool {
	return isMySQL(err, myNoParentRow) || isSQLite(err, liteForeignKey)
}

// isContention: the transaction lost against another and may be tried again.
func isContention(err error) bool {
	return isMySQL(err, myDeadlock, myLockWait) || isSQLitePrimary(err, liteBusy, liteLocked)
}

// isFull: there is no room left on the disk below the database.
func isFull(err error) bool {
	var e *mysql.MySQLError
	engine := errors.As(err, &e) && e.Number == myEngineError && strings.Contains(e.Message, "28") // ENOSPC
	return engine || isMySQL(err, myDiskFull, myTableFull) || isSQLitePrimary(err, liteFull)
}

func isMissingTable(err error) bool {
	if isMySQL(err, myNoSuchTable) {
		return true
	}
	return err != nil && isSQLitePrimary(err, 1) // SQLITE_ERROR, on a SELECT known to be well-formed
}

func isLostConnection(err error) bool {
	var network net.Error
	switch {
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, sql.ErrConnDone),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &network):
		return true
	case err.Error() == "sql: database is closed":
		return true
	}
	return isContention(err) ||
		isMySQL(err, myDiskFull, myTableFull, myEngineError, myTooManyConnections, myShutdown, myReadOnlyOption, myReadOnly, myReadOnlyMode, myKilled) ||
		isSQLitePrimary(err, liteReadOnly, liteIO, liteFull, liteCantOpen)
}
