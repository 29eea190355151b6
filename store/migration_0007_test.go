package store

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// While a release is rolled out, processes of the one before go on writing.
func TestTheReleaseBeforeWritesDeliveriesIntoTheNewTables(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		old := "INSERT INTO deliveries (number, op, name, payload, created_at, attempts, pending, next_at, rejected, message)" +
			" VALUES (?, 'update', 'Withdraw', '{}', ?, 0, ?, ?, '', 0)"
		n := file(t, s).Number
		require.NoError(t, s.db.Exec(old, n, instantOf(noon), true, instantOf(noon)).Error)
		for _, op := range []DeliveryOp{OpStart, OpUpdate} {
			var row deliveryRow
			require.NoError(t, s.db.Take(&row, "number = ? AND op = ?", n, op).Error)
			require.Empty(t, row.delivery().Trace)
		}
	})
}

func TestTheSeventhMigrationRunsAgainAfterAnInterruption(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		require.NoError(t, s.db.Exec("DROP TABLE troubles").Error)
		require.NoError(t, s.db.Exec("DELETE FROM "+migrationTable+" WHERE id = '0007'").Error)
		require.ErrorIs(t, s.CheckSchema(ctx), ErrOldSchema)
		require.NoError(t, s.Migrate(ctx))
		require.NoError(t, s.CheckSchema(ctx))
		n, err := s.StuckTickets(ctx)
		require.NoError(t, err)
		require.Zero(t, n)
	})
}
