package api

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// page renders a page whole before it sends the first byte, so that a fault
// never leaves half a page.
func (s *server) page(c *gin.Context, status int, name string, view any) {
	var b bytes.Buffer
	if err := s.Templates.Page(&b, name, locale(c), view); err != nil {
		s.Log.Error("page", "name", name, "route", route(c), "why", err)
		c.Data(http.StatusInternalServerError, "text/plain; charset=utf-8", []byte("500\n"))
		c.Abort()
		return
	}
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
	c.Abort()
}

// frame begins a page: its title is a sentence of the catalogue.
func (s *server) frame(c *gin.Context, title string, facts ...any) templates.Frame {
	return templates.Frame{Title: s.say(c, title, facts...), Locale: locale(c), Path: c.Request.URL.Path,
		Operator: s.Templates.Operator()}
}

// say is a sentence of the catalogue in the language of the answer.
func (s *server) say(c *gin.Context, key string, facts ...any) string {
	return s.Templates.Words().T(locale(c), key, facts...)
}

// sentence is a key of the catalogue if it has it, else the bare word.
func (s *server) sentence(c *gin.Context, key, bare string) string {
	if s.Templates.Words().Has(locale(c), key) {
		return s.say(c, key)
	}
	return bare
}

// refusal is a refusal in words: about an input, if it names one, else about the
// page as a whole. Instants are told in the zone of the desk's calendar.
func (s *server) refusal(c *gin.Context, e *ticket.Error) templates.Problem {
	local := ticket.Error{Code: e.Code, Field: e.Field, Facts: maps.Clone(e.Facts)}
	if zone, err := s.Planner.Zone(c.Request.Context(), s.Policy.Calendar); err == nil {
		for name, v := range local.Facts {
			if at, err := time.Parse(time.RFC3339, v); err == nil {
				local.Facts[name] = at.In(zone).Format(time.RFC3339)
			}
		}
	}
	return templates.Problem{Field: e.Field, Name: s.inputName(c, e.Field), Text: s.Templates.Words().Refusal(locale(c), &local)}
}

// zone is the time zone in which a ticket's days are counted and shown.
func (s *server) zone(ctx context.Context, ref ticket.PolicyRef) (*time.Location, error) {
	p, err := s.Planner.Policy(ctx, ref)
	if err != nil {
		return nil, err
	}
	return s.Planner.Zone(ctx, p.Calendar)
}

// deadline is a ticket's reply deadline as pages show it.
func (s *server) deadline(ctx context.Context, t store.Ticket) (templates.Deadline, error) {
	zone, err := s.zone(ctx, t.Policy)
	if err != nil {
		return templates.Deadline{}, err
	}
	now := s.Now()
	left, err := s.Planner.DaysLeft(ctx, t.Policy, now, t.ReplyDue)
	if err != nil {
		return templates.Deadline{}, err
	}
	return templates.NewDeadline(t.ReplyDue.In(zone), now, t.Provisional, left, t.SLA), nil
}
