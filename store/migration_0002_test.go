package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
)

func TestEntriesOfTheReleaseBeforeAreChainedAsTheyAre(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := threeTickets(t, s)[0]
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

		// The release before goes on until it is replaced.
		old := "INSERT INTO events (number, rev, at, actor, agent, act, code, object) VALUES (?, 0, ?, 'staff', 'li.wei', 'personal_data_shown', '', 0)"
		require.NoError(t, s.db.Exec(old, n, instantOf(noon)).Error)
		require.NoError(t, s.AppendEvent(ctx, n, contract.Event{At: noon, Actor: contract.BySystem, Act: contract.ActClosed}))
		require.NoError(t, s.db.Exec(old, n, instantOf(noon)).Error)
		report, found := verify(t, s, nil)
		require.Empty(t, found)
		require.EqualValues(t, 33, report.Waiting)
		require.Equal(t, 33, chainAll(t, s))
		report, found = verify(t, s, nil)
		require.Empty(t, found)
		require.EqualValues(t, 32, report.Adopted)
		events, err := s.Events(ctx, n)
		require.NoError(t, err)
		require.Len(t, events, 10)
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
