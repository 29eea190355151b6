package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

const (
	// formLife is for how long what was typed and uploaded is kept, at most.
	formLife = store.FormLifetime

	// How often one network may post the form, and file with it, in an hour.
	// Many people may share one address; a flood still ends.
	mostPosts   = 600
	mostFilings = 200
)

// requestPost takes what was typed so far and does what the pressed button says:
// add or remove a row or a file, change the language, or go on to the answers.
// Whatever is wrong, the form comes back with everything that was in it.
func (s *server) requestPost(c *gin.Context) {
	kind, ok := ticket.ParseOne(c.Param("kind"), ticket.Kinds())
	if !ok {
		s.fault(c, http.StatusNotFound)
		return
	}
	if !s.allowed(c, "form", mostPosts) {
		return
	}
	form, err := beginForm(c)
	d := newDraft(kind, form.Values)
	s.switchLanguage(c, form)
	var uploads []store.Upload
	var problems []templates.Problem
	if err == nil {
		uploads, problems, err = s.keep(c, d, form)
	}
	if isTooLarge(err) {
		s.showForm(c, http.StatusRequestEntityTooLarge, d, s.uploadsOf(c, d),
			[]templates.Problem{s.problem(c, desk.InputFiles, "form.files.too_much")})
		return
	}
	if err != nil {
		s.keepOnPage(c, d, err)
		return
	}
	s.press(c, d, form, uploads, problems)
}

// press does what the button says.
func (s *server) press(c *gin.Context, d *draft, form *sentForm, uploads []store.Upload, problems []templates.Problem) {
	do, which, _ := strings.Cut(form.Get(inputDo), ":")
	switch {
	case form.Get(inputLang) != "" || do == "edit" || do == "upload" || do == "remove":
	case do == "add_row":
		if d.rows() < len(s.Policy.Fields) {
			d.addRow("", "", "")
		}
	case do == "remove_row":
		n, _ := strconv.Atoi(which)
		d.dropRow(n)
	default:
		s.requestCheck(c, d, uploads, problems)
		return
	}
	s.showForm(c, statusOf(problems), d, uploads, problems)
}

// keep stores what was typed and uploaded, for an hour at most, and removes the
// file whose button was pressed.
func (s *server) keep(c *gin.Context, d *draft, form *sentForm) ([]store.Upload, []templates.Problem, error) {
	ctx := c.Request.Context()
	if kept, err := s.Store.Form(ctx, d.Token); err == nil && kept.Number != "" {
		d.Token = seal.NewToken() // sent already: who goes back and writes on writes a new request
	}
	if id, ok := strings.CutPrefix(form.Get(inputDo), "remove:"); ok {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			if err := s.Store.RemoveUpload(ctx, d.Token, n); err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, nil, err
			}
		}
	}
	problems, err := s.stage(c, d.Token, form)
	if err != nil {
		return nil, nil, err
	}
	d.Values = url.Values{}
	d.take(form.Values) // some may have come after the files
	err = s.Store.SaveForm(ctx, store.Form{Token: d.Token, Kind: d.Kind, Locale: locale(c), Values: d.Values})
	if err != nil {
		return nil, nil, err
	}
	uploads, err := s.Store.Uploads(ctx, d.Token)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, nil, err
	}
	if listed, _ := strconv.Atoi(form.Get(inputSent)); listed > 0 && len(uploads) == 0 && form.Get(inputDo) == "" {
		problems = append(problems, s.problem(c, desk.InputFiles, "form.files.gone"))
	}
	return uploads, problems, nil
}

// keepOnPage answers when nothing could be stored: the form comes back as typed.
func (s *server) keepOnPage(c *gin.Context, d *draft, err error) {
	if !store.IsUnavailable(err) && !errors.Is(err, context.DeadlineExceeded) {
		s.failed(c, err)
		return
	}
	s.Log.Error("form not kept", "route", route(c), "why", err)
	c.Header("Retry-After", "30")
	s.showForm(c, http.StatusServiceUnavailable, d, nil, []templates.Problem{s.problem(c, "", "form.unavailable")})
}

// uploadsOf lists the files sent so far, or nothing when they can't be listed.
func (s *server) uploadsOf(c *gin.Context, d *draft) []store.Upload {
	uploads, err := s.Store.Uploads(c.Request.Context(), d.Token)
	if err != nil {
		return nil
	}
	return uploads
}

// switchLanguage follows the language switch of a page whose form it submitted.
func (s *server) switchLanguage(c *gin.Context, form *sentForm) {
	if l, ok := ticket.ParseOne(form.Get(inputLang), ticket.Locales()); ok {
		s.keepLocale(c, l)
	}
}

// problem is something to mend, in words of the catalogue.
func (s *server) problem(c *gin.Context, field, key string, facts ...any) templates.Problem {
	return templates.Problem{Field: field, Text: s.say(c, key, facts...)}
}

func statusOf(problems []templates.Problem) int {
	if len(problems) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}
