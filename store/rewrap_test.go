package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/seal"
	"rightsdesk/store/mariadbtest"
	"rightsdesk/ticket"
)

// twoProcesses runs a test with two stores on one database, each with a vault of
// its own on the same file, as two processes have them.
func twoProcesses(t *testing.T, test func(t *testing.T, api, worker *Store, path string)) {
	run := func(dsn func(t *testing.T) string) func(t *testing.T) {
		return func(t *testing.T) {
			t.Parallel()
			path, address := filepath.Join(t.TempDir(), "master.key"), dsn(t)
			require.NoError(t, seal.CreateFile(path))
			var both [2]*Store
			for i := range both {
				vault, err := seal.OpenFile(path)
				require.NoError(t, err)
				both[i], err = Open(address, vault)
				require.NoError(t, err)
				t.Cleanup(func() { _ = both[i].Close() })
			}
			require.NoError(t, both[0].Migrate(ctx))
			test(t, both[0], both[1], path)
		}
	}
	t.Run("sqlite", run(func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "desk.db") }))
	t.Run("mariadb", run(func(t *testing.T) string { return mariadbtest.Start(t) }))
}

// readable wants everything that fillUp wrote.
func readable(t *testing.T, s *Store, n ticket.Number) {
	t.Helper()
	content, err := s.Content(ctx, n)
	require.NoError(t, err)
	require.Equal(t, markedName, content.Person.Name)
	_, file, err := s.AttachmentContent(ctx, n, 1)
	require.NoError(t, err)
	require.Equal(t, markedBytes, string(file))
	form, err := s.Form(ctx, "unsent")
	require.NoError(t, err)
	require.Equal(t, []string{markedTyped}, form.Values["text"])
	agent, err := s.Agent(ctx, "li.wei")
	require.NoError(t, err)
	require.Equal(t, markedStaff, agent.Email)
	session, found, err := s.SessionStore().Find("token")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, markedText, string(session))
	saved, err := s.BeginIdempotent(ctx, "tickets", markedPhone, markedText, noon)
	require.NoError(t, err)
	require.Equal(t, markedText, string(saved.Body))
	_, err = s.EvidenceKey(ctx)
	require.NoError(t, err)
}

func TestARotationUnderTheDesksFeet(t *testing.T) {
	twoProcesses(t, func(t *testing.T, api, worker *Store, path string) {
		n := fillUp(t, api)
		signs, err := api.EvidenceKey(ctx)
		require.NoError(t, err)
		for range 250 { // more than a batch
			file(t, api)
		}
		keys, _, err := seal.Keys(path)
		require.NoError(t, err)
		old := []seal.KeyID{keys[0].ID}

		ended := make(chan struct{})
		var desk sync.WaitGroup
		for i := range 3 {
			desk.Go(func() { // the desk goes on
				for j := 0; ; j++ {
					select {
					case <-ended:
						return
					default:
					}
					s := []*Store{api, worker}[j%2]
					f := aFiling(ticket.NewNumber(noon))
					if _, _, err := s.File(ctx, f); err != nil {
						t.Error(err)
						return
					}
					if _, err := worker.Content(ctx, f.Number); err != nil {
						t.Error(err)
					}
					if err := s.SessionStore().Commit(fmt.Sprint(i), []byte("x"), time.Now().Add(time.Hour)); err != nil {
						t.Error(err)
					}
					if _, found, err := api.SessionStore().Find(fmt.Sprint(i)); err != nil || !found {
						t.Error("signed out by the rotation", err)
					}
					if err := s.Purge(ctx, f.Number, noon); err != nil {
						t.Error(err)
					}
				}
			})
		}
		newest, err := seal.Rotate(path)
		require.NoError(t, err)
		counts, err := worker.SealedUnder(ctx, old)
		require.NoError(t, err)
		require.GreaterOrEqual(t, counts["ticket_secrets.data_key"], 251)
		for _, c := range sealedColumns() {
			require.NotZero(t, counts[c.table+"."+c.column], c.table)
		}
		done, err := worker.Rewrap(ctx)
		require.NoError(t, err)
		require.Zero(t, done.Failed)
		require.GreaterOrEqual(t, done.Anew, 256)
		close(ended)
		desk.Wait()
		_, err = worker.Rewrap(ctx) // what was in the middle of being written
		require.NoError(t, err)
		counts, err = worker.SealedUnder(ctx, old)
		require.NoError(t, err)
		require.Empty(t, counts)

		_, err = seal.Retire(path, func(ids []seal.KeyID) error {
			left, err := worker.SealedUnder(ctx, ids)
			require.Empty(t, left)
			return err
		})
		require.NoError(t, err)
		for _, s := range []*Store{api, worker} {
			readable(t, s, n)
			again, err := s.EvidenceKey(ctx)
			require.NoError(t, err)
			require.Equal(t, signs, again, "evidence is signed by the same key")
		}
		var purged int64
		require.NoError(t, api.db.Model(&secretRow{}).Where("data_key IS NULL").Count(&purged).Error)
		require.Positive(t, purged, "a rotation brings no purged key back")
		only, _, err := seal.Keys(path)
		require.NoError(t, err)
		require.Equal(t, []seal.Key{{ID: newest, State: seal.KeyPrimary}}, only)
		// A third process, started later.
		vault, err := seal.OpenFile(path)
		require.NoError(t, err)
		late := *api
		late.vault = vault
		readable(t, &late, n)
	})
}

