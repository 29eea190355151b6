package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// chainAll chains what is there.
func chainAll(t testing.TB, s *Store) int {
	t.Helper()
	n, err := s.NewAuditChainer().Run(ctx, noon)
	require.NoError(t, err)
	return n
}

// verify returns what VerifyAudit finds.
func verify(t testing.TB, s *Store, kept *AuditHead) (AuditReport, []AuditFinding) {
	t.Helper()
	var findings []AuditFinding
	report, err := s.VerifyAudit(ctx, kept, func(f AuditFinding) { findings = append(findings, f) })
	require.NoError(t, err)
	require.EqualValues(t, len(findings), report.Findings)
	return report, findings
}

// threeTickets have 7 entries and 3 lines in their ledger each.
func threeTickets(t testing.TB, s *Store) []ticket.Number {
	t.Helper()
	var numbers []ticket.Number
	for range 3 {
		n := file(t, s).Number
		for rev := range int64(3) {
			require.NoError(t, s.Record(ctx, aRecord(n, rev+1)))
		}
		numbers = append(numbers, n)
	}
	return numbers
}

func idsOf(t testing.TB, s *Store, table trail, n ticket.Number) []int64 {
	t.Helper()
	var ids []int64
	require.NoError(t, s.db.Table(string(table)).Where("number = ?", n).Order("seq").Pluck("id", &ids).Error)
	return ids
}

func TestATrailThatNobodyTouchedIsFoundWhole(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		report, found := verify(t, s, nil)
		require.Empty(t, found)
		require.Zero(t, report.Head)

		numbers := threeTickets(t, s)
		report, found = verify(t, s, nil)
		require.Empty(t, found)
		require.EqualValues(t, 30, report.Waiting)
		require.Equal(t, 30, chainAll(t, s))
		require.Zero(t, chainAll(t, s), "once is enough")
		report, found = verify(t, s, nil)
		require.Empty(t, found)
		require.Equal(t, []int64{3, 21, 9, 0, 0, 30}, []int64{report.Tickets, report.Entries, report.Ledger, report.Waiting,
			report.Adopted, report.Head.Position})
		kept := report.Head

		require.NoError(t, s.AppendEvent(ctx, numbers[0], contract.Event{At: noon, Actor: contract.ByStaff, Agent: "li.wei",
			Act: contract.ActPersonalDataShown}))
		require.NoError(t, s.LockAway(ctx, numbers[1], nil, noon))
		_, err := s.OpenRetained(ctx, numbers[1], "chen.po", markedReason, noon)
		require.NoError(t, err)
		require.NoError(t, s.Purge(ctx, numbers[1], noon))
		require.Equal(t, 3, chainAll(t, s))
		report, found = verify(t, s, &kept)
		require.Empty(t, found, "the trail survives the purge, and goes on from the head that was kept")
		require.EqualValues(t, 33, report.Head.Position)
	})
}

// tampering is what somebody does who may write the database.
type tampering struct {
	name  string
	table trail
	do    func(tx *gorm.DB, ids []int64) error // ids of the second ticket's entries, in order
	at    int                                  // index in ids of an entry that must be named
}

func setting(column string, at int, value any) func(*gorm.DB, []int64) error {
	return func(tx *gorm.DB, ids []int64) error {
		return tx.Exec("UPDATE "+tx.Statement.Table+" SET "+column+" = ? WHERE id = ?", value, ids[at]).Error
	}
}

func deleting(at int) func(*gorm.DB, []int64) error {
	return func(tx *gorm.DB, ids []int64) error {
		return tx.Exec("DELETE FROM "+tx.Statement.Table+" WHERE id = ?", ids[at]).Error
	}
}

