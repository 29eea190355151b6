package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"log"
	"time"

	"github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"
)

const strictMode = "'STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"

func openMySQL(dsn string, connections int) (*gorm.DB, *pool, error) {
	settings, err := mysql.ParseDSN(dsn)
	if err != nil { // the driver's words may quote the address
		return nil, nil, errors.New(`the address can't be read: write "mysql:user:password@tcp(host:3306)/name"`)
	}
	if settings.DBName == "" {
		return nil, nil, errors.New("the address names no database after the slash")
	}
	settings.ParseTime = true
	settings.Loc = time.UTC
	settings.ClientFoundRows = true   // an update reports the rows it matched, as SQLite does
	settings.InterpolateParams = true // one round trip a statement; safe with utf8mb4
	settings.Collation = "utf8mb4_bin"
	settings.Logger = log.New(io.Discard, "", 0)
	if settings.Timeout == 0 {
		settings.Timeout = 5 * time.Second
	}
	if settings.ReadTimeout == 0 {
		settings.ReadTimeout = 30 * time.Second
	}
	if settings.WriteTimeout == 0 {
		settings.WriteTimeout = 30 * time.Second
	}
	if settings.Params == nil {
		settings.Params = map[string]string{}
	}
	settings.Params["sql_mode"] = strictMode
	if settings.Params["innodb_lock_wait_timeout"] == "" {
		settings.Params["innodb_lock_wait_timeout"] = "5"
	}

	connector, err := mysql.NewConnector(settings)
	if err != nil {
		return nil, nil, errors.New("the address can't be used: check its parameters")
	}
	pool := newPool(sql.OpenDB(readCommitted{connector}), connections, 32)
	pool.SetMaxIdleConns(max(1, pool.Stats().MaxOpenConnections/2))
	pool.SetConnMaxLifetime(30 * time.Minute)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	db, err := gorm.Open(gormmysql.New(gormmysql.Config{Conn: pool, SkipInitializeWithVersion: true}), gormConfig())
	if err != nil {
		_ = pool.Close()
		return nil, nil, err
	}
	return db, pool, nil
}

// readCommitted makes connections whose transactions see what others have
// committed and lock no gaps. MySQL and MariaDB have no common variable for it,
// so it is a statement.
type readCommitted struct{ driver.Connector }

func (c readCommitted) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	_, err = conn.(driver.ExecerContext).ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", nil)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}
