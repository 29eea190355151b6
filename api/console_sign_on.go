package api

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/oauth2"

	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/templates"
)

const (
	signOnCookie = "desk-sign-on"   // of the browser that began
	signOnKept   = "sign-on:"       // before the state; no session's token has a colon
	signOnFor    = 10 * time.Minute // from the beginning to the end
)

// signOnBegin sends the browser to the provider.
func (k *console) signOnBegin(c *gin.Context) {
	if k.signOn == nil {
		k.fault(c, http.StatusNotFound)
		return
	}
	if !k.allowed(c, "sign-on", mostSignIns) {
		return
	}
	state, browser := seal.NewToken(), seal.NewToken()
	try := signOnTry{Browser: browser, Nonce: seal.NewToken(), Verifier: oauth2.GenerateVerifier(), Next: pageAfterSignIn(c.Query("next")),
		Until: k.Now().Add(signOnFor)}
	to, err := k.signOn.address(state, try)
	if err != nil {
		k.signOnFailed(c, err)
		return
	}
	text, err := json.Marshal(try)
	if err == nil {
		err = k.lockouts.kept.CommitCtx(c.Request.Context(), signOnKept+state, text, time.Now().Add(signOnFor))
	}
	if err != nil {
		k.failed(c, err)
		return
	}
	k.setCookie(c, signOnCookie, browser, int(signOnFor/time.Second))
	c.Redirect(http.StatusSeeOther, to)
}

// signOnDone is where the provider sends the browser back to.
func (k *console) signOnDone(c *gin.Context) {
	if k.signOn == nil {
		k.fault(c, http.StatusNotFound)
		return
	}
	if !k.allowed(c, "sign-on", mostSignIns) {
		return
	}
	ctx := c.Request.Context()
	try, err := k.signOnTaken(c)
	if err == nil && (c.Query("error") != "" || c.Query("code") == "") {
		err = signOnDenied
	}
	var who claimed
	if err == nil {
		who, err = k.signOn.exchange(ctx, c.Query("code"), try)
		k.roleGone(ctx, who, err)
	}
	var member store.Agent
	if err == nil {
		member, err = k.memberOfSignOn(ctx, who)
	}
	if err == nil {
		err = k.begin(c, member, "")
	}
	if err == nil {
		k.sessions.Put(ctx, sessionSignOn, true)
		if err = k.renewToken(c); err == nil {
			err = k.Store.SignedIn(ctx, member.ID, k.Now())
		}
	}
	if err != nil {
		k.signOnFailed(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, afterSignIn(try.Next, member.Role))
}

// signOnTaken is the try that the state names, once, for the browser that began
// it.
func (k *console) signOnTaken(c *gin.Context) (signOnTry, error) {
	return k.triedFor(c, signOnKept, signOnCookie)
}

func (k *server) triedFor(c *gin.Context, kept, cookie string) (signOnTry, error) {
	state, browser := c.Query("state"), k.cookie(c, cookie)
	k.setCookie(c, cookie, "", -1)
	if !isToken(state) || !isToken(browser) {
		return signOnTry{}, signOnStale
	}
	text, found, err := k.Store.TakeSession(c.Request.Context(), kept+state)
	if err != nil {
		return signOnTry{}, err
	}
	var try signOnTry
	if !found || json.Unmarshal(text, &try) != nil || !k.Now().Before(try.Until) ||
		subtle.ConstantTimeCompare([]byte(try.Browser), []byte(browser)) != 1 {
		return signOnTry{}, signOnStale
	}
	return try, nil
}

// memberOfSignOn is the member somebody is, made at their first sign-on. Their
// role is what the provider says now.
func (k *console) memberOfSignOn(ctx context.Context, who claimed) (store.Agent, error) {
	member, err := k.boundMember(ctx, who)
	if err != nil {
		return store.Agent{}, err
	}
	if member.Disabled {
		return store.Agent{}, signOnDisabled
	}
	if member.Role == who.role && member.Name == who.name && member.Email == who.email {
		return member, nil
	}
	var events []store.StaffEvent
	if member.Role != who.role {
		events = append(events, store.StaffEvent{At: k.Now(), Actor: member.ID, Act: store.StaffRoleChanged, Code: string(who.role)})
	}
	member.Role, member.Name, member.Email = who.role, who.name, who.email
	if err := k.Store.UpdateAgent(ctx, member, events...); err != nil {
		return store.Agent{}, err
	}
	return k.Store.Agent(ctx, member.ID)
}

// roleGone ends the sessions of who comes without a role, in whichever they were
// opened.
func (k *console) roleGone(ctx context.Context, who claimed, refusal error) {
	if !errors.Is(refusal, signOnNoRole) && !errors.Is(refusal, signOnManyRole) {
		return
	}
	member, err := k.Store.AgentBySubject(ctx, k.signOn.Issuer, who.subject)
	if err == nil {
		err = k.Store.EndSessions(ctx, member.ID)
	}
	if err != nil && !isNotFound(err) {
		k.Log.Error("sessions not ended", "member", member.ID, "why", err)
	}
}

// boundMember goes by who they are at the provider, not by the name alone: a name
// can be changed there, and given to somebody else.
func (k *console) boundMember(ctx context.Context, who claimed) (store.Agent, error) {
	issuer := k.signOn.Issuer
	member, err := k.Store.AgentBySubject(ctx, issuer, who.subject)
	if err == nil && member.ID != who.id {
		return store.Agent{}, signOnRenamed
	}
	if err == nil || !isNotFound(err) {
		return member, err
	}
	linked := store.StaffEvent{At: k.Now(), Actor: who.id, Act: store.StaffLinked}
	member, err = k.Store.Agent(ctx, who.id)
	switch {
	case isNotFound(err):
		added := store.StaffEvent{At: k.Now(), Actor: who.id, Act: store.StaffAdded, Code: string(who.role)}
		err = k.Store.CreateAgent(ctx, store.Agent{ID: who.id, Name: who.name, Email: who.email, Role: who.role,
			Subject: k.Store.SubjectHash(issuer, who.subject), CreatedAt: k.Now()}, added, linked)
	case err != nil:
	case member.Disabled:
		err = signOnDisabled
	case member.Subject != "" || !member.LastSeen.IsZero() && !k.NoPasswords:
		err = signOnTaken // bound to somebody else, or in use with a password
	default:
		err = k.Store.LinkSubject(ctx, who.id, issuer, who.subject, linked)
	}
	if errors.Is(err, store.ErrExists) { // at the same instant
		err = signOnTaken
	}
	if err != nil {
		return store.Agent{}, err
	}
	return k.Store.Agent(ctx, who.id)
}

// signOnFailed says in words why the sign-on came to nothing, and repeats nothing
// of what came.
func (k *console) signOnFailed(c *gin.Context, err error) {
	var why signOnRefusal
	if !errors.As(err, &why) {
		k.failed(c, err)
		return
	}
	k.Log.Warn("single sign-on refused", "why", err)
	status := http.StatusForbidden
	switch why {
	case signOnStale:
		status = http.StatusBadRequest
	case signOnAway:
		status = http.StatusServiceUnavailable
		c.Header("Retry-After", "30")
	}
	k.showSignIn(c, status, signInView{Frame: templates.Frame{
		Problems: []templates.Problem{{Text: k.say(c, "console.sign_on."+string(why))}}}})
}
