package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/templates"
)

// Pages that stand between a right password and the desk.
const (
	pagePassword = "/desk/password"
	pageFactor   = "/desk/second-factor"
	pageEnrol    = "/desk/second-factor/enrol"
)

// owed is the page that whoever signs in has to see before anything else, or
// nothing. The second factor comes first, if there is one; a one-time password
// is changed before one is enrolled. Who came by single sign-on proved it there.
func (k *console) owed(c *gin.Context) string {
	ctx, member := c.Request.Context(), memberOf(c)
	given, alone := k.sessions.GetBool(ctx, sessionFactor), k.sessions.GetBool(ctx, sessionSignOn)
	switch {
	case alone:
		return ""
	case !given && !member.FactorAt.IsZero():
		return pageFactor
	case member.MustChange:
		return pagePassword
	case !given:
		return pageEnrol
	}
	return ""
}

// finished lets pass who has signed in wholly; everybody else is led to what is
// still owed. Until then a session reaches nothing.
func (k *console) finished(c *gin.Context) {
	if to := k.owed(c); to != "" {
		c.Redirect(http.StatusSeeOther, to)
		c.Abort()
		return
	}
	c.Next()
}

// owes lets pass those who owe this very page.
func (k *console) owes(page string) gin.HandlerFunc {
	return func(c *gin.Context) {
		if to := k.owed(c); to != page {
			if to == "" {
				to = home(memberOf(c).Role)
			}
			c.Redirect(http.StatusSeeOther, to)
			c.Abort()
			return
		}
		c.Next()
	}
}

// mayChangePassword lets pass who has signed in wholly by password, and who has
// to change a one-time one.
func (k *console) mayChangePassword(c *gin.Context) {
	switch {
	case k.sessions.GetBool(c.Request.Context(), sessionSignOn):
		k.fault(c, http.StatusNotFound)
	case k.owed(c) == pagePassword:
		c.Next()
	default:
		k.finished(c)
	}
}

type factorView struct {
	templates.Frame
}

func (k *console) factorView(c *gin.Context, problems ...templates.Problem) factorView {
	f := k.frame(c, "console.factor.title")
	f.Problems = problems
	return factorView{Frame: f}
}

func (k *console) factorForm(c *gin.Context) {
	k.page(c, http.StatusOK, "console/second_factor", k.factorView(c))
}

// giveFactor takes the second factor: a code of the app, or a recovery code.
// Failures count as those of the password do, under the same name.
func (k *console) giveFactor(c *gin.Context) {
	ctx, member := c.Request.Context(), memberOf(c)
	counted := k.countedAs(c, member.ID)
	ok, until, err := k.guarded(ctx, counted, func() (bool, error) { return k.factorProved(ctx, member, c.PostForm("code")) })
	switch {
	case err != nil:
		k.failed(c, err)
	case !until.IsZero():
		k.page(c, http.StatusTooManyRequests, "console/second_factor", k.factorView(c,
			templates.Problem{Field: "code", Text: k.tooManyTries(c, until)}))
	case !ok:
		k.page(c, http.StatusUnprocessableEntity, "console/second_factor", k.factorView(c,
			templates.Problem{Field: "code", Text: k.say(c, "console.factor.wrong")}))
	default:
		next := k.sessions.GetString(ctx, sessionNext)
		if err := k.enter(c, member, counted); err != nil {
			k.failed(c, err)
			return
		}
		c.Redirect(http.StatusSeeOther, afterSignIn(next, member.Role))
	}
}

// unfinishedFor is how long somebody may take between the password and the rest.
const unfinishedFor = 15 * time.Minute

// begin opens a session under a new token, so that one planted before is worth
// nothing. It reaches nothing yet: see owed.
func (k *console) begin(c *gin.Context, member store.Agent, next string) error {
	ctx := c.Request.Context()
	if err := k.sessions.Clear(ctx); err != nil {
		return err
	}
	if err := k.renewToken(c); err != nil {
		return err
	}
	k.sessions.Put(ctx, sessionAgent, string(member.ID))
	k.sessions.Put(ctx, sessionEpoch, member.Epoch)
	k.sessions.Put(ctx, sessionNext, next)
	return nil
}

// enter opens the desk to a session: all is given. Only now are failures
// forgotten, or a password would buy any number of tries at the second factor.
func (k *console) enter(c *gin.Context, member store.Agent, counted string) error {
	ctx := c.Request.Context()
	if err := k.lockouts.cleared(ctx, counted); err != nil {
		return err
	}
	k.sessions.Put(ctx, sessionFactor, true)
	k.sessions.Remove(ctx, sessionKey)
	k.sessions.Remove(ctx, sessionNext)
	if err := k.renewToken(c); err != nil {
		return err
	}
	if err := k.keepBrowser(c, member.ID, counted); err != nil {
		return err
	}
	return k.Store.SignedIn(ctx, member.ID, k.Now())
}

// renewToken gives the session a new token, and as long as it may last: a day at
// most, or minutes while something is owed.
func (k *console) renewToken(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := k.sessions.RenewToken(ctx); err != nil {
		return err
	}
	if !k.sessions.GetBool(ctx, sessionFactor) && !k.sessions.GetBool(ctx, sessionSignOn) {
		k.sessions.SetDeadline(ctx, time.Now().Add(unfinishedFor))
	}
	return nil
}
