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
	token, err := s.Store.NewLink(c.Request.Context(), number, store.LinkTrack, proved, s.Now(), sessionLife)
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
	if err == nil && link.Purpose != store.LinkTrack {
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
		if c.Request.Method == http.MethodPost {
			_, _ = readForm(c) // what was typed comes back on the page of the fault
		}
		s.failed(c, err)
		return link, t, false
	}
	return link, t, true
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

// noTicket is the one answer for links that are unknown, expired or revoked, and
// for browsers without a session.
func (s *server) noTicket(c *gin.Context) {
	v := struct{ templates.Frame }{s.frame(c, "track.gone.title")}
	v.Path = "/ticket"
	s.page(c, http.StatusNotFound, "track/gone", v)
}

// ticketLeave ends the session, for who shares a computer.
func (s *server) ticketLeave(c *gin.Context) {
	s.setCookie(c, ticketCookie, "", -1)
	c.Redirect(http.StatusSeeOther, "/track")
}
