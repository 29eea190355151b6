package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// Trails are longer than what is read at once, within a ticket and over tickets.
func TestALongTrailIsChainedAndVerifiedPageByPage(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		numbers := []ticket.Number{file(t, s).Number, file(t, s).Number, file(t, s).Number}
		slices.Sort(numbers)
		for i, n := range numbers {
			r := aRecord(n, 1)
			for range 1500 {
				r.Events = append(r.Events, contract.Event{At: noon, Actor: contract.BySystem, Act: contract.ActReminded})
			}
			for range 700 {
				r.Ledger = append(r.Ledger, contract.LedgerEntry{At: noon, Event: ticket.ClockMoved, Running: i%2 == 0, Actor: contract.BySystem})
			}
			require.NoError(t, s.Record(ctx, r))
		}
		total := 3 * (1 + 2 + 1500 + 1 + 700)
		require.Equal(t, total, chainAll(t, s))
		require.Equal(t, total, count(t, s, &chainRow{}))
		report, found := verify(t, s, nil)
		require.Empty(t, found)
		require.Equal(t, []int64{3, 3 * 1503, 3 * 701, 0, int64(total)},
			[]int64{report.Tickets, report.Entries, report.Ledger, report.Waiting, report.Head.Position})

		for _, at := range []int{0, 996, 997, 998, 999, 1000, 1502} { // around the ends of pages
			ids := idsOf(t, s, trailEvents, numbers[1])
			require.NoError(t, s.db.Exec("UPDATE events SET object = object + 1 WHERE id = ?", ids[at]).Error)
			_, found := verify(t, s, nil)
			require.Equal(t, []AuditFinding{{Wrong: AuditChanged, Number: numbers[1], Entry: ids[at], Seq: int64(at + 1)}}, found)
			require.NoError(t, s.db.Exec("UPDATE events SET object = object - 1 WHERE id = ?", ids[at]).Error)
		}
		_, found = verify(t, s, nil)
		require.Empty(t, found)
	})
}

func TestAnEntryInsertedInTheMiddleIsFound(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := threeTickets(t, s)[1]
		chainAll(t, s)
		for table, columns := range map[trail]string{
			trailEvents: "number, rev, at, actor, agent, act, code, object, hash, seal",
			trailLedger: "number, rev, at, event, running, due, provisional, calendar, rung, actor, agent, reason, hash, seal",
		} {
			ids := idsOf(t, s, table, n)
			for i := len(ids); i > 1; i-- { // make room behind the first
				require.NoError(t, s.db.Exec(fmt.Sprintf("UPDATE %s SET seq = ? WHERE id = ?", table), i+1, ids[i-1]).Error)
			}
			require.NoError(t, s.db.Exec(fmt.Sprintf("INSERT INTO %s (%s, seq) SELECT %s, 2 FROM %s WHERE id = ?", table, columns, columns, table), ids[0]).Error)
			inserted := idsOf(t, s, table, n)[1]
			require.NotContains(t, ids, inserted)
			chainAll(t, s)
			_, found := verify(t, s, nil)
			for _, id := range append(ids[1:], inserted) {
				require.True(t, slices.ContainsFunc(found, func(f AuditFinding) bool {
					return f.Entry == id && f.Ledger == (table == trailLedger) && f.Number == n
				}), "%s %d: %+v", table, id, found)
			}
		}
	})
}

// SQLite stores anything anywhere.
func TestAnEntryThatCantBeReadIsNamedAndTheRestIsLookedAt(t *testing.T) {
	s := openForTest(t, "sqlite:"+t.TempDir()+"/desk.db")
	numbers := threeTickets(t, s)
	slices.Sort(numbers)
	chainAll(t, s)
	ids, later := idsOf(t, s, trailEvents, numbers[0]), idsOf(t, s, trailEvents, numbers[2])
	require.NoError(t, s.db.Exec("UPDATE events SET at = 'never' WHERE id = ?", ids[2]).Error)
	require.NoError(t, s.db.Exec("UPDATE events SET agent = 'zhao.liu' WHERE id = ?", later[4]).Error)
	_, found := verify(t, s, nil)
	require.Equal(t, []AuditFinding{
		{Wrong: AuditUnreadable, Number: numbers[0], Entry: ids[2], Seq: 3},
		{Wrong: AuditChanged, Number: numbers[2], Entry: later[4], Seq: 5},
	}, found)
}

// A chainer looks again at what it has passed, so that a slow transaction is not lost.
func TestAChainerThatRunsForHoursStillFindsWhatComesLate(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := threeTickets(t, s)[0]
		c := s.NewAuditChainer()
		for hour := range 6 {
			_, err := c.Run(ctx, noon.Add(time.Duration(hour)*2*time.Hour))
			require.NoError(t, err)
			require.NoError(t, s.AppendEvent(ctx, n, contract.Event{At: noon, Actor: contract.BySystem, Act: contract.ActReminded}))
			ids := idsOf(t, s, trailEvents, n)
			var late eventRow
			require.NoError(t, s.db.Take(&late, "id = ?", ids[len(ids)-1]).Error)
			require.NoError(t, s.db.Delete(&eventRow{}, "id = ?", late.ID).Error)
			require.NoError(t, s.Record(ctx, aRecord(file(t, s).Number, int64(hour+1))))
			_, err = c.Run(ctx, noon.Add(time.Duration(hour)*2*time.Hour+time.Minute))
			require.NoError(t, err)
			require.NoError(t, s.db.Create(&late).Error)
		}
		chained, err := c.Run(ctx, noon.Add(13*time.Hour))
		require.NoError(t, err)
		require.Positive(t, chained)
		report, found := verify(t, s, nil)
		require.Empty(t, found)
		require.Zero(t, report.Waiting)
	})
}
