package mailcatcher

import (
	"context"
	"strings"
	"sync"
	"time"
)

// arrivals wakes those who wait for mail to an address.
type arrivals struct {
	mu      sync.Mutex
	waiting map[string]chan struct{} // by address in lower case; closed when mail comes
}

// next is closed when the next mail to the address has been kept.
func (a *arrivals) next(to string) <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	to = strings.ToLower(to)
	if a.waiting == nil {
		a.waiting = map[string]chan struct{}{}
	}
	if a.waiting[to] == nil {
		a.waiting[to] = make(chan struct{})
	}
	return a.waiting[to]
}

func (a *arrivals) came(to []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range append([]string{""}, to...) { // "": whoever waits for any mail
		t = strings.ToLower(t)
		if c := a.waiting[t]; c != nil {
			close(c)
			delete(a.waiting, t)
		}
	}
}

// waiters is how many addresses are waited for.
func (a *arrivals) waiters() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.waiting)
}

// listNext lists as list does, what came after the mail of that id alone, and
// waits until there is any, at most for so long.
func (b *box) listNext(ctx context.Context, to string, after int64, limit int, wait time.Duration) ([]Message, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		next := b.arrivals.next(to)
		list, err := b.list(context.WithoutCancel(ctx), to, after, limit)
		if err != nil || len(list) > 0 {
			return list, err
		}
		select {
		case <-next:
		case <-ctx.Done():
			return list, nil
		}
	}
}
