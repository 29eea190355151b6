package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// counter counts how often it is asked, and says so.
type counter struct {
	open, asked int
	wait        chan struct{} // nil: it answers at once
	err         error
}

func (c *counter) count(context.Context) (QueueCounts, error) {
	c.asked++
	if c.wait != nil {
		<-c.wait
	}
	return QueueCounts{Open: c.open, Overdue: c.asked}, c.err
}

func newTestFigures(now *time.Time) *figures {
	f := newFigures()
	f.many, f.now = 10, func() time.Time { return *now }
	return f
}

func TestAFewTicketsAreCountedAtEveryLook(t *testing.T) {
	now := noon
	f, c := newTestFigures(&now), &counter{open: 10}
	for range 3 {
		got, err := f.of(ctx, "", c.count)
		require.NoError(t, err)
		require.Equal(t, c.asked, got.Overdue)
		require.Zero(t, got.AsOf)
	}
	require.Equal(t, 3, c.asked)
}

func TestACountOfManyTicketsIsSharedForSecondsAndSaysHowOldItIs(t *testing.T) {
	now := noon
	f, c := newTestFigures(&now), &counter{open: 11}
	first, err := f.of(ctx, "", c.count)
	require.NoError(t, err)
	require.Equal(t, noon, first.AsOf)
	now = noon.Add(f.fresh)
	again, err := f.of(ctx, "", c.count)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.Equal(t, 1, c.asked)

	other, err := f.of(ctx, "complaint", c.count)
	require.NoError(t, err)
	require.Equal(t, 2, other.Overdue, "other queues, other figures")
}

func TestACountThatIsGettingOldIsShownWhileItIsMadeAnew(t *testing.T) {
	now := noon
	f, c := newTestFigures(&now), &counter{open: 11}
	first, err := f.of(ctx, "", c.count)
	require.NoError(t, err)
	now = noon.Add(f.stale)
	c.wait = make(chan struct{})
	for range 3 {
		old, err := f.of(ctx, "", c.count)
		require.NoError(t, err)
		require.Equal(t, first, old)
	}
	close(c.wait)
	require.Eventually(t, func() bool {
		got, err := f.of(ctx, "", c.count)
		return err == nil && got.AsOf.Equal(now) && got.Overdue == 2
	}, 10*time.Second, time.Millisecond, "counted once more, for all three")
}

func TestAnOldCountIsNeverShown(t *testing.T) {
	now := noon
	f, c := newTestFigures(&now), &counter{open: 11}
	_, err := f.of(ctx, "", c.count)
	require.NoError(t, err)
	now = noon.Add(f.stale + 1)
	got, err := f.of(ctx, "", c.count)
	require.NoError(t, err)
	require.Equal(t, 2, got.Overdue)
	require.Equal(t, now, got.AsOf)

	now = now.Add(f.stale + 1)
	c.err = errors.New("away")
	_, err = f.of(ctx, "", c.count)
	require.ErrorContains(t, err, "away")

	c.err, c.wait = nil, make(chan struct{})
	defer close(c.wait)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, err = f.of(gone, "", c.count)
	require.ErrorIs(t, err, context.Canceled)
}

func TestWhenTicketsBecomeFewTheyAreCountedAtEveryLookAgain(t *testing.T) {
	now := noon
	f, c := newTestFigures(&now), &counter{open: 11}
	_, err := f.of(ctx, "", c.count)
	require.NoError(t, err)
	c.open, now = 10, noon.Add(f.stale+1)
	for want := 2; want < 5; want++ {
		got, err := f.of(ctx, "", c.count)
		require.NoError(t, err)
		require.Equal(t, want, got.Overdue)
		require.Zero(t, got.AsOf)
	}
}
