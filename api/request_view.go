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
		MaxMB: desk.MaxFileBytes >> 20, Kept: s.kept(s.Policy), Retention: terms.Retention}
	v.Path, v.SwitchForm = "/request/"+string(d.Kind), "request"
	v.Problems = inFormOrder(problems)
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

func inFormOrder(problems []templates.Problem) []templates.Problem {
	place := func(p templates.Problem) int {
		if strings.HasPrefix(p.Field, "change-") {
			return slices.Index(formOrder, desk.InputChanges)
		}
		if i := slices.Index(formOrder, p.Field); i >= 0 {
			return i
		}
		return len(formOrder)
	}
	out := slices.Clone(problems)
	slices.SortStableFunc(out, func(a, b templates.Problem) int { return place(a) - place(b) })
	return out
}

// problemsOf puts the desk's errors in words. A field has its own sentence for
// being empty, where the catalogue has one: "Enter your name".
func (s *server) problemsOf(c *gin.Context, d *draft, errs []desk.FieldError) (out []templates.Problem) {
	for _, e := range errs {
		out = append(out, templates.Problem{Field: d.inputOf(e), Text: s.fieldError(c, e)})
	}
	return out
}

func (s *server) fieldError(c *gin.Context, e desk.FieldError) string {
	w := s.Templates.Words()
	if key := "form.need." + e.Field; e.Code == desk.CodeRequired && w.Has(locale(c), key) {
		return w.T(locale(c), key)
	}
	why := w.Refusal(locale(c), &ticket.Error{Code: e.Code, Facts: e.Facts})
	if field, ok := strings.CutPrefix(e.Field, "change."); ok {
		name, _, _ := strings.Cut(field, ".")
		return s.say(c, "form.change.wrong", "field", s.say(c, "field."+name), "why", why)
	}
	return why
}
