package store

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

func TestARequestIsAnsweredOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		begin := func(hash string, now time.Time) (*SavedResponse, error) {
			return s.BeginIdempotent(ctx, "tickets", "key", hash, now)
		}
		var began, busy atomic.Int64
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				switch saved, err := begin("a", noon); {
				case err == nil && saved == nil:
					began.Add(1)
				case errors.Is(err, ErrInProgress):
					busy.Add(1)
				default:
					t.Errorf("%v %v", saved, err)
				}
			})
		}
		all.Wait()
		require.Equal(t, []int64{1, 11}, []int64{began.Load(), busy.Load()})
		_, err := begin("b", noon)
		require.ErrorIs(t, err, ErrConflict)

		require.NoError(t, s.AbandonIdempotent(ctx, "tickets", "key"))
		saved, err := begin("b", noon)
		require.NoError(t, err)
		require.Nil(t, saved, "what failed may be tried again")
		saved, err = begin("b", noon.Add(2*IdempotencyTakeover))
		require.NoError(t, err)
		require.Nil(t, saved, "what never finished may be tried again")
		require.NoError(t, s.FinishIdempotent(ctx, "tickets", "key", 201, "application/json", []byte(`{}`)))
		saved, err = begin("b", noon.Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, &SavedResponse{Status: 201, ContentType: "application/json", Body: []byte(`{}`)}, saved)
		require.NoError(t, s.AbandonIdempotent(ctx, "tickets", "key"))
		_, err = begin("c", noon.Add(time.Hour))
		require.ErrorIs(t, err, ErrConflict, "what was answered stays answered")
		saved, err = begin("c", noon.Add(26*time.Hour))
		require.NoError(t, err)
		require.Nil(t, saved, "a day later the key is free")
		n, err := s.DeleteExpired(ctx, noon.Add(60*time.Hour))
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}

func TestALimitHoldsHoweverManyAskAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		now := noon.Truncate(time.Hour).Add(10 * time.Minute)
		var allowed atomic.Int64
		var all sync.WaitGroup
		for range 40 {
			all.Go(func() {
				ok, retry, err := s.Allow(ctx, "198.51.100.7", 7, time.Hour, now)
				if err != nil {
					t.Error(err)
				}
				if ok {
					allowed.Add(1)
				} else if !retry.Equal(now.Truncate(time.Hour).Add(time.Hour)) {
					t.Errorf("retry at %s", retry)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 7, allowed.Load())
		ok, _, err := s.Allow(ctx, "another", 7, time.Hour, now)
		require.NoError(t, err)
		require.True(t, ok)
		ok, _, err = s.Allow(ctx, "198.51.100.7", 7, time.Hour, now.Add(time.Hour))
		require.NoError(t, err)
		require.True(t, ok)
		n, err := s.DeleteExpired(ctx, now.Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, 2, n)
	})
}

func TestABudgetIsSpentByItsAmounts(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		spend := func(amount int64) bool {
			ok, _, err := s.Spend(ctx, "bytes", amount, 8<<30, time.Hour, noon)
			require.NoError(t, err)
			return ok
		}
		require.True(t, spend(5<<30), "more than 32 bits hold")
		require.True(t, spend(3<<30))
		require.False(t, spend(1))
		require.False(t, spend(0), "what was refused stays counted")
	})
}

func TestSchedulesAreCountedInTheOrderTheyWereLoaded(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		version, err := s.CalendarVersion(ctx, "cn")
		require.NoError(t, err)
		require.Zero(t, version)
		for i, text := range []string{"one", "two", "two"} {
			version, err := s.LoadCalendar(ctx, "cn", []byte(text), "wang.fang", noon)
			require.NoError(t, err)
			require.EqualValues(t, min(i+1, 2), version)
		}
		var all sync.WaitGroup
		for _, text := range []string{"a", "b", "c", "d"} {
			all.Go(func() {
				if _, err := s.LoadCalendar(ctx, "us", []byte(text), "wang.fang", noon); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		texts, version, err := s.Calendars(ctx, "cn")
		require.NoError(t, err)
		require.Equal(t, [][]byte{[]byte("one"), []byte("two")}, texts)
		require.Equal(t, contract.CalendarVersion(2), version)
		texts, version, err = s.Calendars(ctx, "us")
		require.NoError(t, err)
		require.Len(t, texts, 4)
		require.Equal(t, contract.CalendarVersion(4), version)
		texts, version, err = s.Calendars(ctx, "eu")
		require.NoError(t, err)
		require.Empty(t, texts)
		require.Zero(t, version)
	})
}

func TestAPolicyIsKeptOncePerDigest(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ref := ticket.PolicyRef{Name: "cn", Version: "1", Digest: "d"}
		_, err := s.Policy(ctx, "d")
		require.ErrorIs(t, err, ErrNotFound)
		require.NoError(t, s.SavePolicy(ctx, ref, []byte("first")))
		require.NoError(t, s.SavePolicy(ctx, ref, []byte("never")))
		text, err := s.Policy(ctx, "d")
		require.NoError(t, err)
		require.Equal(t, "first", string(text))
	})
}
