package store

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/store/mariadbtest"
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

func TestAFullDiskBelowAnSQLiteFileIsSeen(t *testing.T) {
	if os.Getuid() != 0 && os.Getenv("CI") == "" {
		t.Skip("a disk small enough to be filled is mounted by root only; CI does")
	}
	disk := t.TempDir()
	said, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=8m", "rightsdesk-test", disk).CombinedOutput()
	require.NoError(t, err, "%s", said)
	t.Cleanup(func() { require.NoError(t, exec.Command("umount", "--lazy", disk).Run()) })
	s, err := Open("sqlite:"+filepath.Join(disk, "desk.db"), newVault(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	require.NoError(t, s.Migrate(ctx))
	require.NoError(t, s.TakesWrites(ctx))

	filler, err := os.Create(filepath.Join(disk, "filler"))
	require.NoError(t, err)
	_, err = filler.Write(make([]byte, 8<<20))
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.NoError(t, s.Ping(ctx))
	require.True(t, IsUnavailable(s.TakesWrites(ctx)), "%v", s.TakesWrites(ctx))

	require.NoError(t, filler.Truncate(0), "somebody makes room")
	require.NoError(t, filler.Close())
	_, _, err = s.Allow(ctx, "anything", 1, time.Hour, time.Now())
	require.NoError(t, err)
	require.Error(t, s.TakesWrites(ctx), "other tables may still have no room")
	s.full.Store(time.Now().Add(-fullHolds).UnixNano())
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
