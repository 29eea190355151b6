package api

import (
	"net/url"
	"strconv"
	"strings"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// Inputs of the form that are the page's own affair.
const (
	inputToken     = "form"         // names the staged form
	inputDo        = "do"           // the button pressed; none: the form's main one
	inputLang      = "lang"         // the language switch was pressed
	inputSent      = "sent"         // how many files were listed as already sent
	inputRowField  = "change_field" // corrections: one each per row
	inputRowOld    = "change_old"
	inputRowChange = "change_new"
)

// draft is a request being written: what was typed, under the token that makes
// it one request however often it is sent.
type draft struct {
	Token  string
	Kind   ticket.Kind
	Values url.Values
}

// singles are the inputs that every kind's form may have once.
var singles = []string{desk.InputRelation, desk.InputRelationNote, desk.InputBehalfName, desk.InputName,
	desk.InputEmail, desk.InputPhone, desk.InputAccount, desk.InputCategory, desk.InputSubject, desk.InputText}

// newDraft takes from a sent form what belongs to the kind. A token that is none
// of ours is replaced: it would be guessable.
func newDraft(kind ticket.Kind, values url.Values) *draft {
	d := &draft{Token: values.Get(inputToken), Kind: kind, Values: url.Values{}}
	if !isToken(d.Token) {
		d.Token = seal.NewToken()
	}
	d.take(values)
	return d
}

func (d *draft) take(values url.Values) {
	for _, name := range singles {
		if v := values.Get(name); v != "" {
			d.Values.Set(name, v)
		}
	}
	if d.Kind != ticket.InfoCorrection {
		return
	}
	fields, old, proposed := values[inputRowField], values[inputRowOld], values[inputRowChange]
	for i := range max(len(fields), len(old), len(proposed)) {
		d.addRow(nth(fields, i), nth(old, i), nth(proposed, i))
	}
}

func (d *draft) addRow(field, old, proposed string) {
	d.Values.Add(inputRowField, field)
	d.Values.Add(inputRowOld, old)
	d.Values.Add(inputRowChange, proposed)
}

func (d *draft) rows() int { return len(d.Values[inputRowField]) }

// dropRow removes the nth row, counted from 1.
func (d *draft) dropRow(n int) {
	for _, name := range []string{inputRowField, inputRowOld, inputRowChange} {
		if v := d.Values[name]; n >= 1 && n <= len(v) {
			d.Values[name] = append(append([]string{}, v[:n-1]...), v[n:]...)
		}
	}
}

// empty reports that nothing was typed: only the token came.
func (d *draft) empty() bool { return len(d.Values) == 0 }

// request is the draft as the desk takes it.
func (d *draft) request(l ticket.Locale) desk.Request {
	v := d.Values
	r := desk.Request{FormToken: d.Token, Kind: d.Kind, Channel: ticket.ChannelWeb, Locale: l,
		Category: ticket.Category(v.Get(desk.InputCategory)), Relation: ticket.Relation(v.Get(desk.InputRelation)),
		Person: store.Person{Name: v.Get(desk.InputName), Email: v.Get(desk.InputEmail),
			Phone: v.Get(desk.InputPhone), Account: v.Get(desk.InputAccount)},
		OnBehalfOf:   store.Person{Name: v.Get(desk.InputBehalfName)},
		RelationNote: v.Get(desk.InputRelationNote), Subject: v.Get(desk.InputSubject), Text: v.Get(desk.InputText)}
	for i := range d.rows() {
		r.Changes = append(r.Changes, store.Change{Field: contract.FieldName(nth(v[inputRowField], i)),
			Old: nth(v[inputRowOld], i), Proposed: nth(v[inputRowChange], i)})
	}
	return r
}

// adopt takes over the values as the desk wrote them: without stray spaces,
// full-width digits and the like.
func (d *draft) adopt(r desk.Request) {
	d.Values = url.Values{}
	for name, v := range map[string]string{desk.InputRelation: string(r.Relation), desk.InputRelationNote: r.RelationNote,
		desk.InputBehalfName: r.OnBehalfOf.Name, desk.InputName: r.Person.Name, desk.InputEmail: r.Person.Email,
		desk.InputPhone: r.Person.Phone, desk.InputAccount: r.Person.Account, desk.InputCategory: string(r.Category),
		desk.InputSubject: r.Subject, desk.InputText: r.Text} {
		if v != "" {
			d.Values.Set(name, v)
		}
	}
	for _, change := range r.Changes {
		d.addRow(string(change.Field), change.Old, change.Proposed)
	}
}

// inputOf is the id of the input an error of the desk concerns: the fields of a
// correction stand in rows.
func (d *draft) inputOf(e desk.FieldError) string {
	if e.Row > 0 {
		which := "field"
		if i := strings.LastIndexByte(e.Field, '.'); i >= 0 {
			which = e.Field[i+1:]
		}
		return rowID(e.Row, which)
	}
	if e.Field == desk.InputChanges {
		return rowID(1, "field")
	}
	return e.Field
}

func rowID(n int, which string) string { return "change-" + strconv.Itoa(n) + "-" + which }

func nth(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// isToken reports whether s looks like a token of ours: 256 bits in base64url.
func isToken(s string) bool {
	if len(s) != 43 {
		return false
	}
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
