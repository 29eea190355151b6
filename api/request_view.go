package api

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// requestView is the form of a kind.
type requestView struct {
	templates.Frame
	Kind  ticket.Kind
	Token string
	Level ticket.Level
	Term  ticket.Term

	Relations  []option
	Categories []option
	Rows       []changeRow
	MoreRows   bool

	RelationNote, BehalfName, Name, Email, Phone, Account, Subject, Text string

	AccountNeeded bool
	Uploads       []store.Upload
	MayUpload     bool
	MaxFiles      int
	MaxMB         int
	LeastText     int // characters of a complaint
	Kept          []keptField
	Retention     int
}

// option is one of the values to choose from.
type option struct {
	ID, Value string
	Chosen    bool
}

// changeRow is one field to correct.
type changeRow struct {
	N                               int
	Fields                          []option
	Old, Proposed                   string
	FieldID, OldID, ProposedID      string
	WrongField, WrongOld, WrongProp string
	Bad, Removable                  bool
}

func options[T ~string](input string, list []T, chosen string) (out []option) {
	for i, v := range list {
		id := input
		if i > 0 {
			id += "-" + string(v)
		}
		out = append(out, option{ID: id, Value: string(v), Chosen: string(v) == chosen})
	}
	return out
}

// formOrder is the order of the inputs on the page, in which problems are told.
var formOrder = []string{desk.InputCategory, desk.InputSubject, desk.InputChanges, desk.InputText, desk.InputRelation,
	desk.InputRelationNote, desk.InputBehalfName, desk.InputName, desk.InputEmail, desk.InputPhone, desk.InputAccount}

// staffOrder is that of the form by which staff file.
var staffOrder = []string{desk.InputChannel, desk.InputReceivedAt, desk.InputLocale, desk.InputRelation, desk.InputRelationNote,
	desk.InputBehalfName, desk.InputName, desk.InputEmail, desk.InputPhone, desk.InputAccount, desk.InputCategory,
	desk.InputSubject, desk.InputChanges, desk.InputText}

// requestView computes the form page.
func (s *server) requestView(c *gin.Context, d *draft, uploads []store.Upload, problems []templates.Problem) requestView {
	terms := s.Policy.Kinds[d.Kind]
	get := d.Values.Get
	v := requestView{Frame: s.frame(c, "form."+string(d.Kind)+".title"), Kind: d.Kind, Token: d.Token,
		Level: terms.Verification.Level, Term: terms.Deadline,
		Relations:    options(desk.InputRelation, ticket.Relations(), cmp.Or(get(desk.InputRelation), string(ticket.Self))),
		Categories:   options(desk.InputCategory, ticket.Categories(), get(desk.InputCategory)),
		RelationNote: get(desk.InputRelationNote), BehalfName: get(desk.InputBehalfName), Name: get(desk.InputName),
		Email: get(desk.InputEmail), Phone: get(desk.InputPhone), Account: get(desk.InputAccount),
		Subject: get(desk.InputSubject), Text: get(desk.InputText), AccountNeeded: d.Kind != ticket.Complaint,
		Uploads: uploads, MayUpload: len(uploads) < desk.MaxFiles, MaxFiles: desk.MaxFiles,
		MaxMB: desk.MaxFileBytes >> 20, LeastText: desk.MinText, Kept: s.kept(s.Policy), Retention: terms.Retention}
	v.Path, v.SwitchForm = "/request/"+string(d.Kind), "request"
	v.Problems = inOrder(formOrder, problems)
	if d.Kind == ticket.InfoCorrection {
		v.Rows, v.MoreRows = s.changeRows(d, v.Frame), max(d.rows(), 1) < len(s.Policy.Fields)
	}
	return v
}

func (s *server) changeRows(d *draft, f templates.Frame) (rows []changeRow) {
	names := make([]string, 0, len(s.Policy.Fields))
	for _, field := range s.Policy.Fields {
		names = append(names, field.Name)
	}
	n := max(d.rows(), 1)
	for i := range n {
		r := changeRow{N: i + 1, Fields: options("", names, nth(d.Values[inputRowField], i)),
			Old: nth(d.Values[inputRowOld], i), Proposed: nth(d.Values[inputRowChange], i),
			FieldID: rowID(i+1, "field"), OldID: rowID(i+1, "old"), ProposedID: rowID(i+1, "proposed"), Removable: n > 1}
		r.WrongField, r.WrongOld, r.WrongProp = f.Wrong(r.FieldID), f.Wrong(r.OldID), f.Wrong(r.ProposedID)
		rows = append(rows, r)
	}
	return rows
}

func inOrder(order []string, problems []templates.Problem) []templates.Problem {
	place := func(p templates.Problem) int {
		if strings.HasPrefix(p.Field, "change-") {
			return slices.Index(order, desk.InputChanges)
		}
		if i := slices.Index(order, p.Field); i >= 0 {
			return i
		}
		return len(order)
	}
	out := slices.Clone(problems)
	slices.SortStableFunc(out, func(a, b templates.Problem) int { return place(a) - place(b) })
	return out
}

// problemsOf puts the desk's errors in words. A field has its own sentence for
// being empty, where the catalogue has one under need: "Enter your name". In the list
// of what is wrong it is called as its label calls it, where there is one under label.
func (s *server) problemsOf(c *gin.Context, d *draft, label, need string, errs []desk.FieldError) (out []templates.Problem) {
	for _, e := range errs {
		p := templates.Problem{Field: d.inputOf(e), Name: s.labelOf(c, label, e.Field, d.Kind), Text: s.fieldError(c, need, e)}
		if e.Row > 0 {
			p.Name = s.rowName(c, e)
		}
		out = append(out, p)
	}
	return out
}

func (s *server) fieldError(c *gin.Context, need string, e desk.FieldError) string {
	w := s.Templates.Words()
	if key := need + e.Field; e.Code == desk.CodeRequired && w.Has(locale(c), key) {
		return w.T(locale(c), key)
	}
	return w.Refusal(locale(c), &ticket.Error{Code: e.Code, Facts: e.Facts})
}

// rowName says in which row of the corrections something is wrong, and about
// which field, where one was chosen.
func (s *server) rowName(c *gin.Context, e desk.FieldError) string {
	if rest, ok := strings.CutPrefix(e.Field, "change."); ok {
		field, _, _ := strings.Cut(rest, ".")
		return s.say(c, "form.change.row_field", "n", e.Row, "field", s.say(c, "field."+field))
	}
	return s.say(c, "form.change.row", "n", e.Row)
}

// labelOf is an input's label on a form, which may be the kind's own.
func (s *server) labelOf(c *gin.Context, label, input string, kind ticket.Kind) string {
	of := s.sentence(c, label+input, s.inputName(c, input))
	return s.sentence(c, label+input+"."+string(kind), of)
}

// inputName is what an input is called in the summary of what is wrong, or
// nothing.
func (s *server) inputName(c *gin.Context, input string) string {
	return s.sentence(c, "input."+input, "")
}
