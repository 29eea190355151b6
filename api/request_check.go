package api

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// checkView is "check your answers". The answers travel in hidden inputs too, so
// that they survive whatever happens between this page and the next.
type checkView struct {
	templates.Frame
	Kind    ticket.Kind
	Token   string
	Answers []answer
	Changes []changeAnswer
	Uploads []store.Upload
	Hidden  []hidden
}

// answer is a line of the summary: the name of the input, for its label, and
// what was typed or the catalogue key of what was chosen.
type answer struct {
	Label, Text, Key string
}

type changeAnswer struct {
	Field, Old, Proposed string
}

type hidden struct{ Name, Value string }

// requestCheck goes on to the answers, if nothing is left to mend.
func (s *server) requestCheck(c *gin.Context, d *draft, uploads []store.Upload, problems []templates.Problem) {
	r := d.request(locale(c))
	problems = append(problems, s.problemsOf(c, d, "form.label.", "form.need.", s.Desk.Check(c.Request.Context(), &r))...)
	if len(problems) > 0 {
		s.showForm(c, http.StatusUnprocessableEntity, d, uploads, problems)
		return
	}
	d.adopt(r)
	s.showCheck(c, http.StatusOK, d, uploads, nil)
}

func (s *server) showCheck(c *gin.Context, status int, d *draft, uploads []store.Upload, problems []templates.Problem) {
	v := checkView{Frame: s.frame(c, "form.check.title"), Kind: d.Kind, Token: d.Token, Uploads: uploads,
		Answers: answers(d), Hidden: hiddenInputs(d.Values)}
	v.Path, v.SwitchForm, v.Problems = "/request/"+string(d.Kind), "check", problems
	if d.Kind == ticket.InfoCorrection {
		for i := range d.rows() {
			v.Changes = append(v.Changes, changeAnswer{Field: nth(d.Values[inputRowField], i),
				Old: nth(d.Values[inputRowOld], i), Proposed: nth(d.Values[inputRowChange], i)})
		}
	}
	s.page(c, status, "request/check", v)
}

// answers lists what was given, in the order of the form. What was left out is
// not listed.
func answers(d *draft) (out []answer) {
	for _, name := range formOrder {
		v := d.Values.Get(name)
		if v == "" {
			continue
		}
		a := answer{Label: name, Text: v}
		switch name {
		case desk.InputCategory, desk.InputRelation:
			a.Text, a.Key = "", name+"."+v
		case desk.InputText, desk.InputAccount:
			a.Label = name + "." + string(d.Kind)
		}
		out = append(out, a)
	}
	return out
}

func hiddenInputs(values url.Values) (out []hidden) {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range values[name] {
			out = append(out, hidden{Name: name, Value: v})
		}
	}
	return out
}
