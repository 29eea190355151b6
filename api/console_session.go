package api

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// How long a session lasts: when nothing is done, and at the very most.
const (
	sessionIdle     = 8 * time.Hour
	sessionAbsolute = 24 * time.Hour
)

// sessions keeps who is signed in.
type sessions struct{ *scs.SessionManager }

func newSessions(kept scs.Store, cookie string, secure bool) *sessions {
	m := scs.New()
	m.Store = kept
	m.IdleTimeout, m.Lifetime = sessionIdle, sessionAbsolute
	m.Cookie.Name, m.Cookie.Path, m.Cookie.Secure = cookie, "/", secure
	m.Cookie.HttpOnly, m.Cookie.Persist, m.Cookie.SameSite = true, false, http.SameSiteLaxMode
	return &sessions{m}
}

// What a session holds: who, the epoch it was opened in (so that a changed
// password, role or second factor ends it), what was given, where to go after
// signing in, the second factor that is being enrolled, and a sentence to say
// once.
const (
	sessionAgent  = "agent"
	sessionEpoch  = "epoch"
	sessionFactor = "factor"  // the second factor was given
	sessionSignOn = "sign_on" // by single sign-on, which takes the place of both
	sessionNext   = "next"
	sessionKey    = "key"
	sessionNotice = "notice"
)

// withSession loads the session and saves it before the first byte of the
// answer leaves.
func (k *console) withSession(c *gin.Context) {
	var token string
	if cookie, err := c.Request.Cookie(k.sessions.Cookie.Name); err == nil {
		token = cookie.Value
	}
	ctx, err := k.sessions.Load(c.Request.Context(), token)
	if err != nil {
		k.failed(c, err)
		return
	}
	c.Request = c.Request.WithContext(ctx)
	w := &sessionWriter{ResponseWriter: c.Writer, k: k, c: c}
	c.Writer = w
	c.Next()
	w.save()
	c.Writer = w.ResponseWriter
}

type sessionWriter struct {
	gin.ResponseWriter
	k     *console
	c     *gin.Context
	saved bool
}

func (w *sessionWriter) save() {
	if w.saved {
		return
	}
	w.saved = true
	s, ctx := w.k.sessions, w.c.Request.Context()
	switch s.Status(ctx) {
	case scs.Modified:
		if len(s.Keys(ctx)) == 0 { // nobody is signed in: there is nothing to keep
			return
		}
		token, expiry, err := s.Commit(ctx)
		if err != nil {
			w.k.Log.Error("session not saved", "why", err)
			return
		}
		s.WriteSessionCookie(ctx, w.ResponseWriter, token, expiry)
	case scs.Destroyed:
		s.WriteSessionCookie(ctx, w.ResponseWriter, "", time.Time{})
	}
}

func (w *sessionWriter) WriteHeaderNow() { w.save(); w.ResponseWriter.WriteHeaderNow() }
func (w *sessionWriter) Write(b []byte) (int, error) {
	w.save()
	return w.ResponseWriter.Write(b)
}
func (w *sessionWriter) WriteString(s string) (int, error) {
	w.save()
	return w.ResponseWriter.WriteString(s)
}

const memberKey = "member"

// memberOf is the member of staff who is signed in, as the database knows them
// at this request.
func memberOf(c *gin.Context) store.Agent {
	found, _ := c.Get(memberKey)
	member, _ := found.(store.Agent)
	return member
}

// signedIn reads the member of staff from the database at every request, so that
// a role taken away, a disabled account or a changed password takes effect at
// once. Nobody signed in: a page is asked for again after signing in.
func (k *console) signedIn(c *gin.Context) {
	ctx := c.Request.Context()
	if id := k.sessions.GetString(ctx, sessionAgent); id != "" {
		member, err := k.Store.Agent(ctx, ticket.AgentID(id))
		switch {
		case err == nil && !member.Disabled && k.sessions.GetInt(ctx, sessionEpoch) == member.Epoch && k.wayIsOpen(c):
			c.Set(memberKey, member)
			c.Next()
			return
		case err != nil && !isNotFound(err):
			k.failed(c, err)
			return
		}
		if err := k.sessions.Destroy(ctx); err != nil {
			k.failed(c, err)
			return
		}
	}
	k.askToSignIn(c)
}

func (k *console) askToSignIn(c *gin.Context) {
	if c.Request.Method == http.MethodGet {
		to := "/desk/sign-in"
		if next := c.Request.URL.RequestURI(); next != "/desk" {
			to += "?next=" + url.QueryEscape(next)
		}
		c.Redirect(http.StatusSeeOther, to)
		c.Abort()
		return
	}
	// What was typed is still in the browser's page: it is sent again when that
	// page is reloaded after signing in elsewhere.
	f := k.frame(c, "console.sign_in.title")
	f.Problems = []templates.Problem{{Text: k.say(c, "console.sign_in.ended")}}
	k.page(c, http.StatusUnauthorized, "console/sign_in", signInView{Frame: f, Passwords: !k.NoPasswords, SignOn: k.signOn != nil})
}

// pageAfterSignIn is where to go after signing in: a page of the console, never
// another site.
func pageAfterSignIn(s string) string {
	u, err := url.Parse(s)
	if err != nil || path.Clean(u.Path) != u.Path || u.IsAbs() || u.Host != "" || strings.ContainsAny(s, "\\\r\n") ||
		u.Path != "/desk" && !strings.HasPrefix(u.Path, "/desk/") || strings.HasPrefix(u.Path, "/desk/sign") {
		return "/desk"
	}
	return (&url.URL{Path: u.Path, RawQuery: u.Query().Encode()}).String()
}

// wayIsOpen reports that the session was opened in a way that is still there:
// passwords may have been turned off since, or the single sign-on.
func (k *console) wayIsOpen(c *gin.Context) bool {
	if k.sessions.GetBool(c.Request.Context(), sessionSignOn) {
		return k.signOn != nil
	}
	return !k.NoPasswords
}

// home is where a role begins its work.
func home(r ticket.Role) string { return templates.SignedIn{Role: r}.Home() }

// afterSignIn is the page that was asked for before signing in, or where the
// role begins.
func afterSignIn(next string, r ticket.Role) string {
	if next = pageAfterSignIn(next); next == "/desk" {
		return home(r)
	}
	return next
}

// permitted lets pass whose role carries the permission.
func (k *console) permitted(p ticket.Permission) gin.HandlerFunc {
	return func(c *gin.Context) {
		if !memberOf(c).Role.May(p) {
			v := consoleMessage{Frame: k.staffFrame(c, "console.forbidden.title"),
				Text: k.say(c, "console.forbidden.text", "role", k.say(c, "role."+string(memberOf(c).Role)))}
			k.page(c, http.StatusForbidden, "console/message", v)
			return
		}
		c.Next()
	}
}
