package tally

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRowsAreCountedByTable(t *testing.T) {
	db, err := Open("sqlite:" + filepath.Join(t.TempDir(), "x.db"))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec("CREATE TABLE tickets (n); CREATE TABLE limit_counters (n); INSERT INTO tickets VALUES (1), (2); INSERT INTO limit_counters VALUES (1)")
	require.NoError(t, err)
	before := Rows{"tickets": 1}
	rows, err := db.Rows(t.Context())
	require.NoError(t, err)
	assert.Equal(t, Rows{"tickets": 1, "limit_counters": 1}, rows.Minus(before))
	kept, short := rows.Sum()
	assert.Equal(t, [2]int64{2, 1}, [2]int64{kept, short})
	size, err := db.Bytes(t.Context())
	require.NoError(t, err)
	assert.Positive(t, size)
	name, version, err := db.Version(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "SQLite", name)
	assert.NotEmpty(t, version)
	_, err = Open("postgres:x")
	assert.Error(t, err)
}

func TestATrailIsChainedOnceEveryEntryIsInTheChain(t *testing.T) {
	assert.False(t, Rows{"events": 3, "ledger_entries": 1, "audit_chain": 3}.Chained())
	assert.True(t, Rows{"events": 3, "ledger_entries": 1, "audit_chain": 4}.Chained())
}
