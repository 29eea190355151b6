package api

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// trackView asks for a number and an address.
type trackView struct {
	templates.Frame
	Number, Email string
	Sent          bool
}

// trackForm asks for the number and the address, to mail a new link.
func (s *server) trackForm(c *gin.Context) {
	s.page(c, http.StatusOK, "track/form", trackView{Frame: s.frame(c, "track.form.title")})
}

// trackRequestLink has a link mailed if number and address belong together. The
// answer says nothing about whether they do.
func (s *server) trackRequestLink(c *gin.Context) {
	form, err := readForm(c)
	if err != nil {
		s.failed(c, err)
		return
	}
	s.switchLanguage(c, form)
	v := trackView{Frame: s.frame(c, "track.form.title"), Number: form.Get("number"), Email: form.Get(desk.InputEmail)}
	v.SwitchForm = "track"
	if form.Get(inputLang) != "" {
		s.page(c, http.StatusOK, "track/form", v)
		return
	}
	if v.Number == "" {
		v.Problems = append(v.Problems, s.problem(c, "number", "track.form.need_number"))
	}
	if v.Email == "" {
		v.Problems = append(v.Problems, s.problem(c, desk.InputEmail, "form.need.email"))
	}
	status := http.StatusUnprocessableEntity
	if len(v.Problems) == 0 {
		err := s.Desk.RequestLink(c.Request.Context(), v.Number, v.Email, network(c))
		if err == nil {
			v.Frame, v.Sent = s.frame(c, "track.sent.title"), true
			s.page(c, http.StatusOK, "track/form", v)
			return
		}
		refused, ok := ticket.AsError(err)
		if !ok {
			s.failed(c, err)
			return
		}
		v.Problems = append(v.Problems, s.refusal(c, refused))
		status = s.refusedStatus(c, refused)
	}
	s.page(c, status, "track/form", v)
}

// trackOpenLink takes the token of a mailed link out of the address: into a
// cookie, and on to the page. It changes nothing about the ticket, since mail
// scanners open links too.
func (s *server) trackOpenLink(c *gin.Context) {
	token := c.Param("token")
	_, err := s.Store.LinkByToken(c.Request.Context(), token, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		s.noTicket(c)
		return
	}
	if err != nil {
		s.failed(c, err)
		return
	}
	s.setCookie(c, ticketCookie, token, 0)
	c.Redirect(http.StatusSeeOther, "/ticket")
}

// refusedStatus is the status of a page that shows a refusal: 429 when it was
// tried too often, 422 when an input can be mended, else 409.
func (s *server) refusedStatus(c *gin.Context, e *ticket.Error) int {
	switch {
	case e.Code == desk.CodeTooManyTries:
		if at, err := time.Parse(time.RFC3339, e.Facts["retry_at"]); err == nil {
			c.Header("Retry-After", strconv.Itoa(max(int(at.Sub(s.Now()).Seconds()), 1)))
		}
		return http.StatusTooManyRequests
	case e.Field != "":
		return http.StatusUnprocessableEntity
	}
	return http.StatusConflict
}
