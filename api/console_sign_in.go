package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/seal"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

type signInView struct {
	templates.Frame
	Name      string
	Next      string
	Passwords bool // there are passwords to sign in with
	SignOn    bool // there is a single sign-on
}

func (k *console) signInForm(c *gin.Context) {
	k.showSignIn(c, http.StatusOK, signInView{Next: pageAfterSignIn(c.Query("next"))})
}

func (k *console) showSignIn(c *gin.Context, status int, v signInView) {
	problems := v.Problems
	v.Frame = k.frame(c, "console.sign_in.title")
	v.Path, v.Problems, v.Passwords, v.SignOn = "/desk/sign-in", problems, !k.NoPasswords, k.signOn != nil
	k.page(c, status, "console/sign_in", v)
}

// knownBrowser is the cookie of a browser that has signed in before: a random
// name under which its failures are counted apart (see lockouts).
const knownBrowser = "desk-browser"

// mostSignIns is how often one network may try to sign in, in an hour: a whole
// office may sit behind one address.
const mostSignIns = 600

// signIn gives the same answer, after the same work, for a wrong password and
// for a name that nobody has. A right password opens nothing by itself: the
// second factor follows.
func (k *console) signIn(c *gin.Context) {
	if k.NoPasswords {
		k.fault(c, http.StatusNotFound)
		return
	}
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
	if err := k.begin(c, member, pageAfterSignIn(c.PostForm("next"))); err != nil {
		k.failed(c, err)
		return
	}
	c.Set(memberKey, member)
	c.Redirect(http.StatusSeeOther, k.owed(c))
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
	k.showSignIn(c, status, signInView{Frame: templates.Frame{Problems: []templates.Problem{{Field: "name", Text: words}}},
		Name: typed, Next: pageAfterSignIn(c.PostForm("next"))})
}

func (k *console) tooManyTries(c *gin.Context, until time.Time) string {
	left := until.Sub(k.Now())
	c.Header("Retry-After", seconds(left))
	return k.say(c, "console.sign_in.locked", "count", int((left+time.Minute-1)/time.Minute))
}
