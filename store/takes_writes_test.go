package store

import (
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/store/mariadbtest"
	"rightsdesk/store/smalldisk"
)

func TestATrialWriteLeavesNothingBehind(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		require.NoError(t, s.TakesWrites(ctx))
		refs, err := s.PolicyRefs(ctx)
		require.NoError(t, err)
		require.Empty(t, refs)
	})
}

func TestADatabaseThatCanOnlyBeReadTakesNoWrites(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		s, err := Open("sqlite:"+filepath.Join(t.TempDir(), "desk.db"), newVault(t), WithConnections(1))
		require.NoError(t, err)
		defer s.Close()
		require.NoError(t, s.Migrate(ctx))
		require.NoError(t, s.TakesWrites(ctx))
		require.NoError(t, s.db.Exec("PRAGMA query_only = 1").Error)
		onlyReads(t, s)
	})
	t.Run("mariadb", func(t *testing.T) {
		dsn := mariadbtest.Start(t)
		openForTest(t, dsn)
		if strings.Contains(dsn, "?") {
			dsn += "&tx_read_only=1"
		} else {
			dsn += "?tx_read_only=1"
		}
		s, err := Open(dsn, newVault(t))
		require.NoError(t, err)
		defer s.Close()
		onlyReads(t, s)
	})
}

func TestWhoFindsNoRoomTellsTheOthers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		other := *s // another process on the same tables
		other.full = new(atomic.Int64)
		require.NoError(t, other.TakesWrites(ctx))
		s.full.Store(time.Now().UnixNano())
		require.True(t, IsUnavailable(s.TakesWrites(ctx)))
		require.True(t, IsUnavailable(other.TakesWrites(ctx)), "its own writes found room")

		s.full.Store(time.Now().Add(time.Second - fullHolds).UnixNano())
		require.True(t, IsUnavailable(s.TakesWrites(ctx)))
		require.Eventually(t, func() bool { return other.TakesWrites(ctx) == nil }, 5*time.Second, 20*time.Millisecond, "nothing was refused for a minute")
	})
}

func TestAFullDiskBelowAnSQLiteFileIsSeen(t *testing.T) {
	at := t.TempDir()
	disk, err := smalldisk.Mount(at, 8)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, disk.Unmount()) })
	s, err := Open("sqlite:"+filepath.Join(at, "desk.db"), newVault(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	require.NoError(t, s.Migrate(ctx))
	require.NoError(t, s.TakesWrites(ctx))

	require.NoError(t, disk.Fill())
	require.NoError(t, s.Ping(ctx))
	require.True(t, IsUnavailable(s.TakesWrites(ctx)), "%v", s.TakesWrites(ctx))

	require.NoError(t, disk.Clear(), "somebody makes room")
	_, _, err = s.Allow(ctx, "anything", 1, time.Hour, time.Now())
	require.NoError(t, err)
	require.Error(t, s.TakesWrites(ctx), "other tables may still have no room")
	s.full.Store(time.Now().Add(-fullHolds).UnixNano())
	require.Error(t, s.TakesWrites(ctx), "what was told before holds as long")
	_, err = s.DeleteExpired(ctx, time.Now().Add(fullHolds))
	require.NoError(t, err)
	require.NoError(t, s.TakesWrites(ctx), "nothing was refused for a minute")
}

func onlyReads(t *testing.T, s *Store) {
	t.Helper()
	require.NoError(t, s.Ping(ctx))
	require.NoError(t, s.CheckSchema(ctx))
	require.True(t, IsUnavailable(s.TakesWrites(ctx)), "%v", s.TakesWrites(ctx))
}

func TestADatabaseIsNotOutOfRoomBecauseSomebodyElseWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "desk.db")
	s, err := Open("sqlite:"+path, newVault(t), WithConnections(1))
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Migrate(ctx))
	other, err := Open("sqlite:"+path, newVault(t))
	require.NoError(t, err)
	defer other.Close()
	tx := other.db.Begin()
	require.NoError(t, tx.Error)
	defer tx.Rollback()
	require.NoError(t, s.db.Exec("PRAGMA busy_timeout = 1").Error)
	require.NoError(t, s.TakesWrites(ctx))
}
