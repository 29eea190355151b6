package api

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// crowded says that a large body can't be taken at present, and when it may be.
type crowded struct {
	status  int // 429: because of the sender's own; 503: because of everybody's
	retryAt time.Time
}

func (e *crowded) Error() string {
	return fmt.Sprintf("no room for a large body until %s", e.retryAt.UTC().Format(time.RFC3339))
}

// How many large bodies may be under way at once in a room, and how many of
// them from one network. One is held in memory up to a file's size.
const (
	placesInRoom    = 8
	placesOfNetwork = 3
)

// crowdedWait is when to come back for a place.
const crowdedWait = 30 * time.Second

// rooms are where large bodies are taken in: strangers', those of people with a
// proved ticket, and those of staff.
type rooms struct{ strangers, people, staff *room }

func newRooms(now func() time.Time) rooms {
	return rooms{strangers: newRoom(placesOfNetwork, now), people: newRoom(placesOfNetwork, now),
		staff: newRoom(placesInRoom, now)} // an office is one network
}

// room bounds the large bodies under way.
type room struct {
	each int
	now  func() time.Time

	mu    sync.Mutex
	taken map[string]int // by network
	all   int
	left  chan struct{} // closed when a place becomes free
}

func newRoom(each int, now func() time.Time) *room {
	return &room{each: each, now: now, taken: map[string]int{}, left: make(chan struct{})}
}

// take waits a little for a place, and gives it back when leave is called.
func (r *room) take(ctx context.Context, network string, patience time.Duration) (leave func(), err error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		status, left := r.enter(network)
		if status == 0 {
			return sync.OnceFunc(func() { r.leave(network) }), nil
		}
		select {
		case <-left:
		case <-late.C:
			return nil, &crowded{status: status, retryAt: r.now().Add(crowdedWait)}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// enter takes a place if there is one; else it says why not.
func (r *room) enter(network string) (status int, left <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.taken[network] >= r.each:
		return http.StatusTooManyRequests, r.left
	case r.all >= placesInRoom:
		return http.StatusServiceUnavailable, r.left
	}
	r.taken[network]++
	r.all++
	return 0, nil
}

func (r *room) leave(network string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all--
	if r.taken[network]--; r.taken[network] == 0 {
		delete(r.taken, network)
	}
	close(r.left)
	r.left = make(chan struct{})
}

// budget is how many bytes of large bodies one key may send in an hour. They are
// counted for all processes together, whether or not they are kept.
type budget struct {
	key string
	max int64
}

const (
	bytesOfNetwork = 300 << 20
	bytesOfTicket  = 120 << 20
	bytesOfAll     = 8 << 30
)

// spend counts bytes against a budget before they are read. A database that is
// away refuses nobody here: what comes next will say so.
func (s *server) spend(ctx context.Context, b budget, amount int64) error {
	ok, retryAt, err := s.Store.Spend(ctx, "upload-bytes/"+b.key, amount, b.max, time.Hour, s.Now())
	if err != nil || ok {
		return nil
	}
	status := http.StatusTooManyRequests
	if b.max == bytesOfAll {
		status = http.StatusServiceUnavailable
	}
	return &crowded{status: status, retryAt: retryAt}
}
