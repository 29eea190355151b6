package health

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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

func TestWhoIsHamperedIsReadyAndSaysByWhat(t *testing.T) {
	var now, hampered error
	h := New(func(context.Context) error { return now }).Hampered(func(context.Context) error { return hampered })
	_, said := answer(h.ServeReady)
	assert.Equal(t, "ready\n", said)
	hampered = ErrReadOnly
	code, said := answer(h.ServeReady)
	assert.Equal(t, 200, code, "what can be done is not refused")
	assert.Equal(t, "ready, but the database can be read and takes no writes\n", said)
	now = errors.New("the database does not answer")
	code, said = answer(h.ServeReady)
	assert.Equal(t, 503, code)
	assert.Equal(t, "not ready: the database does not answer\n", said)
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
