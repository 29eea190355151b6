package store

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
)

func TestManyChainersAndWritersAtOnceLoseNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		numbers := threeTickets(t, s)
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				for rev := range int64(8) {
					if err := s.Record(ctx, aRecord(numbers[i%3], 10+rev)); err != nil && !errors.Is(err, ErrBehind) {
						t.Error(err)
					}
					if err := s.AppendEvent(ctx, numbers[i%3], contract.Event{At: noon, Actor: contract.ByStaff, Act: contract.ActPersonalDataShown}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 3 {
			all.Go(func() {
				c := s.NewAuditChainer()
				for range 6 {
					if _, err := c.Run(ctx, time.Now()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		chainAll(t, s)
		report, found := verify(t, s, nil)
		require.Empty(t, found)
		require.EqualValues(t, report.Entries+report.Ledger, report.Head.Position)
		require.Equal(t, count(t, s, &chainRow{}), count(t, s, &eventRow{})+count(t, s, &ledgerRow{}))
	})
}

// An entry committed late has a lower id than what was chained before.
func TestAnEntryCommittedOutOfOrderIsChainedLater(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := threeTickets(t, s)[0]
		ids := idsOf(t, s, trailEvents, n)
		var late eventRow
		require.NoError(t, s.db.Take(&late, "id = ?", ids[6]).Error)
		require.NoError(t, s.db.Exec("DELETE FROM events WHERE id = ?", late.ID).Error)
		c := s.NewAuditChainer()
		_, err := c.Run(ctx, noon)
		require.NoError(t, err)
		require.NoError(t, s.db.Create(&late).Error)
		chained, err := c.Run(ctx, noon.Add(time.Second))
		require.NoError(t, err)
		require.Equal(t, 1, chained)
		_, found := verify(t, s, nil)
		require.Empty(t, found)
	})
}
