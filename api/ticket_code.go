package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/templates"
)

// ticketCode tries a one-time code. A right one proves the person for the ticket
// and for this browser: the session gets a new link, that may read.
func (s *server) ticketCode(c *gin.Context) {
	link, t, ok := s.session(c)
	if !ok {
		return
	}
	form, err := readForm(c)
	if err != nil {
		s.failed(c, err)
		return
	}
	if strings.TrimSpace(form.Get("code")) == "" {
		s.showTicket(c, http.StatusUnprocessableEntity, link.Proved, t, typedReply{}, []templates.Problem{s.problem(c, "code", "track.code.need")})
		return
	}
	ctx := c.Request.Context()
	proof, err := s.Desk.Prove(ctx, t.Number, form.Get("code"), network(c))
	if err != nil {
		s.failed(c, err)
		return
	}
	if proof.Result != store.CodeOK {
		p, status := s.problem(c, "code", "track.code."+string(proof.Result)), http.StatusUnprocessableEntity
		if proof.Refused != nil {
			p, status = s.refusal(c, proof.Refused), s.refusedStatus(c, proof.Refused)
			p.Field = "code"
		}
		s.showTicket(c, status, link.Proved, t, typedReply{}, []templates.Problem{p})
		return
	}
	if err := s.beginSession(c, t.Number, true); err != nil {
		s.failed(c, err)
		return
	}
	if proof.Refused != nil {
		s.showTicket(c, http.StatusConflict, true, t, typedReply{}, []templates.Problem{s.refusal(c, proof.Refused)})
		return
	}
	to := "/ticket?done=code"
	if proof.Pending {
		to += "&later=yes"
	}
	c.Redirect(http.StatusSeeOther, to)
}

// ticketResend asks for another code. It goes where the first one went.
func (s *server) ticketResend(c *gin.Context) {
	if link, t, ok := s.session(c); ok {
		s.act(c, link.Proved, t, typedReply{}, "resend", s.Desk.ResendCode)
	}
}
