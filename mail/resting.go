package mail

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// A conversation is kept for a while after its message, for the next one: most of
// what sending a mail costs is saying hello, TLS and signing in.
const (
	restTime   = 5 * time.Second // servers hang up on who stays silent for minutes
	mostAtRest = 8
	mostEach   = 50 // messages in one conversation: servers limit them
)

// resting are the conversations that wait for another message.
type resting struct {
	mu    sync.Mutex
	those []*conversation
}

// take takes up a conversation again, or is nil if there is none that the server
// still holds up.
func (r *resting) take(ctx context.Context) *conversation {
	for {
		r.mu.Lock()
		if len(r.those) == 0 {
			r.mu.Unlock()
			return nil
		}
		c := r.those[len(r.those)-1] // the one that has rested least
		r.those = r.those[:len(r.those)-1]
		r.mu.Unlock()
		c.follow(ctx)
		if c.step(StepHello, 1, c.client.Reset) == nil {
			return c
		}
		c.close()
	}
}

// keep lets a conversation rest, or ends it.
func (r *resting) keep(c *conversation) {
	if !c.release() { // the context has ended, and the line with it
		c.close()
		return
	}
	c.sent++
	r.mu.Lock()
	room := len(r.those) < mostAtRest && c.sent < mostEach
	if room {
		r.those = append(r.those, c)
	}
	r.mu.Unlock()
	if !room {
		c.part()
		return
	}
	sent := c.sent
	time.AfterFunc(restTime, func() { r.end(c, sent) })
}

// end ends a conversation that has not been taken up since.
func (r *resting) end(c *conversation, sent int) {
	r.mu.Lock()
	i := slices.Index(r.those, c)
	if i < 0 || c.sent != sent {
		r.mu.Unlock()
		return
	}
	r.those = slices.Delete(r.those, i, i+1)
	r.mu.Unlock()
	c.part()
}

// beforeAnything reports an error of a conversation that came before anything of
// the message was said: another conversation may fare better.
func beforeAnything(err error) bool {
	var t *TemporaryError
	return errors.As(err, &t) && t.Step == StepFrom
}
