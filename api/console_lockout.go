package api

import (
	"context"
	"encoding/json"
	"hash/maphash"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
)

// After so many failures in a row a name has to wait, at first a minute, then
// twice as long with each further failure, up to a quarter of an hour.
const (
	triesBeforeWait = 5
	firstWait       = time.Minute
	longestWait     = 15 * time.Minute
	triesForgotten  = time.Hour
)

// lockouts counts failed sign-ins by name, whether or not there is such a name,
// so that being locked tells nothing. The counts lie beside the sessions in the
// database: they hold for every process, survive restarts and expire.
//
// A browser that has signed in before is counted by itself: whoever types wrong
// passwords elsewhere can't lock its owner out.
type lockouts struct {
	kept scs.CtxStore
	now  func() time.Time
	seed maphash.Seed
	busy turns
	ours turns // of browsers that signed in before: these wait for no stranger
}

// turns let one try at a time go on for a name, or tries in parallel would not be
// counted. Names share a turn by chance.
type turns [64]sync.Mutex

func newLockouts(kept scs.CtxStore, now func() time.Time) *lockouts {
	return &lockouts{kept: kept, now: now, seed: maphash.MakeSeed()}
}

type lockout struct {
	Tries int       `json:"tries"`
	Until time.Time `json:"until,omitzero"`
}

// turn waits until no other try for the name is under way in this process.
func (l *lockouts) turn(name string) (release func()) {
	of := &l.busy
	if strings.HasPrefix(name, browserPrefix) {
		of = &l.ours
	}
	m := &of[maphash.String(l.seed, name)%uint64(len(of))]
	m.Lock()
	return m.Unlock
}

// until is when the name may be tried again; zero: now.
func (l *lockouts) until(ctx context.Context, name string) (time.Time, error) {
	found, err := l.find(ctx, name)
	if err != nil || !found.Until.After(l.now()) {
		return time.Time{}, err
	}
	return found.Until, nil
}

// failed counts a failure.
func (l *lockouts) failed(ctx context.Context, name string) error {
	found, err := l.find(ctx, name)
	if err != nil {
		return err
	}
	found.Tries++
	if over := found.Tries - triesBeforeWait; over >= 0 {
		wait := longestWait
		if over < 4 {
			wait = firstWait << over
		}
		found.Until = l.now().Add(wait)
	}
	text, err := json.Marshal(found)
	if err != nil {
		return err
	}
	return l.kept.CommitCtx(ctx, lockoutKey(name), text, time.Now().Add(triesForgotten))
}

// cleared forgets the failures of a name.
func (l *lockouts) cleared(ctx context.Context, name string) error {
	return l.kept.DeleteCtx(ctx, lockoutKey(name))
}

func (l *lockouts) find(ctx context.Context, name string) (lockout, error) {
	text, ok, err := l.kept.FindCtx(ctx, lockoutKey(name))
	if err != nil || !ok {
		return lockout{}, err
	}
	var found lockout
	return found, json.Unmarshal(text, &found)
}

// lockoutKey can't be the token of a session: those have no colon.
func lockoutKey(name string) string { return "lockout:" + name }
