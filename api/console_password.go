package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// Lengths of a password, in characters. The upper bound keeps a password of
// megabytes from being hashed.
const (
	minPassword = 12
	maxPassword = 200
)

// passwordCost is what hashing a password takes: 64 MiB and two passes (OWASP
// asks for at least 19 MiB and two).
var passwordCost = argon2id.Params{Memory: 64 << 10, Iterations: 2, Parallelism: 2, SaltLength: 16, KeyLength: 32}

// HashPassword hashes a password of a member of staff as the console expects it.
func HashPassword(password string) (string, error) {
	return argon2id.CreateHash(password, &passwordCost)
}

// NewOneTimePassword draws a password to be handed over once and changed at the
// first sign-in: 79 bits, in small letters and digits that can't be mistaken for one
// another, also by telephone.
func NewOneTimePassword() string {
	const letters, length = "23456789abcdefghjkmnpqrstuvwxyz", 16
	var b strings.Builder
	for drawn := 0; drawn < length; {
		var one [1]byte
		_, _ = rand.Read(one[:]) // never fails: crypto/rand ends the program instead
		if one[0] &= 31; int(one[0]) >= len(letters) {
			continue // each letter is as likely as any other
		}
		if drawn > 0 && drawn%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[one[0]])
		drawn++
	}
	return b.String()
}

// passwords hashes a few at a time, so that a flood of sign-ins takes neither
// all memory nor all processors from the rest of the desk.
type passwords struct {
	slots   chan struct{}
	spare   chan struct{} // one more, for browsers that signed in before
	waiting atomic.Int32
	nobody  func() string // the hash that unknown names are compared with
	compare func(password, hash string) (bool, error)
	hash    func(password string) (string, error)
}

const (
	hashedAtOnce = 2
	mostWaiting  = 64
)

// errBusy is answered like a database that is away: come back in a moment.
var errBusy = fmt.Errorf("too many passwords to check at once: %w", context.DeadlineExceeded)

func newPasswords() *passwords {
	p := &passwords{slots: make(chan struct{}, hashedAtOnce), spare: make(chan struct{}, 1), hash: HashPassword, compare: argon2id.ComparePasswordAndHash}
	p.nobody = sync.OnceValue(func() string {
		hash, err := HashPassword(NewOneTimePassword())
		if err != nil {
			panic(err) // crypto/rand can't fail and the parameters are constant
		}
		return hash
	})
	go p.nobody() // so that the first unknown name takes no longer than the others
	return p
}

func (p *passwords) turn(ctx context.Context) (release func(), err error) {
	if ctx.Value(knownBrowserKey{}) != nil { // few, and strangers are not among them
		select {
		case p.slots <- struct{}{}:
			return func() { <-p.slots }, nil
		case p.spare <- struct{}{}:
			return func() { <-p.spare }, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer p.waiting.Add(-1)
	if p.waiting.Add(1) > mostWaiting {
		return nil, errBusy
	}
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type knownBrowserKey struct{}

// beforeStrangers has a browser that signed in before wait behind its like only:
// a flood of sign-ins from elsewhere doesn't keep it out.
func beforeStrangers(ctx context.Context, counted string) context.Context {
	if !strings.HasPrefix(counted, browserPrefix) {
		return ctx
	}
	return context.WithValue(ctx, knownBrowserKey{}, true)
}

// right reports whether the password is the one of the hash; it takes as long
// when there is no hash.
func (p *passwords) right(ctx context.Context, password, hash string) (bool, error) {
	release, err := p.turn(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	known := hash != ""
	if !known {
		hash = p.nobody()
	}
	same, err := p.compare(password, hash)
	return same && known, err
}

func (p *passwords) hashed(ctx context.Context, password string) (string, error) {
	release, err := p.turn(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return p.hash(password)
}

type passwordView struct {
	templates.Frame
	Forced bool
	Min    int
}

func (k *console) passwordView(c *gin.Context, problems ...templates.Problem) passwordView {
	f := k.staffFrame(c, "console.password.title")
	f.Wide, f.Problems = false, problems
	return passwordView{Frame: f, Forced: memberOf(c).MustChange, Min: minPassword}
}

func (k *console) passwordForm(c *gin.Context) {
	k.page(c, http.StatusOK, "console/password", k.passwordView(c))
}

// changing is under which name wrong tries are counted of whoever is signed in and
// changes a password: apart from those at the sign-in page, where anybody can
// fail in somebody's name.
func changing(id ticket.AgentID) string { return "change " + string(id) }

// changePassword ends every other session of the member: their epoch is over.
func (k *console) changePassword(c *gin.Context) {
	ctx, member := c.Request.Context(), memberOf(c)
	now, next, again := c.PostForm("password"), c.PostForm("password_new"), c.PostForm("password_again")
	if field, key := wrongPassword(member, now, next, again); key != "" {
		k.page(c, http.StatusUnprocessableEntity, "console/password",
			k.passwordView(c, templates.Problem{Field: field, Text: k.say(c, key, "count", minPassword)}))
		return
	}
	unlock := k.lockouts.turn(changing(member.ID))
	defer unlock()
	until, err := k.lockouts.until(ctx, changing(member.ID))
	if err != nil {
		k.failed(c, err)
		return
	}
	if !until.IsZero() {
		k.page(c, http.StatusTooManyRequests, "console/password", k.passwordView(c,
			templates.Problem{Field: "password", Text: k.tooManyTries(c, until)}))
		return
	}
	same, err := k.passwords.right(ctx, now, member.PasswordHash)
	if err == nil && !same {
		if err = k.lockouts.failed(ctx, changing(member.ID)); err == nil {
			k.page(c, http.StatusUnprocessableEntity, "console/password", k.passwordView(c,
				templates.Problem{Field: "password", Text: k.say(c, "console.password.wrong")}))
			return
		}
	}
	if err != nil {
		k.failed(c, err)
		return
	}
	if err := k.setPassword(c, member, next); err != nil {
		k.failed(c, err)
		return
	}
	k.done(c, "console.password.done", home(member.Role)) // or to what is still owed
}

func (k *console) setPassword(c *gin.Context, member store.Agent, password string) error {
	ctx := c.Request.Context()
	hash, err := k.passwords.hashed(ctx, password)
	if err != nil {
		return err
	}
	err = k.Store.SetPassword(ctx, member.ID, hash, false, store.StaffEvent{At: k.Now(), Actor: member.ID, Act: store.StaffPasswordSet})
	if err != nil {
		return err
	}
	if member, err = k.Store.Agent(ctx, member.ID); err != nil {
		return err
	}
	if err := k.renewToken(c); err != nil {
		return err
	}
	k.sessions.Put(ctx, sessionEpoch, member.Epoch) // this session goes on, all others end
	return k.lockouts.cleared(ctx, changing(member.ID))
}

// wrongPassword says which input has to be mended before anything is hashed.
func wrongPassword(member store.Agent, now, next, again string) (field, key string) {
	switch n := utf8.RuneCountInString(next); {
	case n < minPassword:
		return "password_new", "console.password.too_short"
	case n > maxPassword:
		return "password_new", "console.password.too_long"
	case strings.Contains(strings.ToLower(next), string(member.ID)) || strings.Trim(next, next[:1]) == "":
		return "password_new", "console.password.too_plain"
	case next == now:
		return "password_new", "console.password.same"
	case next != again:
		return "password_again", "console.password.differ"
	}
	return "", ""
}
