package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// requestSend files the request: from the receipt on it is a ticket. However
// often the same form is sent, it is one ticket.
func (s *server) requestSend(c *gin.Context) {
	kind, ok := ticket.ParseOne(c.Param("kind"), ticket.Kinds())
	if !ok {
		s.fault(c, http.StatusNotFound)
		return
	}
	form, err := readForm(c)
	if err != nil {
		s.failed(c, err)
		return
	}
	s.switchLanguage(c, form)
	d := newDraft(kind, form.Values)
	if d.empty() && !s.recall(c, d) {
		return // answered: filed already, or gone
	}
	if form.Get(inputLang) != "" {
		s.showCheck(c, http.StatusOK, d, s.uploadsOf(c, d), nil)
		return
	}
	if !s.allowed(c, "file", mostFilings) {
		return
	}
	receipt, wrong, err := s.Desk.File(c.Request.Context(), d.request(locale(c)))
	switch {
	case err != nil && (store.IsUnavailable(err) || errors.Is(err, context.DeadlineExceeded)):
		s.Log.Error("request not filed", "why", err)
		c.Header("Retry-After", "30")
		s.showCheck(c, http.StatusServiceUnavailable, d, nil, []templates.Problem{s.problem(c, "", "form.unavailable")})
	case err != nil:
		s.failed(c, err)
	case len(wrong) > 0:
		s.showForm(c, http.StatusUnprocessableEntity, d, s.uploadsOf(c, d), s.problemsOf(c, d, "form.label.", "form.need.", wrong))
	default:
		s.showReceipt(c, d, receipt)
	}
}

// recall finds what was typed by the form's token alone: a page that was
// restored or asks for another language. It reports whether the draft is there.
func (s *server) recall(c *gin.Context, d *draft) bool {
	kept, err := s.Store.Form(c.Request.Context(), d.Token)
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.showForm(c, http.StatusUnprocessableEntity, d, nil, []templates.Problem{s.problem(c, "", "form.gone")})
		return false
	case err != nil:
		s.failed(c, err)
		return false
	case kept.Number != "":
		s.showReceiptAgain(c, d, kept.Number)
		return false
	}
	d.take(kept.Values)
	return true
}

// receiptView is the page with the ticket's number.
type receiptView struct {
	templates.Frame
	Number   ticket.Number
	Kind     ticket.Kind
	Token    string
	Email    string
	Deadline templates.Deadline
	Level    ticket.Level
	Expires  int  // days in which identity has to be proved
	RealName bool // a field to be changed needs the real name as well
}

// showReceipt shows the number and what comes next. The browser gets a session
// for the ticket in which the code can be entered, but nothing can be read yet.
func (s *server) showReceipt(c *gin.Context, d *draft, r desk.Receipt) {
	if err := s.beginSession(c, r.Number, false); err != nil {
		// The ticket is safe; the person can still come by the link in the mail.
		s.Log.Error("no session after filing", "why", err)
	}
	terms := s.Policy.Kinds[d.Kind].Verification
	v := receiptView{Frame: s.frame(c, "form.receipt.title"), Number: r.Number, Kind: r.Kind, Token: d.Token, Email: r.Email,
		Deadline: templates.NewDeadline(r.ReplyDue, s.Now(), r.Provisional, r.DaysLeft, ticket.OnTrack),
		Level:    terms.Level, Expires: terms.Expires}
	for _, field := range d.Values[inputRowField] {
		rule, ok := s.Policy.Field(field)
		v.RealName = v.RealName || ok && rule.Level >= ticket.LevelReal
	}
	v.SwitchForm, v.Path = "receipt", "/ticket"
	s.page(c, http.StatusOK, "request/receipt", v)
}

// showReceiptAgain shows the receipt of a form that was filed before.
func (s *server) showReceiptAgain(c *gin.Context, d *draft, number ticket.Number) {
	r, err := s.Desk.Receipt(c.Request.Context(), number)
	if err != nil {
		s.failed(c, err)
		return
	}
	s.showReceipt(c, d, r)
}
