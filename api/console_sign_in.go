package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

type signInView struct {
	templates.Frame
	Name string
	Next string
}

func (k *console) signInForm(c *gin.Context) {
	k.page(c, http.StatusOK, "console/sign_in",
		signInView{Frame: k.frame(c, "console.sign_in.title"), Next: pageAfterSignIn(c.Query("next"))})
}

// knownBrowser is the cookie of a browser that has signed in before: a random
// name under which its failures are counted apart (see lockouts).
const knownBrowser = "desk-browser"

// mostSignIns is how often one network may try to sign in, in an hour: a whole
// office may sit behind one address.
const mostSignIns = 600

// signIn gives the same answer, after the same work, for a wrong password and
// for a name that nobody has.
func (k *console) signIn(c *gin.Context) {
	if !k.allowed(c, "sign-in", mostSignIns) {
		return
	}
	ctx := c.Request.Context()
	typed := strings.ToLower(strings.TrimSpace(c.PostForm("name")))
	id, wellFormed := ticket.CheckAgentID(typed)
	password := c.PostForm("password")
	if len(password) > maxPassword*4 {
		password = ""
	}
	counted := k.countedAs(c, id)
	release := k.lockouts.turn(counted)
	defer release()
	until, err := k.lockouts.until(ctx, counted)
	if err != nil {
		k.failed(c, err)
		return
	}
	if !until.IsZero() {
		k.signInRefused(c, http.StatusTooManyRequests, typed, k.tooManyTries(c, until))
		return
	}

	member, err := k.Store.Agent(ctx, id)
	if err != nil && !isNotFound(err) {
		k.failed(c, err)
		return
	}
	hash := member.PasswordHash
	if err != nil || !wellFormed || member.Disabled {
		hash = ""
	}
	same, err := k.passwords.right(beforeStrangers(ctx, counted), password, hash)
	if err != nil {
		k.failed(c, err)
		return
	}
	if !same {
		if err := k.lockouts.failed(ctx, counted); err != nil {
			k.failed(c, err)
			return
		}
		k.signInRefused(c, http.StatusUnprocessableEntity, typed, k.say(c, "console.sign_in.wrong"))
		return
	}
	if err := k.begin(c, member, counted); err != nil {
		k.failed(c, err)
		return
	}
	to := pageAfterSignIn(c.PostForm("next"))
	if member.MustChange {
		to = "/desk/password"
	}
	c.Redirect(http.StatusSeeOther, to)
}

// begin opens the session under a new token, so that one planted before is worth
// nothing.
func (k *console) begin(c *gin.Context, member store.Agent, counted string) error {
	ctx := c.Request.Context()
	if err := k.lockouts.cleared(ctx, counted); err != nil {
		return err
	}
	if err := k.sessions.Clear(ctx); err != nil {
		return err
	}
	if err := k.sessions.RenewToken(ctx); err != nil {
		return err
	}
	k.sessions.Put(ctx, sessionAgent, string(member.ID))
	k.sessions.Put(ctx, sessionPrint, passwordPrint(member.PasswordHash))
	if err := k.keepBrowser(c, member.ID, counted); err != nil {
		return err
	}
	return k.Store.SignedIn(ctx, member.ID, k.Now())
}

// countedAs is the name under which a failure counts.
func (k *console) countedAs(c *gin.Context, id ticket.AgentID) string {
	if token := k.cookie(c, knownBrowser); isToken(token) {
		whose, ok, err := k.lockouts.kept.FindCtx(c.Request.Context(), browserPrefix+token)
		if err == nil && ok && string(whose) == string(id) {
			return browserPrefix + token
		}
	}
	return string(id)
}

const (
	browserPrefix = "browser:"
	browserKept   = 90 * 24 * time.Hour
)

func (k *console) keepBrowser(c *gin.Context, id ticket.AgentID, counted string) error {
	token, known := strings.CutPrefix(counted, browserPrefix)
	if !known {
		token = seal.NewToken()
	}
	if err := k.lockouts.kept.CommitCtx(c.Request.Context(), browserPrefix+token, []byte(id), time.Now().Add(browserKept)); err != nil {
		return err
	}
	k.setCookie(c, knownBrowser, token, int(browserKept/time.Second))
	return nil
}

func (k *console) signInRefused(c *gin.Context, status int, typed, words string) {
	f := k.frame(c, "console.sign_in.title")
	f.Problems = []templates.Problem{{Field: "name", Text: words}}
	k.page(c, status, "console/sign_in", signInView{Frame: f, Name: typed, Next: pageAfterSignIn(c.PostForm("next"))})
}

func (k *console) tooManyTries(c *gin.Context, until time.Time) string {
	left := until.Sub(k.Now())
	c.Header("Retry-After", seconds(left))
	return k.say(c, "console.sign_in.locked", "count", int((left+time.Minute-1)/time.Minute))
}
