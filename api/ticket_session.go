package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

const (
	ticketCookie = "ticket"
	sessionLife  = 12 * time.Hour // of a session begun in the browser; a mailed link has its own
)

// beginSession gives the browser a session for a ticket: a link of its own, held
// in a cookie until the browser closes. Proved sessions see what was written.
func (s *server) beginSession(c *gin.Context, number ticket.Number, proved bool) error {
	if err := s.Store.EndSession(c.Request.Context(), s.cookie(c, ticketCookie)); err != nil { // it is replaced
		return err
	}
	token, err := s.Store.NewLink(c.Request.Context(), number, store.LinkSession, proved, s.Now(), sessionLife)
	if err != nil {
		return err
	}
	s.setCookie(c, ticketCookie, token, 0)
	return nil
}

// session finds the ticket of the browser's session. When there is none, or its
// link has expired, the answer has been given and ok is false.
func (s *server) session(c *gin.Context) (link store.Link, t store.Ticket, ok bool) {
	ctx := c.Request.Context()
	link, err := s.Store.LinkByToken(ctx, s.cookie(c, ticketCookie), s.Now())
	if err == nil && link.Purpose != store.LinkTrack && link.Purpose != store.LinkSession {
		err = store.ErrNotFound
	}
	if err == nil {
		t, err = s.Store.Ticket(ctx, link.Number)
	}
	if errors.Is(err, store.ErrNotFound) {
		s.noTicket(c)
		return link, t, false
	}
	if err != nil {
		s.failed(c, err)
		return link, t, false
	}
	if c.Request.Method == http.MethodPost && c.FullPath() != pathLeave && c.Query(queryOf) != string(t.Number) {
		s.otherTicket(c)
		return link, t, false
	}
	return link, t, true
}

// queryOf names, in the address of every form on a ticket's page, the ticket that
// the page showed. The browser holds one session: a link of another ticket opened
// in a second window, or by somebody else's page, takes its place, and what was
// written on the first page must not go to the second ticket.
const (
	queryOf   = "of"
	pathLeave = "/ticket/leave"
)

// otherTicket says that the page and the session are of two tickets. Nothing has
// been done.
func (s *server) otherTicket(c *gin.Context) {
	v := struct{ templates.Frame }{s.frame(c, "track.other.title")}
	v.Path = "/ticket"
	s.page(c, http.StatusConflict, "track/other", v)
}

// provedSession is session, for acts that only a proved person may do.
func (s *server) provedSession(c *gin.Context) (t store.Ticket, ok bool) {
	link, t, ok := s.session(c)
	if ok && !link.Proved {
		s.fault(c, http.StatusForbidden)
		return t, false
	}
	return t, ok
}

// provedForm is provedSession, and what the form says.
func (s *server) provedForm(c *gin.Context) (t store.Ticket, form *sentForm, ok bool) {
	if t, ok = s.provedSession(c); !ok {
		return t, nil, false
	}
	form, err := readForm(c)
	if err != nil {
		s.failed(c, err)
		return t, nil, false
	}
	return t, form, true
}

// noTicket is the one answer for links that are unknown, expired or revoked, and
// for browsers without a session.
func (s *server) noTicket(c *gin.Context) {
	v := struct{ templates.Frame }{s.frame(c, "track.gone.title")}
	v.Path = "/ticket"
	s.page(c, http.StatusNotFound, "track/gone", v)
}

// ticketLeave ends the session, for who shares a computer. A link that was mailed
// stays: it is in the mail.
func (s *server) ticketLeave(c *gin.Context) {
	if err := s.Store.EndSession(c.Request.Context(), s.cookie(c, ticketCookie)); err != nil {
		s.failed(c, err)
		return
	}
	s.setCookie(c, ticketCookie, "", -1)
	c.Redirect(http.StatusSeeOther, "/track")
}
