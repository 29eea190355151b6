package store

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"rightsdesk/store/mariadbtest"
	"rightsdesk/ticket"
)

func TestAnAddressThatIsWrongIsRefusedWithoutShowingIt(t *testing.T) {
	for _, dsn := range []string{
		"", "postgres://u:SECRET@h/d", "mysql:root:SECRET@tcp(127.0.0.1:3306", "mysql:root:SECRET@tcp(127.0.0.1:3306)/",
		"mysql:root:SECRET@tcp(h:3306)/d?timeout=SECRET", "sqlite:", "sqlite::memory:", "sqlite:/tmp/a?b=SECRET",
	} {
		_, err := Open(dsn, newVault(t))
		require.Error(t, err, dsn)
		require.NotContains(t, err.Error(), "SECRET")
	}
}

func TestADatabaseThatIsAwayIsUnavailable(t *testing.T) {
	s, err := Open("mysql:root:SECRET@tcp(127.0.0.1:1)/desk", newVault(t))
	require.NoError(t, err)
	defer s.Close()
	_, err = s.Ticket(ctx, "DSR-20261123-00000000")
	require.True(t, IsUnavailable(err), "%v", err)
	_, _, err = s.File(ctx, aFiling("DSR-20261123-00000000"))
	require.True(t, IsUnavailable(err), "%v", err)
	require.True(t, IsUnavailable(s.Ping(ctx)))
	require.True(t, IsUnavailable(s.Migrate(ctx)))
	require.True(t, IsUnavailable(s.CheckSchema(ctx)))
	require.NotContains(t, err.Error(), "SECRET")
	require.NotContains(t, err.Error(), markedEmail)
}

func TestAClosedDatabaseIsUnavailable(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		require.NoError(t, s.Close())
		require.True(t, IsUnavailable(s.Ping(ctx)))
		_, err := s.Queue(ctx, Filter{}, noon)
		require.True(t, IsUnavailable(err), "%v", err)
	})
}

func TestMigrationsRunOnceHoweverManyRunThem(t *testing.T) {
	for name, dsn := range map[string]string{
		"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "desk.db"), "mariadb": mariadbtest.Start(t),
	} {
		t.Run(name, func(t *testing.T) {
			first, err := Open(dsn, newVault(t))
			require.NoError(t, err)
			defer first.Close()
			require.ErrorIs(t, first.CheckSchema(ctx), ErrOldSchema)
			require.ErrorContains(t, first.CheckSchema(ctx), "rightsdesk migrate")

			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					s, err := Open(dsn, newVault(t))
					if err == nil {
						defer s.Close()
						err = s.Migrate(ctx)
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			require.NoError(t, first.CheckSchema(ctx))
			require.NoError(t, first.Migrate(ctx))
			require.Equal(t, name, map[string]string{SQLite: "sqlite", MySQL: "mariadb"}[first.Backend()])
		})
	}
}

// models are all rows of the package.
func models() []any {
	return []any{&proofRow{}, &proofFileRow{}, &contactChangeRow{}, &ticketRow{}, &secretRow{}, &contactRow{}, &messageRow{}, &noteRow{}, &attachmentRow{}, &draftRow{}, &eventRow{},
		&ledgerRow{}, &mailRow{}, &staffMailRow{}, &verificationRow{}, &linkRow{}, &deliveryRow{}, &presenceRow{}, &formRow{},
		&uploadRow{}, &agentRow{}, &sessionRow{}, &apiTokenRow{}, &idempotentRow{}, &limitRow{}, &calendarRow{}, &policyRow{},
		&chainRow{}, &chainHeadRow{}, &signingKeyRow{}, &recoveryCodeRow{}, &staffEventRow{}, &troubleRow{}}
}

func TestTheMigratedTablesHaveWhatTheModelsName(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		tables, err := s.db.Migrator().GetTables()
		require.NoError(t, err)
		known := map[string]bool{migrationTable: true, "sqlite_sequence": true}
		for _, m := range models() {
			st := &gorm.Statement{DB: s.db}
			require.NoError(t, st.Parse(m))
			known[st.Schema.Table] = true
			columns, err := s.db.Migrator().ColumnTypes(m)
			require.NoError(t, err)
			var there []string
			for _, c := range columns {
				there = append(there, c.Name())
			}
			require.ElementsMatch(t, there, st.Schema.DBNames, st.Schema.Table)
		}
		for _, table := range tables {
			require.True(t, known[table], "table %s has no model", table)
		}
		require.Len(t, models(), len(known)-2)
	})
}

func TestTimesKeepTheirMicrosecondsInUTC(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		shanghai := time.FixedZone("CST", 8*3600)
		at := time.Date(2026, 11, 23, 12, 0, 0, 123456789, shanghai)
		filed := file(t, s, func(f *Filing) { f.ReceivedAt, f.ReplyDue = at, at.Add(time.Hour) })
		read, err := s.Ticket(ctx, filed.Number)
		require.NoError(t, err)
		require.Equal(t, at.Truncate(time.Microsecond).UTC(), read.ReceivedAt)
		require.Equal(t, time.UTC, read.ReplyDue.Location())
		require.True(t, read.AnsweredAt.IsZero())
	})
}

func TestWhatBelongsToNoTicketIsNotFound(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		const none ticket.Number = "DSR-20261123-00000000"
		_, err := s.Ticket(ctx, none)
		require.ErrorIs(t, err, ErrNotFound)
		_, err = s.Events(ctx, none)
		require.ErrorIs(t, err, ErrNotFound)
		_, err = s.Content(ctx, none)
		require.ErrorIs(t, err, ErrNotFound)
		_, err = s.AddMessage(ctx, NewMessage{Number: none, Kind: MessageReply, At: noon})
		require.ErrorIs(t, err, ErrNotFound)
		require.ErrorIs(t, s.Touch(ctx, none, "li.wei", noon), ErrNotFound)
		require.ErrorIs(t, s.Purge(ctx, none, noon), ErrNotFound)
	})
}

func TestACancelledRequestIsNotTakenForALostDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		gone, cancel := context.WithCancel(ctx)
		cancel()
		_, err := s.Ticket(gone, "DSR-20261123-00000000")
		require.Error(t, err)
		require.False(t, IsUnavailable(err), "%v", err)
	})
}

func TestAMigrationThatWasInterruptedRunsAgain(t *testing.T) {
	s := openForTest(t, mariadbtest.Start(t)) // SQLite undoes an interrupted one
	n := file(t, s).Number
	require.NoError(t, s.db.Exec("DROP TABLE presences").Error)
	require.NoError(t, s.db.Exec("DELETE FROM "+migrationTable).Error)
	require.ErrorIs(t, s.CheckSchema(ctx), ErrOldSchema)
	require.NoError(t, s.Migrate(ctx))
	require.NoError(t, s.CheckSchema(ctx))
	require.NoError(t, s.Touch(ctx, n, "li.wei", noon))
}