func tamperings() []tampering {
	other := noon.Add(time.Hour)
	var all []tampering
	for column, value := range map[string]any{"rev": 99, "at": instantOf(other), "actor": "subject", "agent": "zhao.liu", "act": "approved",
		"code": "closed", "object": 77, "seq": 50, "hash": "00", "seal": "00", "id": 1 << 40} {
		all = append(all, tampering{column, trailEvents, setting(column, 2, value), 2})
	}
	for column, value := range map[string]any{"rev": 99, "at": instantOf(other), "event": "paused", "running": false, "due": instantOf(other.Add(time.Hour)),
		"provisional": true, "calendar": 9, "rung": "breach", "actor": "subject", "agent": "zhao.liu", "reason": 5, "seq": 50, "hash": "00",
		"seal": "00", "id": 1 << 40} {
		all = append(all, tampering{column, trailLedger, setting(column, 1, value), 1})
	}
	for _, table := range trails() {
		last := map[trail]int{trailEvents: 6, trailLedger: 2}[table]
		all = append(all,
			tampering{"seal taken away", table, setting("seal", 0, nil), 0},
			tampering{"seq taken away", table, setting("seq", last, nil), last},
			tampering{"first deleted", table, deleting(0), 0},
			tampering{"middle deleted", table, deleting(1), 1},
			tampering{"last deleted", table, deleting(last), last},
			tampering{"two swapped by place", table, func(tx *gorm.DB, ids []int64) error {
				for _, step := range []struct {
					id  int64
					seq int
				}{{ids[0], 60}, {ids[1], 1}, {ids[0], 2}} {
					if err := tx.Exec("UPDATE "+tx.Statement.Table+" SET seq = ? WHERE id = ?", step.seq, step.id).Error; err != nil {
						return err
					}
				}
				return nil
			}, 0},
			tampering{"two swapped by id", table, func(tx *gorm.DB, ids []int64) error {
				for _, step := range [][2]int64{{ids[0], 1 << 41}, {ids[1], ids[0]}, {1 << 41, ids[1]}} {
					if err := tx.Exec("UPDATE "+tx.Statement.Table+" SET id = ? WHERE id = ?", step[1], step[0]).Error; err != nil {
						return err
					}
				}
				return nil
			}, 0},
			tampering{"moved to another ticket", table, func(tx *gorm.DB, ids []int64) error {
				return tx.Exec("UPDATE "+tx.Statement.Table+" SET seq = 70, number = (SELECT MIN(number) FROM tickets) WHERE id = ?", ids[1]).Error
			}, 1},
		)
	}
	return all
}

func TestEveryTamperingWithTheTrailIsFoundAndNamed(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		numbers := threeTickets(t, s)
		chainAll(t, s)
		slices.Sort(numbers)
		n := numbers[1]
		for _, c := range tamperings() {
			ids := idsOf(t, s, c.table, n)
			back := errForTest
			err := s.db.Transaction(func(tx *gorm.DB) error {
				require.NoError(t, c.do(tx.Table(string(c.table)), ids), "%s: %s", c.table, c.name)
				seen := &Store{db: tx, pool: s.pool, vault: s.vault, backend: s.backend, now: s.now}
				_, found := verify(t, seen, nil)
				named := slices.ContainsFunc(found, func(f AuditFinding) bool {
					return f.Entry == ids[c.at] && f.Ledger == (c.table == trailLedger)
				})
				require.True(t, named, "%s: %s: %+v", c.table, c.name, found)
				require.True(t, slices.ContainsFunc(found, func(f AuditFinding) bool { return f.Number == n }), "%s: %s", c.table, c.name)
				return back
			})
			require.ErrorIs(t, err, back)
			_, found := verify(t, s, nil)
			require.Empty(t, found)
		}
	})
}

var errForTest = fmt.Errorf("undo")

// Somebody who may write every table, and knows how the hashes are made, but has
// no master key.
func TestWithoutTheMasterKeyNobodyWritesAnEntry(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := threeTickets(t, s)[0]
		chainAll(t, s)
		thief := *s
		thief.vault = newVault(t)

		require.NoError(t, thief.AppendEvent(ctx, n, contract.Event{At: noon, Actor: contract.ByStaff, Agent: "li.wei", Act: contract.ActApproved}))
		chainAll(t, s) // the worker comes by and does not know
		ids := idsOf(t, s, trailEvents, n)
		_, found := verify(t, s, nil)
		require.Equal(t, []AuditFinding{{Wrong: AuditForged, Number: n, Entry: ids[7], Seq: 8}}, found)
		require.NoError(t, s.db.Exec("DELETE FROM events WHERE id = ?", ids[7]).Error)
		_, found = verify(t, s, nil)
		require.Len(t, found, 1)
		require.Equal(t, []any{AuditRemoved, n, ids[7]}, []any{found[0].Wrong, found[0].Number, found[0].Entry})
	})
}

