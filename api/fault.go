package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// faultView is the page for what went wrong.
type faultView struct {
	templates.Frame
	Status int
	When   time.Time // 429: when to come back
	Again  *again    // what was typed, ready to be sent once more
	Desk   bool      // the way back leads to the console
}

// again is what was typed in a form, so that nothing is lost while we are at
// fault: short values are kept hidden, long ones shown, to be copied.
type again struct {
	Action string
	Fields []typedField
	Files  bool // files were sent too; those have to be chosen again
}

type typedField struct {
	Name, ID, Value string
	Long            bool
}

// typedKey is where a handler that read a form leaves its values, for fault.
const typedKey = "typed"

// fault answers with the page for a status: 400, 403, 404, 405, 408, 413, 429, 500
// or 503. Programs get a problem document instead.
func (s *server) fault(c *gin.Context, status int) { s.faultAt(c, status, time.Time{}) }

// tooMany answers 429, with when to come back.
func (s *server) tooMany(c *gin.Context, retryAt time.Time) {
	wait := int(time.Until(retryAt).Seconds())
	if s.Now != nil {
		wait = int(retryAt.Sub(s.Now()).Seconds())
	}
	c.Header("Retry-After", strconv.Itoa(max(wait, 1)))
	s.faultAt(c, http.StatusTooManyRequests, retryAt)
}

// failed answers for an error: 503 when the database is away, else 500. What was
// typed is kept on the page. Errors of store and desk hold no personal data.
func (s *server) failed(c *gin.Context, err error) {
	status := http.StatusInternalServerError
	var full *crowded
	switch {
	case errors.As(err, &full) && full.status == http.StatusTooManyRequests:
		s.tooMany(c, full.retryAt)
		return
	case errors.As(err, &full):
		c.Header("Retry-After", seconds(full.retryAt.Sub(s.Now())))
		s.faultAt(c, full.status, full.retryAt)
		return
	case errors.Is(err, errSlowBody):
		status = http.StatusRequestTimeout
	case isTooLarge(err):
		status = http.StatusRequestEntityTooLarge
	case errors.Is(err, errBadForm):
		status = http.StatusBadRequest
	case store.IsUnavailable(err), errors.Is(err, context.DeadlineExceeded):
		status = http.StatusServiceUnavailable
		c.Header("Retry-After", "30")
		readUnread(c)
	}
	if status >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		s.Log.Error("request failed", "route", route(c), "why", err)
	}
	s.fault(c, status)
}

func (s *server) faultAt(c *gin.Context, status int, when time.Time) {
	if strings.HasPrefix(c.Request.URL.Path, "/api/") {
		s.apiFault(c, status)
		return
	}
	key := "fault." + strconv.Itoa(status)
	v := faultView{Frame: s.frame(c, key+".title"), Status: status, When: when,
		Desk: strings.HasPrefix(c.Request.URL.Path, "/desk")}
	if !when.IsZero() {
		if zone, err := s.Planner.Zone(c.Request.Context(), s.Policy.Calendar); err == nil {
			v.When = when.In(zone)
		}
	}
	if c.FullPath() != c.Request.URL.Path {
		v.Path = "/" // the language switch never leads where the sender wants it to
	}
	if status == http.StatusTooManyRequests || status >= http.StatusInternalServerError {
		v.Again = keptFrom(c)
		if v.Again != nil {
			v.SwitchForm = "again"
		}
	}
	s.page(c, status, "fault", v)
}

// keptFrom gathers what was typed in the form that could not be taken.
func keptFrom(c *gin.Context) *again {
	values, files := typed(c)
	if len(values) == 0 {
		return nil
	}
	a := &again{Action: c.Request.URL.Path, Files: files}
	if of, ok := ticket.ParseNumber(c.Query(queryOf)); ok {
		a.Action += "?" + queryOf + "=" + string(of)
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	n := 0
	for _, name := range names {
		if secret(name) {
			continue
		}
		for _, v := range values[name] {
			n++
			a.Fields = append(a.Fields, typedField{Name: name, ID: "again-" + strconv.Itoa(n), Value: v,
				Long: !isToken(v) && (len(v) > 40 || strings.Contains(v, "\n"))})
		}
	}
	return a
}

// secret reports an input that must not come back in a page.
func secret(name string) bool {
	return strings.Contains(name, "password") || name == "code" || name == "lang"
}

// readUnread reads a form that was posted and not read yet, so that what was typed
// comes back.
func readUnread(c *gin.Context) {
	_, read := c.Get(typedKey)
	if c.Request.Method == http.MethodPost && !read && c.Request.PostForm == nil && !strings.HasPrefix(c.Request.URL.Path, "/api/") {
		_, _ = readForm(c)
	}
}

func typed(c *gin.Context) (url.Values, bool) {
	if v, ok := c.Get(typedKey); ok {
		f := v.(*sentForm)
		return f.Values, f.files > 0 || f.next != nil
	}
	return c.Request.PostForm, false
}
