package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/oauth2"

	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// signInCookie is of the browser that went to the operator's provider; signInKept
// stands before the state of what is kept meanwhile.
const (
	signInCookie = "ticket-sign-in"
	signInKept   = "sign-in:"
)

// offersAccountSignIn reports whether the account can be proved by signing in.
func (s *server) offersAccountSignIn(p *ticket.Policy, t store.Ticket) bool {
	return s.signIn != nil && p.Kinds[t.Kind].Verification.Level >= ticket.LevelAccount && !t.State.Account.ByHand &&
		slices.Contains(s.Desk.Offered(p, ticket.LevelAccount), ticket.MethodSignIn)
}

// ticketSignIn sends the browser to the operator's provider. It is a link and
// changes nothing: what it begins is of use only to whoever can sign in there.
func (s *server) ticketSignIn(c *gin.Context) {
	_, t, ok := s.session(c)
	if !ok {
		return
	}
	if s.signIn == nil {
		s.fault(c, http.StatusNotFound)
		return
	}
	if c.Query(queryOf) != string(t.Number) {
		s.otherTicket(c)
		return
	}
	if !s.allowed(c, "person-sign-in", mostSignIns) {
		return
	}
	state, browser := seal.NewToken(), seal.NewToken()
	try := signOnTry{Browser: browser, Nonce: seal.NewToken(), Verifier: oauth2.GenerateVerifier(), Next: string(t.Number),
		Until: s.Now().Add(signOnFor)}
	to, err := s.signIn.address(state, try)
	if err != nil {
		s.signInFailed(c, err)
		return
	}
	text, err := json.Marshal(try)
	if err == nil {
		err = s.console.lockouts.kept.CommitCtx(c.Request.Context(), signInKept+state, text, time.Now().Add(signOnFor))
	}
	if err != nil {
		s.failed(c, err)
		return
	}
	s.setCookie(c, signInCookie, browser, int(signOnFor/time.Second))
	c.Redirect(http.StatusSeeOther, to)
}

// ticketSignedIn is where the provider sends the browser back to: once, with the
// state that this browser was given, for the ticket that it began with.
func (s *server) ticketSignedIn(c *gin.Context) {
	link, t, ok := s.session(c)
	if !ok {
		return
	}
	if s.signIn == nil {
		s.fault(c, http.StatusNotFound)
		return
	}
	ctx := c.Request.Context()
	try, err := s.triedFor(c, signInKept, signInCookie)
	if err == nil && try.Next != string(t.Number) {
		s.otherTicket(c)
		return
	}
	if err == nil && (c.Query("error") != "" || c.Query("code") == "") {
		err = signOnDenied
	}
	var said claims
	if err == nil {
		said, err = s.signIn.said(ctx, c.Query("code"), try)
	}
	if err != nil {
		s.signInFailed(c, err)
		return
	}
	proof, err := s.Desk.ProveBy(ctx, t.Number, ticket.MethodSignIn, desk.Typed{Account: said.text(s.signIn.needs[0])}, network(c))
	switch {
	case err != nil:
		s.failed(c, err)
	case proof.Result != store.CodeOK && proof.Refused == nil:
		s.showTicket(c, http.StatusForbidden, link.Proved, t, typedReply{}, []templates.Problem{s.problem(c, "", "track.sign_in.other")})
	case proof.Refused != nil && proof.Refused.Code != "already_verified":
		s.showTicket(c, s.refusedStatus(c, proof.Refused), link.Proved, t, typedReply{}, []templates.Problem{s.refusal(c, proof.Refused)})
	default:
		if err := s.beginSession(c, t.Number, true); err != nil {
			s.failed(c, err)
			return
		}
		to := "/ticket?done=code"
		if proof.Pending {
			to += "&later=yes"
		}
		c.Redirect(http.StatusSeeOther, to)
	}
}

// signInFailed says in words why it came to nothing, and repeats nothing of what
// came.
func (s *server) signInFailed(c *gin.Context, err error) {
	var why signOnRefusal
	if !errors.As(err, &why) {
		s.failed(c, err)
		return
	}
	s.Log.Warn("sign-in at the operator's provider came to nothing", "why", err)
	link, t, ok := s.session(c)
	if !ok {
		return
	}
	status, key := http.StatusForbidden, "track.sign_in.refused"
	switch why {
	case signOnStale:
		status, key = http.StatusBadRequest, "track.sign_in.stale"
	case signOnAway:
		status, key = http.StatusServiceUnavailable, "track.sign_in.away"
		c.Header("Retry-After", "30")
	}
	s.showTicket(c, status, link.Proved, t, typedReply{}, []templates.Problem{s.problem(c, "", key)})
}