func TestARewrapThatWasCutOffGoesOn(t *testing.T) {
	twoProcesses(t, func(t *testing.T, s, _ *Store, path string) {
		for range 3 {
			fillUp(t, s)
		}
		first, _, err := seal.Keys(path)
		require.NoError(t, err)
		_, err = seal.Rotate(path)
		require.NoError(t, err)
		column := sealedColumns()[0]
		page, err := s.sealedPage(s.db, column, nil)
		require.NoError(t, err)
		_, err = s.rewrap(ctx, column, page[:2])
		require.NoError(t, err)
		done, err := s.Rewrap(ctx)
		require.NoError(t, err)
		require.Zero(t, done.Failed)
		counts, err := s.SealedUnder(ctx, []seal.KeyID{first[0].ID})
		require.NoError(t, err)
		require.Empty(t, counts)
		done, err = s.Rewrap(ctx)
		require.NoError(t, err)
		require.Zero(t, done)
	})
}

func TestWhatCantBeOpenedIsCountedAndKeepsTheOldKey(t *testing.T) {
	twoProcesses(t, func(t *testing.T, s, _ *Store, path string) {
		n := fillUp(t, s)
		keys, _, err := seal.Keys(path)
		require.NoError(t, err)
		var secret secretRow
		require.NoError(t, s.db.Take(&secret, "number = ?", n).Error)
		secret.DataKey[len(secret.DataKey)/2] ^= 1
		require.NoError(t, s.db.Model(&secret).Update("data_key", secret.DataKey).Error)
		_, err = seal.Rotate(path)
		require.NoError(t, err)
		done, err := s.Rewrap(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, done.Failed)
		counts, err := s.SealedUnder(ctx, []seal.KeyID{keys[0].ID})
		require.NoError(t, err)
		require.Equal(t, map[string]int{"ticket_secrets.data_key": 1}, counts)
	})
}

// A column that somebody adds and forgets here would be unreadable once the old
// key is gone.
func TestEveryColumnOfBytesIsRewrappedOrHasNothingToDoWithTheVault(t *testing.T) {
	twoProcesses(t, func(t *testing.T, s, _ *Store, path string) {
		var listed []string
		for _, c := range sealedColumns() {
			listed = append(listed, c.table+"."+c.column)
		}
		listed = append(listed, otherBytes()...)
		there, err := byteColumns(s.db)
		require.NoError(t, err)
		slices.Sort(there)
		slices.Sort(listed)
		require.Equal(t, there, listed, "add new columns of bytes to sealedColumns or otherBytes")

		// Should one be forgotten all the same, its values keep the old key.
		keys, _, err := seal.Keys(path)
		require.NoError(t, err)
		kind := map[string]string{SQLite: "BLOB", MySQL: "LONGBLOB"}[s.backend]
		require.NoError(t, s.db.Exec("CREATE TABLE forgotten (sealed "+kind+", wrapped "+kind+")").Error)
		sealed, err := s.vault.Seal([]byte("x"), "c")
		require.NoError(t, err)
		wrapped, _, err := s.vault.NewDataKey()
		require.NoError(t, err)
		require.NoError(t, s.db.Table("forgotten").Create(map[string]any{"sealed": sealed, "wrapped": wrapped}).Error)
		counts, err := s.SealedUnder(ctx, []seal.KeyID{keys[0].ID})
		require.NoError(t, err)
		require.Equal(t, map[string]int{"forgotten.sealed": 1, "forgotten.wrapped": 1}, counts)
	})
}

// dump reads every value of every table, as a dump has them.
func dump(t *testing.T, s *Store) [][]byte {
	t.Helper()
	tables, err := s.db.Migrator().GetTables()
	require.NoError(t, err)
	var values [][]byte
	for _, table := range tables {
		rows, err := s.db.Table(table).Rows()
		require.NoError(t, err)
		columns, err := rows.Columns()
		require.NoError(t, err)
		for rows.Next() {
			row := make([]any, len(columns))
			for i := range row {
				row[i] = new([]byte)
			}
			require.NoError(t, rows.Scan(row...))
			for _, v := range row {
				values = append(values, slices.Clone(*v.(*[]byte)))
			}
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
	return values
}

// With the dump and the master key: what was read before the purge is kept aside
// here, and no key of the dump opens it.
func TestNothingOfAPurgedTicketIsInADumpTakenAfterwards(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := fillUp(t, s)
		require.NoError(t, s.Record(ctx, aRecord(n, 1)))
		var secret secretRow
		require.NoError(t, s.db.Take(&secret, "number = ?", n).Error)
		var words messageRow
		require.NoError(t, s.db.Where("number = ?", n).Take(&words).Error)
		opens := func(values [][]byte) bool {
			for _, v := range values {
				key, err := s.vault.DataKey(v)
				if err != nil {
					continue
				}
				if _, err := key.Open(secret.Content, placeOf(n, "content")); err == nil {
					return true
				}
			}
			return false
		}
		require.True(t, opens(dump(t, s)), "before the purge it is there")
		require.NoError(t, s.Purge(ctx, n, noon))
		values := dump(t, s)
		require.Greater(t, len(values), 50)
		require.False(t, opens(values), "a data key is left")
		for _, v := range values {
			for _, gone := range [][]byte{secret.DataKey, secret.Content, secret.Account, words.Body} {
				require.NotEqual(t, gone, v)
			}
			for _, word := range []string{"MARK", "mark.wang", "王小明"} {
				require.False(t, strings.Contains(string(v), word))
			}
		}
		events, err := s.Events(ctx, n)
		require.NoError(t, err)
		require.Equal(t, contract.ActPurged, events[len(events)-1].Act)
	})
}
