package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
)

func TestEntriesOfTheFirstReleaseAreChainedAsTheyAre(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		numbers := threeTickets(t, s)
		n := numbers[0]
		before, err := s.Events(ctx, n)
		require.NoError(t, err)
		for _, table := range trails() { // as the release before left them
			require.NoError(t, s.db.Exec("UPDATE "+string(table)+" SET seq = NULL, hash = NULL, seal = NULL").Error)
		}
		require.NoError(t, s.db.Exec("DELETE FROM "+migrationTable+" WHERE id = '0002'").Error)
		require.NoError(t, s.Migrate(ctx))
		require.Zero(t, chainless(t, s))
		after, err := s.Events(ctx, n)
		require.NoError(t, err)
		require.Equal(t, before, after)

		_, found := verify(t, s, nil)
		require.Len(t, found, 30, "nobody has vouched for them yet")
		for _, table := range trails() {
			for _, n := range numbers {
				require.NoError(t, s.adopt(ctx, table, n))
			}
		}
		require.NoError(t, s.AppendEvent(ctx, n, contract.Event{At: noon, Actor: contract.BySystem, Act: contract.ActClosed}))
		require.Equal(t, 31, chainAll(t, s))
		report, found := verify(t, s, nil)
		require.Empty(t, found)
		require.EqualValues(t, 30, report.Adopted)
		events, err := s.Events(ctx, n)
		require.NoError(t, err)
		require.Len(t, events, 8)
		require.Equal(t, contract.ActClosed, events[7].Act)
	})
}

func chainless(t *testing.T, s *Store) int {
	t.Helper()
	var events, lines int64
	require.NoError(t, s.db.Model(&eventRow{}).Where("seq IS NULL OR hash IS NULL").Count(&events).Error)
	require.NoError(t, s.db.Model(&ledgerRow{}).Where("seq IS NULL OR hash IS NULL").Count(&lines).Error)
	return int(events + lines)
}
