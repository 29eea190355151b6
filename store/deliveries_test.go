package store

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNoTwoWorkersTakeTheSameDelivery(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		const tickets = 40
		for range tickets {
			file(t, s)
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		taken := map[int64]int{}
		for range 8 {
			all.Go(func() {
				for range 4 {
					mine, err := s.PendingDeliveries(ctx, noon.Add(FirstTry), 10)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					for _, d := range mine {
						taken[d.ID]++
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		for id, times := range taken {
			require.Equal(t, 1, times, "delivery %d", id)
		}
		rest, err := s.PendingDeliveries(ctx, noon.Add(FirstTry), tickets)
		require.NoError(t, err)
		require.Len(t, taken, tickets-len(rest))

		back, err := s.PendingDeliveries(ctx, noon.Add(FirstTry+DeliveryLease), tickets)
		require.NoError(t, err)
		require.Len(t, back, tickets, "a worker that died gives its deliveries back")
		require.True(t, slices.IsSortedFunc(back, func(a, b Delivery) int { return int(a.ID - b.ID) }))
		require.Equal(t, 2, back[0].Attempts)
	})
}

func TestDeliveriesOfATicketGoInOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		s.now = func() time.Time { return noon }
		n := file(t, s).Number
		update, err := s.AddDelivery(ctx, n, OpUpdate, "reply", []byte(`{"message":1}`))
		require.NoError(t, err)
		pending := func(now time.Time) []Delivery {
			list, err := s.PendingDeliveries(ctx, now, 10)
			require.NoError(t, err)
			return list
		}
		require.Empty(t, pending(noon), "who filed it tries first")
		mine, err := s.PendingStart(ctx, n)
		require.NoError(t, err)
		first := pending(noon.Add(FirstTry))
		require.Len(t, first, 1)
		require.Equal(t, OpStart, first[0].Op)
		require.Equal(t, mine.ID, first[0].ID)
		require.NoError(t, s.DeliveryFailed(ctx, first[0].ID, noon.Add(10*time.Minute)))
		require.Empty(t, pending(noon.Add(time.Minute)), "the update waits for the start")
		require.Len(t, pending(noon.Add(10*time.Minute)), 1)
		require.NoError(t, s.DeliveryFailed(ctx, first[0].ID, noon.Add(26*time.Hour)))
		require.Len(t, pending(noon.Add(11*time.Minute)), 1, "nothing is put off for so long: the clock that did so was ahead")

		require.NoError(t, s.DeliveryDone(ctx, first[0], Outcome{}))
		require.NoError(t, s.DeliveryDone(ctx, first[0], Outcome{}))
		_, err = s.PendingStart(ctx, n)
		require.ErrorIs(t, err, ErrNotFound)
		started, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		require.False(t, started.Starting)
		next := pending(noon.Add(time.Hour))
		require.Len(t, next, 1)
		require.Equal(t, []any{update.ID, "reply", `{"message":1}`}, []any{next[0].ID, next[0].Name, string(next[0].Payload)})
		left, err := s.PendingCount(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, left)
		require.NoError(t, s.DeliveryDone(ctx, update, Outcome{Rejected: "already_answered"}))
		left, err = s.PendingCount(ctx)
		require.NoError(t, err)
		require.Zero(t, left)
		require.ErrorIs(t, s.DeliveryDone(ctx, Delivery{ID: 4711, Op: OpUpdate}, Outcome{}), ErrNotFound)
		var row deliveryRow
		require.NoError(t, s.db.Take(&row, update.ID).Error)
		require.Equal(t, "already_answered", row.Rejected)
		require.Equal(t, n, row.Number)
	})
}

func TestADeliveryMayBelongToNoTicket(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		s.now = func() time.Time { return noon }
		file(t, s)
		rollout, err := s.AddDelivery(ctx, "", OpStart, "CalendarRollout", []byte(`{}`))
		require.NoError(t, err)
		pending, err := s.PendingDeliveries(ctx, noon.Add(FirstTry), 10)
		require.NoError(t, err)
		require.Len(t, pending, 2)
		require.Equal(t, rollout.ID, pending[1].ID)
		require.NoError(t, s.DeliveryDone(ctx, rollout, Outcome{}))
	})
}

func TestAPersonsWordsAndTheirDeliveryAreOne(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		m := NewMessage{Number: n, Kind: MessageReply, At: noon, Text: markedReply, Key: "k", Files: []NewFile{{Name: "a", Content: []byte("a")}}}
		payload := func(id int64, files int) []byte { return fmt.Appendf(nil, `{"message":%d,"files":%d}`, id, files) }
		var all sync.WaitGroup
		var mu sync.Mutex
		seen := map[string]bool{}
		for range 8 {
			all.Go(func() {
				id, d, err := s.AddMessageToDeliver(ctx, m, "reply", payload)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				seen[fmt.Sprint(id, d.ID, d.Op, d.Name, string(d.Payload))] = true
			})
		}
		all.Wait()
		require.Len(t, seen, 1)
		require.Equal(t, 1, count(t, s, &messageRow{}))
		require.Equal(t, 2, count(t, s, &deliveryRow{}))
		m.Key, m.Uploads = "other", []UploadID{4711}
		_, _, err := s.AddMessageToDeliver(ctx, m, "reply", payload)
		require.ErrorIs(t, err, ErrNotFound)
		require.Equal(t, 2, count(t, s, &deliveryRow{}))
	})
}
