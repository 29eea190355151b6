package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// ticketReply sends the person's words and files. Files are kept like those of
// the form: one that can't be taken loses neither the words nor the others.
func (s *server) ticketReply(c *gin.Context) {
	t, ok := s.provedSession(c)
	if !ok {
		return
	}
	s.counts(c, budget{"ticket/" + string(t.Number), bytesOfTicket})
	form, err := beginForm(c)
	typed := typedReply{Token: form.Get(inputToken), Text: form.Get(desk.InputText)}
	if !isToken(typed.Token) {
		typed.Token = seal.NewToken()
	}
	var problems []templates.Problem
	if err == nil {
		typed.Uploads, problems, err = s.keepReply(c, t, typed, form)
	}
	if isTooLarge(err) {
		s.showTicket(c, http.StatusRequestEntityTooLarge, true, t, typed,
			[]templates.Problem{s.problem(c, desk.InputFiles, "form.files.too_much")})
		return
	}
	if err != nil {
		s.failed(c, err)
		return
	}
	if len(problems) > 0 || form.Get(inputDo) != "" {
		s.showTicket(c, statusOf(problems), true, t, typed, problems)
		return
	}
	s.act(c, true, t, typed, "reply", func(ctx context.Context, n ticket.Number) (desk.Outcome, error) {
		return s.Desk.Reply(ctx, n, desk.Words{Text: typed.Text, FormToken: typed.Token})
	})
}

// keepReply stages the files of a reply under its token.
func (s *server) keepReply(c *gin.Context, t store.Ticket, typed typedReply, form *sentForm) ([]store.Upload, []templates.Problem, error) {
	ctx := c.Request.Context()
	err := s.Store.OnlyForm(ctx, typed.Token, s.cookie(c, ticketCookie))
	if err != nil {
		return nil, nil, err
	}
	err = s.Store.SaveForm(ctx, store.Form{Token: typed.Token, Kind: t.Kind, Locale: locale(c),
		Values: map[string][]string{desk.InputText: {typed.Text}}})
	if err != nil {
		return nil, nil, err
	}
	if id, ok := strings.CutPrefix(form.Get(inputDo), "remove:"); ok {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			if err := s.Store.RemoveUpload(ctx, typed.Token, n); err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, nil, err
			}
		}
	}
	problems, err := s.stage(c, typed.Token, form)
	if err != nil {
		return nil, nil, err
	}
	uploads, err := s.Store.Uploads(ctx, typed.Token)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return uploads, problems, err
}