// Somebody who may write the tables adds what an early release could have written,
// before entries had a place, a hash or a seal.
func TestAnEntryWithoutASealIsNotTakenForTheDesksOwn(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := threeTickets(t, s)[0]
		chainAll(t, s)
		bare := "INSERT INTO events (number, rev, at, actor, agent, act, code, object) VALUES (?, 0, ?, 'staff', 'zhao.liu', 'approved', '', 0)"
		placed := "INSERT INTO events (number, rev, at, actor, agent, act, code, object, seq, hash) VALUES (?, 0, ?, 'staff', 'zhao.liu', 'approved', '', 0, 8, ?)"
		last := link{Seq: 7}
		require.NoError(t, s.db.Raw("SELECT hash FROM events WHERE number = ? AND seq = 7", n).Scan(&last.Hash).Error)
		e := newEventRow(n, 0, contract.Event{At: noon, Actor: contract.ByStaff, Agent: "zhao.liu", Act: contract.ActApproved})
		e.Seq = 8
		for name, insert := range map[string]func() error{
			"bare": func() error { return s.db.Exec(bare, n, instantOf(noon)).Error },
			"with a place and the hash it must have": func() error {
				return s.db.Exec(placed, n, instantOf(noon), e.entry().Digest(n, last.Hash)).Error
			},
		} {
			require.NoError(t, insert(), name)
			require.Zero(t, chainAll(t, s), name)
			_, found := verify(t, s, nil)
			require.Len(t, found, 1, name)
			require.Equal(t, []any{AuditForged, n}, []any{found[0].Wrong, found[0].Number}, name)
			_, err := s.ExportEvidence(ctx, n, anOrder(t, ticket.Nobody))
			require.ErrorIs(t, err, ErrForeignEntry, name)
			require.NoError(t, s.db.Exec("DELETE FROM events WHERE id = ?", found[0].Entry).Error)
		}
		_, err := s.ExportEvidence(ctx, n, anOrder(t, ticket.Nobody))
		require.NoError(t, err)
		_, found := verify(t, s, nil)
		require.Empty(t, found)
	})
}

// One row that nobody can read keeps no other ticket out of the chain.
func TestAnEntryThatCantBeReadStopsNoOther(t *testing.T) {
	s := openForTest(t, "sqlite:"+filepath.Join(t.TempDir(), "desk.db"))
	numbers := threeTickets(t, s)
	require.NoError(t, s.db.Exec("UPDATE events SET at = 'not a date' WHERE number = ? AND seq = 2", numbers[0]).Error)
	require.Equal(t, 29, chainAll(t, s))
	_, found := verify(t, s, nil)
	require.NotEmpty(t, found)
	for _, f := range found {
		require.Equal(t, numbers[0], f.Number)
	}
}

func TestAChainWrittenAnewWithoutTheMasterKeyIsFound(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		numbers := threeTickets(t, s)
		chainAll(t, s)
		thief := *s
		thief.vault = newVault(t)
		// The agent of an early entry becomes another, and everything behind it is
		// hashed, sealed and chained again.
		require.NoError(t, s.db.Exec("UPDATE events SET agent = 'zhao.liu' WHERE number = ? AND seq = 3", numbers[2]).Error)
		for _, table := range trails() {
			require.NoError(t, s.db.Exec("UPDATE "+string(table)+" SET seq = NULL, hash = NULL, seal = NULL").Error)
			for _, n := range numbers {
				require.NoError(t, thief.adopt(ctx, table, n))
			}
		}
		require.NoError(t, s.db.Exec("DELETE FROM audit_chain").Error)
		require.NoError(t, s.db.Exec("UPDATE audit_chain_head SET position = 0, hash = ''").Error)
		chainAll(t, &thief)
		report, found := verify(t, &thief, nil)
		require.Empty(t, found, "to itself it is whole")
		require.EqualValues(t, 30, report.Head.Position)

		_, found = verify(t, s, nil)
		var forged, links int
		for _, f := range found {
			switch f.Wrong {
			case AuditForged:
				forged++
			case LinkChanged:
				links++
			}
		}
		require.Equal(t, []int{30, 30}, []int{forged, links})
	})
}

