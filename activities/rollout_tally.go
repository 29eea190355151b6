package activities

import (
	"context"
	"sync"

	"go.temporal.io/sdk/activity"

	"rightsdesk/contract"
)

// progress is what a heartbeat keeps: the next attempt goes on behind it.
type progress struct {
	Visited int `json:"visited"`
	contract.Replanned
}

// tally counts the answers of tickets that are asked several abreast, and so answer
// out of turn.
type tally struct {
	ctx   context.Context
	begun int           // behind these an attempt began
	ended chan struct{} // closed when all have answered

	mu    sync.Mutex
	done  progress // all tickets up to there have answered, and this is what they said
	early map[int]contract.Replanned
	all   int
}

// resumed is the tally of an attempt at so many tickets: it begins where the last
// heartbeat stood.
func resumed(ctx context.Context, tickets int) *tally {
	t := &tally{ctx: ctx, all: tickets, early: map[int]contract.Replanned{}, ended: make(chan struct{})}
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &t.done); err != nil || t.done.Visited > tickets {
			t.done = progress{}
		}
	}
	t.begun = t.done.Visited
	if t.begun == tickets {
		close(t.ended)
	}
	return t
}

// answered counts the answer of the i-th ticket. Only what has no gap before it is
// told to the heartbeat.
func (t *tally) answered(i int, r contract.Replanned) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.early[i] = r
	for {
		next, ok := t.early[t.done.Visited]
		if !ok {
			break
		}
		delete(t.early, t.done.Visited)
		t.done.Moved += next.Moved
		t.done.Failed += next.Failed
		t.done.Visited++
	}
	activity.RecordHeartbeat(t.ctx, t.done)
	if t.done.Visited == t.all {
		close(t.ended)
	}
}
