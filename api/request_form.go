package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// requestForm shows the empty form of a kind.
func (s *server) requestForm(c *gin.Context) {
	kind, ok := ticket.ParseOne(c.Param("kind"), ticket.Kinds())
	if !ok {
		s.fault(c, http.StatusNotFound)
		return
	}
	s.showForm(c, http.StatusOK, newDraft(kind, nil), nil, nil)
}

// showForm shows a form with what was typed in it so far.
func (s *server) showForm(c *gin.Context, status int, d *draft, uploads []store.Upload, problems []templates.Problem) {
	s.page(c, status, "request/form", s.requestView(c, d, uploads, problems))
}
