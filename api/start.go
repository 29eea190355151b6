package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// startView is the first page: what there is to choose from.
type startView struct {
	templates.Frame
	Kinds []ticket.Kind
}

// start shows what one needs, how long it takes, and the kinds to choose from.
func (s *server) start(c *gin.Context) {
	s.page(c, http.StatusOK, "start", startView{Frame: s.frame(c, "form.start.title"), Kinds: ticket.Kinds()})
}

// privacyView is the privacy notice of the desk itself.
type privacyView struct {
	templates.Frame
	Kept      []keptField
	Retention int // days
	CodeDays  int // how long an unproved request waits
}

// keptField is a field kept after a cancellation, and the law that says so.
type keptField struct{ Name, Basis string }

// privacy says what the desk asks for, why, and when it is gone again.
func (s *server) privacy(c *gin.Context) {
	terms := s.Policy.Kinds[ticket.AccountCancellation]
	s.page(c, http.StatusOK, "privacy", privacyView{Frame: s.frame(c, "form.privacy.title"),
		Kept: s.kept(s.Policy), Retention: terms.Retention, CodeDays: terms.Verification.Expires})
}

func (s *server) kept(p *ticket.Policy) (out []keptField) {
	for _, r := range p.Retain {
		out = append(out, keptField{Name: r.Field, Basis: r.Basis})
	}
	return out
}