func TestOnlyAHeadKeptElsewhereProvesThatNothingWasCutOff(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := threeTickets(t, s)[2]
		chainAll(t, s)
		report, _ := verify(t, s, nil)
		kept := report.Head

		var tail []chainRow
		require.NoError(t, s.db.Order("position DESC").Limit(4).Find(&tail).Error)
		for _, r := range tail[:3] {
			require.NoError(t, s.db.Exec("DELETE FROM "+string(r.Trail)+" WHERE id = ?", r.Entry).Error)
			require.Equal(t, n, r.Number)
		}
		require.NoError(t, s.db.Exec("DELETE FROM audit_chain WHERE position > ?", tail[3].Position).Error)
		_, found := verify(t, s, nil)
		require.Equal(t, []AuditWrong{HeadChanged}, []AuditWrong{found[0].Wrong})
		require.NoError(t, s.db.Exec("UPDATE audit_chain_head SET position = ?, hash = ?", tail[3].Position, tail[3].Hash).Error)
		_, found = verify(t, s, nil)
		require.Empty(t, found, "by itself the database can't tell")

		_, found = verify(t, s, &kept)
		require.Equal(t, []AuditFinding{{Wrong: HeadCutOff, Position: tail[3].Position, Count: 3}}, found)
		require.NoError(t, s.Record(ctx, aRecord(n, 9)))
		require.NoError(t, s.AppendEvent(ctx, n, contract.Event{At: noon, Actor: contract.BySystem, Act: contract.ActClosed}))
		chainAll(t, s)
		_, found = verify(t, s, &kept)
		require.Equal(t, []AuditFinding{{Wrong: HeadRewritten, Position: kept.Position}}, found)
	})
}

func TestTamperingWithTheChainOverAllTicketsIsFound(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		threeTickets(t, s)
		chainAll(t, s)
		for statement, wrong := range map[string]AuditWrong{
			"UPDATE audit_chain SET entry = 9999 WHERE position = 5":     LinkChanged,
			"UPDATE audit_chain SET digest = '00' WHERE position = 5":    LinkChanged,
			"UPDATE audit_chain SET hash = '00' WHERE position = 5":      LinkChanged,
			"UPDATE audit_chain SET seq = 99 WHERE position = 5":         LinkChanged,
			"UPDATE audit_chain SET number = 'DSR-1' WHERE position = 5": LinkChanged,
			"UPDATE audit_chain SET position = 5000 WHERE position = 5":  LinksMissing,
			"DELETE FROM audit_chain WHERE position = 5":                 LinksMissing,
			"DELETE FROM audit_chain WHERE position = 1":                 LinksMissing,
			"DELETE FROM audit_chain WHERE position = 30":                HeadChanged,
			"UPDATE audit_chain_head SET position = 20":                  HeadChanged,
			"UPDATE audit_chain_head SET hash = '00'":                    HeadChanged,
		} {
			err := s.db.Transaction(func(tx *gorm.DB) error {
				require.NoError(t, tx.Exec(statement).Error)
				_, found := verify(t, &Store{db: tx, vault: s.vault, backend: s.backend}, nil)
				require.True(t, slices.ContainsFunc(found, func(f AuditFinding) bool { return f.Wrong == wrong }), "%s: %+v", statement, found)
				return errForTest
			})
			require.ErrorIs(t, err, errForTest)
		}
	})
}

func TestATrailThatIsGoneAltogetherIsFound(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number // never chained
		require.NoError(t, s.db.Exec("DELETE FROM events WHERE number = ?", n).Error)
		_, found := verify(t, s, nil)
		require.Equal(t, []AuditFinding{{Wrong: AuditNoTrail, Number: n}}, found)
	})
}
