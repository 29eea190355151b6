package store

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/store/mariadbtest"
	"rightsdesk/ticket"
)

// smallPools are stores of two connections.
func smallPools(t *testing.T, test func(t *testing.T, s *Store)) {
	for name, dsn := range map[string]string{"sqlite": "sqlite:" + t.TempDir() + "/desk.db", "mariadb": mariadbtest.Start(t)} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(dsn, newVault(t), WithConnections(2))
			require.NoError(t, err)
			t.Cleanup(func() { _ = s.Close() })
			require.NoError(t, s.Migrate(ctx))
			test(t, s)
		})
	}
}

func TestAMethodThatFindsAllConnectionsInUseIsUnavailable(t *testing.T) {
	smallPools(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		var held []*sql.Conn
		for range 2 {
			conn, err := s.pool.Conn(ctx)
			require.NoError(t, err)
			held = append(held, conn)
		}
		_, err := s.Ticket(ctx, n)
		require.ErrorIs(t, err, ErrUnavailable)
		_, _, err = s.File(ctx, aFiling("DSR-20261123-00000000"))
		require.ErrorIs(t, err, ErrUnavailable)
		require.ErrorIs(t, s.AppendEvent(ctx, n, contract.Event{At: noon}), ErrUnavailable)
		require.ErrorIs(t, s.Ping(ctx), ErrUnavailable)
		gone, cancel := context.WithCancel(ctx)
		cancel()
		_, err = s.Ticket(gone, n)
		require.False(t, IsUnavailable(err), "%v", err)
		for _, conn := range held {
			require.NoError(t, conn.Close())
		}
		_, err = s.Ticket(ctx, n)
		require.NoError(t, err)
		_, err = s.Ticket(ctx, "DSR-20261123-00000000")
		require.ErrorIs(t, err, ErrNotFound, "nothing was half stored")
		require.NoError(t, s.Ping(ctx))
	})
}

// Each way to use a connection gives it back: with two there are, none is missing
// after many times each.
func TestEveryConnectionIsGivenBack(t *testing.T) {
	smallPools(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		failing := errors.New("no")
		gone, cancel := context.WithCancel(ctx)
		cancel()
		for range 10 {
			_, err := s.Ticket(ctx, n)
			require.NoError(t, err)
			_, err = s.Ticket(ctx, "none")
			require.ErrorIs(t, err, ErrNotFound)
			require.NoError(t, s.AppendEvent(ctx, n, contract.Event{At: noon, Actor: contract.BySystem, Act: contract.ActStage}))
			require.ErrorIs(t, s.inTx(ctx, "failing", func(*gorm.DB) error { return failing }), failing)
			require.Error(t, s.inTx(gone, "failing", func(*gorm.DB) error { return nil }))
			require.Panics(t, func() { _ = s.inTx(ctx, "panicking", func(*gorm.DB) error { panic("no") }) })
			require.Error(t, s.db.Exec("NOT A STATEMENT").Error)
			require.Error(t, s.db.Raw("NOT A STATEMENT").Scan(new(int)).Error)
			rows, err := s.db.Raw("SELECT number FROM tickets").Rows()
			require.NoError(t, err)
			require.True(t, rows.Next())
			var read ticket.Number
			require.NoError(t, rows.Scan(&read))
			require.Equal(t, n, read)
			require.NoError(t, rows.Close())
			require.NoError(t, s.Ping(ctx))
		}
		for range 2 {
			conn, err := s.pool.connection(ctx)
			require.NoError(t, err)
			defer conn.Close()
		}
	})
}

// The server was started anew: all idle connections are dead, and nobody notices.
func TestDeadConnectionsAreReplacedUnnoticed(t *testing.T) {
	dsn := mariadbtest.Start(t)
	s := openForTest(t, dsn)
	n := file(t, s).Number
	other, err := Open(dsn, newVault(t))
	require.NoError(t, err)
	defer other.Close()
	for range 3 {
		var held []*sql.Conn
		var ids []int64
		for range 8 {
			conn, err := s.pool.Conn(ctx)
			require.NoError(t, err)
			var id int64
			require.NoError(t, conn.QueryRowContext(ctx, "SELECT CONNECTION_ID()").Scan(&id))
			held, ids = append(held, conn), append(ids, id)
		}
		for i, conn := range held {
			require.NoError(t, conn.Close())
			require.NoError(t, other.db.Exec("KILL ?", ids[i]).Error)
		}
		_, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		require.NoError(t, s.AppendEvent(ctx, n, contract.Event{At: noon, Actor: contract.BySystem, Act: contract.ActStage}))
	}
}

// Whoever waits for a ticket that somebody else holds gives up in the end, and says
// that the database can't now; and those who lose to one another try again.
func TestWritersThatMeetAllSucceedAndOneThatIsKeptOutSaysSo(t *testing.T) {
	dsn := mariadbtest.Start(t)
	s := openForTest(t, dsn+"?innodb_lock_wait_timeout=1")
	a, b := file(t, s).Number, file(t, s).Number
	done := make(chan error)
	const writers, times = 8, 20
	for w := range writers {
		go func() {
			for range times {
				first, second := a, b
				if w%2 == 0 {
					first, second = b, a
				}
				err := s.inTx(ctx, "meeting", func(tx *gorm.DB) error { // in both orders: deadlocks
					if _, err := lockTicket(tx, first); err != nil {
						return err
					}
					if _, err := lockTicket(tx, second); err != nil {
						return err
					}
					return s.addEvents(tx, first, 0, contract.Event{At: noon, Actor: contract.BySystem, Act: contract.ActStage})
				})
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range writers {
		require.NoError(t, <-done)
	}
	for _, n := range []ticket.Number{a, b} {
		events, err := s.Events(ctx, n)
		require.NoError(t, err)
		require.Len(t, events, 1+writers*times/2)
	}

	tx := s.db.Begin()
	_, err := lockTicket(tx, a)
	require.NoError(t, err)
	require.ErrorIs(t, s.AppendEvent(ctx, a, contract.Event{At: noon}), ErrUnavailable)
	require.NoError(t, tx.Rollback().Error)
	require.NoError(t, s.AppendEvent(ctx, a, contract.Event{At: noon, Actor: contract.BySystem, Act: contract.ActStage}))
}
