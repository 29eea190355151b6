package health

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/seal"
	"rightsdesk/store"
)

func TestADatabaseIsReadyOnceItHasTheTables(t *testing.T) {
	vault, err := seal.Open(seal.NewMasterKey())
	require.NoError(t, err)
	s, err := store.Open("sqlite:"+filepath.Join(t.TempDir(), "desk.db"), vault)
	require.NoError(t, err)
	quiet := slog.New(slog.DiscardHandler)
	check := Database(s, quiet)
	assert.ErrorIs(t, check(t.Context()), store.ErrOldSchema)
	require.NoError(t, s.Migrate(t.Context()))
	assert.NoError(t, check(t.Context()))
	assert.NoError(t, Writes(s, quiet)(t.Context()))
	require.NoError(t, s.Close())
	assert.EqualError(t, check(t.Context()), "the database does not answer")

	away, err := store.Open("mysql:desk:SECRET@tcp(127.0.0.1:1)/desk", vault)
	require.NoError(t, err)
	assert.EqualError(t, Database(away, quiet)(t.Context()), "the database does not answer", "nor where it is")
}

func TestHoweverManyAskTheDatabaseIsTriedEveryFewSeconds(t *testing.T) {
	at, tried, full := time.Now(), 0, errors.New("table is full")
	outcome := full
	w := &trial{now: func() time.Time { return at }, log: slog.New(slog.DiscardHandler), of: func(ctx context.Context) error {
		_, bounded := ctx.Deadline()
		assert.True(t, bounded, "a server whose disk is full may just wait")
		tried++
		return outcome
	}}
	for range 100 {
		assert.Equal(t, ErrReadOnly, w.outcome(), "in plain words")
	}
	assert.Equal(t, 1, tried)
	outcome = nil
	at = at.Add(trialHolds)
	assert.NoError(t, w.outcome(), "there is room again")
	assert.Equal(t, 2, tried)
}
