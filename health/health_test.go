package health

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/seal"
	"rightsdesk/store"
)

func answer(handler http.HandlerFunc) (int, string) {
	w := httptest.NewRecorder()
	handler(w, httptest.NewRequest(http.MethodGet, "/", nil))
	return w.Code, w.Body.String()
}

func TestWhoStopsIsNotReadyAtOnceAndStillAlive(t *testing.T) {
	h := New(func(context.Context) error { return nil })
	code, said := answer(h.ServeReady)
	assert.Equal(t, 200, code)
	assert.Equal(t, "ready\n", said)
	h.Stopping()
	code, said = answer(h.ServeReady)
	assert.Equal(t, 503, code)
	assert.Equal(t, "not ready: stopping\n", said)
	code, _ = answer(h.ServeAlive)
	assert.Equal(t, 200, code)
}

func TestReadySaysWhyNotInPlainWords(t *testing.T) {
	away := errors.New("Temporal does not answer")
	var now error
	h := New(func(context.Context) error { return now })
	now = away
	code, said := answer(h.ServeReady)
	assert.Equal(t, 503, code)
	assert.Equal(t, "not ready: Temporal does not answer\n", said)
	code, _ = answer(h.ServeAlive)
	assert.Equal(t, 200, code, "a new start would not bring Temporal back")
	now = nil
	code, _ = answer(h.ServeReady)
	assert.Equal(t, 200, code)
}

func TestALoopThatNoLongerTurnsIsWedged(t *testing.T) {
	h, at := New(), time.Now()
	h.now = func() time.Time { return at }
	beat := h.Pulse("the courier", time.Minute)
	at = at.Add(50 * time.Second)
	beat()
	at = at.Add(time.Minute)
	assert.NoError(t, h.Alive(t.Context()))
	at = at.Add(time.Second)
	code, said := answer(h.ServeAlive)
	assert.Equal(t, 503, code)
	assert.Equal(t, "not ok: the courier has not turned for 1m1s\n", said)
	beat()
	assert.NoError(t, h.Alive(t.Context()))
}

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
	require.NoError(t, s.Close())
	assert.EqualError(t, check(t.Context()), "the database does not answer")

	away, err := store.Open("mysql:desk:SECRET@tcp(127.0.0.1:1)/desk", vault)
	require.NoError(t, err)
	assert.EqualError(t, Database(away, quiet)(t.Context()), "the database does not answer", "nor where it is")
}

func TestThePortServesMetricsAndHealth(t *testing.T) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "some_gauge"}, func() float64 { return 7 }))
	s, err := Listen("127.0.0.1:0", New(), registry, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	for path, want := range map[string]string{"/metrics": "some_gauge 7", "/healthz": "ok", "/readyz": "ready"} {
		resp, err := http.Get("http://" + s.Addr() + path)
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		require.NoError(t, err)
		assert.Equal(t, 200, resp.StatusCode)
		assert.Contains(t, string(text), want)
	}
	s.Close()
	_, err = http.Get("http://" + s.Addr() + "/healthz")
	assert.Error(t, err)
	_, err = Listen("127.0.0.1:99999", New(), registry, slog.New(slog.DiscardHandler))
	assert.Error(t, err)
}
