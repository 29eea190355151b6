package store

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// onOneConnection runs a test on a single connection that keeps its statements.
func onOneConnection(t *testing.T) (*sql.Conn, *keepingConn) {
	t.Helper()
	_, _, pool, err := openSQLite(filepath.Join(t.TempDir(), "x.db"), 1)
	require.NoError(t, err)
	t.Cleanup(func() { _ = pool.Close() })
	conn, err := pool.Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = conn.ExecContext(t.Context(), "CREATE TABLE x (n INTEGER PRIMARY KEY)")
	require.NoError(t, err)
	for i := range 3 {
		_, err := conn.ExecContext(t.Context(), "INSERT INTO x (n) VALUES (?)", i)
		require.NoError(t, err)
	}
	var keeping *keepingConn
	require.NoError(t, conn.Raw(func(c any) error { keeping = c.(*keepingConn); return nil }))
	return conn, keeping
}

func numbers(t *testing.T, rows *sql.Rows, err error) (all []int) {
	t.Helper()
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var n int
		require.NoError(t, rows.Scan(&n))
		all = append(all, n)
	}
	require.NoError(t, rows.Err())
	return all
}

const allOfX = "SELECT n FROM x ORDER BY n"

func TestAStatementIsCompiledOnceAndRunOften(t *testing.T) {
	conn, keeping := onOneConnection(t)
	kept := keeping.compiled["INSERT INTO x (n) VALUES (?)"]
	require.NotNil(t, kept)
	for i := 3; i < 6; i++ {
		rows, err := conn.QueryContext(t.Context(), allOfX)
		require.Len(t, numbers(t, rows, err), i)
		_, err = conn.ExecContext(t.Context(), "INSERT INTO x (n) VALUES (?)", i)
		require.NoError(t, err)
	}
	require.Same(t, kept, keeping.compiled["INSERT INTO x (n) VALUES (?)"])
	require.Len(t, keeping.compiled, 2, "and the table was made by one that is not kept")
}

func TestAStatementMayBeRunWhileItIsBeingReadFrom(t *testing.T) {
	conn, _ := onOneConnection(t)
	tx, err := conn.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer tx.Rollback()
	outer, err := tx.QueryContext(t.Context(), allOfX)
	require.NoError(t, err)
	defer outer.Close()
	seen := 0
	for outer.Next() {
		inner, err := tx.QueryContext(t.Context(), allOfX)
		require.Equal(t, []int{0, 1, 2}, numbers(t, inner, err))
		seen++
	}
	require.Equal(t, 3, seen)
}

func TestRowsThatWereLeftHalfReadBeginAnew(t *testing.T) {
	conn, _ := onOneConnection(t)
	for range 3 {
		rows, err := conn.QueryContext(t.Context(), allOfX)
		require.NoError(t, err)
		require.True(t, rows.Next())
		var n int
		require.NoError(t, rows.Scan(&n))
		require.Zero(t, n)
		require.NoError(t, rows.Close())
	}
}

func TestAStatementThatFailsCanBeRunAgain(t *testing.T) {
	conn, _ := onOneConnection(t)
	for range 2 {
		_, err := conn.ExecContext(t.Context(), "INSERT INTO x (n) VALUES (?)", 1)
		require.True(t, isDuplicate(err), err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := conn.ExecContext(ended, "INSERT INTO x (n) VALUES (?)", 7)
	require.ErrorIs(t, err, context.Canceled)
	_, err = conn.ExecContext(t.Context(), "INSERT INTO x (n) VALUES (?)", 7)
	require.NoError(t, err)
}

func TestAStatementOutlivesAChangeOfTheSchema(t *testing.T) {
	conn, _ := onOneConnection(t)
	rows, err := conn.QueryContext(t.Context(), "SELECT * FROM x WHERE n = 1")
	require.Equal(t, []int{1}, numbers(t, rows, err))
	_, err = conn.ExecContext(t.Context(), "ALTER TABLE x ADD COLUMN m INTEGER NOT NULL DEFAULT 5")
	require.NoError(t, err)
	rows, err = conn.QueryContext(t.Context(), "SELECT * FROM x WHERE n = 1")
	require.NoError(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	require.Equal(t, []string{"n", "m"}, columns)
}

func TestAConnectionKeepsSoManyStatementsAndNoMore(t *testing.T) {
	conn, keeping := onOneConnection(t)
	for i := range 2*compiledLimit + 10 {
		rows, err := conn.QueryContext(t.Context(), fmt.Sprintf("SELECT n FROM x WHERE n = %d", i))
		_ = numbers(t, rows, err)
		require.LessOrEqual(t, len(keeping.compiled), compiledLimit)
	}
}
