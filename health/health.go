// Package health is what a process says of itself to whoever watches over it: that
// it is alive, and whether it may be given work.
package health

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Check says in plain words what keeps the process from its work; nil: nothing.
type Check func(ctx context.Context) error

// patience is how long all checks together may take.
const patience = 3 * time.Second

// errStopping: the process was told to stop, and finishes what it has in hand.
var errStopping = errors.New("stopping")

// Health knows how the process is. It may be used by many goroutines at once; nil
// is a process that is well.
type Health struct {
	checks   []Check
	hampers  []Check
	now      func() time.Time
	stopping atomic.Bool

	mu     sync.Mutex
	pulses map[string]*pulse
	probes []Check
}

// pulse is a loop that has to turn, and when it last did.
type pulse struct {
	last  time.Time
	limit time.Duration
}

// New makes a Health that is ready when no check says otherwise.
func New(checks ...Check) *Health {
	return &Health{checks: checks, now: time.Now, pulses: map[string]*pulse{}}
}

// Hampered adds something that keeps the process from part of its work only: it is
// ready, and says so with what it can't do.
func (h *Health) Hampered(by Check) *Health {
	h.hampers = append(h.hampers, by)
	return h
}

// Stopping says that the process was told to stop: from now on it is not ready.
func (h *Health) Stopping() {
	if h != nil {
		h.stopping.Store(true)
	}
}

// Pulse begins to watch a loop. The loop calls what it returns at each turn; longer
// than the limit without a turn, and the process counts as wedged.
func (h *Health) Pulse(name string, limit time.Duration) (beat func()) {
	if h == nil {
		return func() {}
	}
	p := &pulse{last: h.now(), limit: limit}
	h.mu.Lock()
	h.pulses[name] = p
	h.mu.Unlock()
	return func() {
		h.mu.Lock()
		p.last = h.now()
		h.mu.Unlock()
	}
}

// Probe adds something that has to work in a process that is alive.
func (h *Health) Probe(c Check) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.probes = append(h.probes, c)
}

// Ready says why the process may not be given work; nil: it may.
func (h *Health) Ready(ctx context.Context) error {
	if h == nil {
		return nil
	}
	if h.stopping.Load() {
		return errStopping
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return first(ctx, h.checks)
}

// hampered says what keeps a process that is ready from part of its work.
func (h *Health) hampered(ctx context.Context) error {
	if h == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return first(ctx, h.hampers)
}

// Alive says what is wedged, so that only a new start helps; nil: nothing. A
// database or Temporal that is away is no reason: a new start would not bring it
// back. Nor is stopping, which takes its time.
func (h *Health) Alive(ctx context.Context) error {
	if h == nil || h.stopping.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	h.mu.Lock()
	probes := h.probes
	for name, p := range h.pulses {
		if still := h.now().Sub(p.last); still > p.limit {
			h.mu.Unlock()
			return fmt.Errorf("%s has not turned for %s", name, still.Round(time.Second))
		}
	}
	h.mu.Unlock()
	return first(ctx, probes)
}

func first(ctx context.Context, checks []Check) error {
	for _, c := range checks {
		if err := c(ctx); err != nil {
			return err
		}
	}
	return nil
}

// ServeReady answers 200, with what keeps it from part of its work, or 503 and why
// not.
func (h *Health) ServeReady(w http.ResponseWriter, r *http.Request) {
	well, err := "ready", h.Ready(r.Context())
	if err == nil {
		if but := h.hampered(r.Context()); but != nil {
			well = fmt.Sprintf("ready, but %v", but)
		}
	}
	serve(w, well, err)
}

// ServeAlive answers 200, or 503 and what is wedged.
func (h *Health) ServeAlive(w http.ResponseWriter, r *http.Request) {
	serve(w, "ok", h.Alive(r.Context()))
}

func serve(w http.ResponseWriter, well string, err error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, "not %s: %v\n", well, err)
		return
	}
	fmt.Fprintln(w, well)
}
