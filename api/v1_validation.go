package api

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"rightsdesk/desk"
	"rightsdesk/ticket"
)

// transform turns huma's errors, which repeat what was sent, into problems that
// don't, and links each answer to its schema.
func (a *v1) transform(ctx huma.Context, status string, v any) (any, error) {
	ctx.SetHeader("Content-Language", string(locale(callOf(ctx.Context()).gin)))
	if m, ok := v.(*huma.ErrorModel); ok {
		p := a.humaProblem(ctx.Context(), m)
		for name, values := range p.GetHeaders() {
			ctx.SetHeader(name, values[0])
		}
		v = p
	}
	if r := ctx.Operation().Responses[status]; r != nil {
		for _, media := range r.Content {
			if name, ok := strings.CutPrefix(media.Schema.Ref, "#/components/schemas/"); ok {
				ctx.SetHeader("Link", "<"+a.BaseURL+v1Prefix+"/schemas/"+name+">; rel=\"describedby\"")
			}
		}
	}
	return v, nil
}

func (a *v1) humaProblem(ctx context.Context, m *huma.ErrorModel) *v1Problem {
	switch m.Status {
	case http.StatusBadRequest:
		code := v1BodyMalformed
		if len(m.Errors) == 0 {
			code = v1BodyMissing
		}
		return a.faultProblem(ctx, v1Fault{code: code})
	case http.StatusNotAcceptable:
		return a.faultProblem(ctx, v1Fault{code: v1NotAcceptable})
	case http.StatusRequestEntityTooLarge:
		return a.faultProblem(ctx, v1Fault{code: v1BodyTooLarge})
	case http.StatusUnsupportedMediaType:
		return a.faultProblem(ctx, v1Fault{code: v1MediaType})
	case http.StatusUnprocessableEntity:
		var inputs v1Wrong
		for _, e := range m.Errors {
			inputs = append(inputs, a.humaInput(locale(callOf(ctx).gin), e))
		}
		return a.wrongProblem(ctx, inputs)
	}
	a.Log.Error("request failed", "route", route(callOf(ctx).gin), "why", "an answer of the router", "status", m.Status)
	return a.faultProblem(ctx, v1Fault{code: v1Internal})
}

// plainField is a name that a program may have sent as a field. Anything else
// may be somebody's text, and is not repeated.
var plainField = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.\-\[\]]{0,79}$`)

// humaInput takes from huma's sentence what our schema says, and nothing of what
// was sent.
func (a *v1) humaInput(l ticket.Locale, e *huma.ErrorDetail) v1FieldError {
	where, field, _ := strings.Cut(e.Location, ".")
	out := v1FieldError{In: where, Field: field}
	said := func(code string, facts ...string) {
		out.Code = code
		if _, ours := v1Words[v1Code(code)]; !ours {
			out.Detail = a.Templates.Words().Refusal(l, ticket.Refuse(code, facts...))
		}
	}
	after := func(prefix string) (string, bool) { return strings.CutPrefix(e.Message, prefix) }
	switch m := e.Message; {
	case strings.HasPrefix(m, "required "):
		said(desk.CodeRequired)
	case m == "unexpected property" || m == "unknown query parameter":
		said(string(v1UnknownField))
	case strings.Contains(m, "date-time") || strings.HasPrefix(m, "invalid date/time"):
		said(string(v1BadTime))
	case strings.HasPrefix(m, "expected number ") && strings.ContainsAny(m, "<>"):
		said(string(v1OutOfRange))
	case strings.HasPrefix(m, "expected array length"):
		said(string(v1Items))
	case m == "expected boolean" || m == "expected string" || m == "expected integer" || m == "expected number" ||
		m == "expected array" || m == "expected object" || m == "invalid integer" || m == "invalid boolean":
		said(string(v1WrongType))
	default:
		said(string(v1BadValue))
	}
	if name, ok := after("expected required property "); ok {
		name, _, _ = strings.Cut(name, " ")
		out.Field = strings.TrimPrefix(out.Field+"."+name, ".")
		said(desk.CodeRequired)
	}
	if list, ok := after(`expected value to be one of "`); ok {
		out.Allowed = strings.Split(strings.TrimSuffix(list, `"`), ", ")
		said(desk.CodeUnknownChoice)
	}
	if n, ok := after("expected length >= "); ok {
		said(desk.CodeTooShort, "min", n)
	}
	if n, ok := after("expected length <= "); ok {
		said(desk.CodeTooLong, "max", n)
	}
	if !plainField.MatchString(out.Field) {
		out.Field = ""
	}
	return out
}

// jsonNames are the desk's inputs as the JSON interface calls them, where the
// names differ.
var jsonNames = map[string]string{
	desk.InputName: "person.name", desk.InputEmail: "person.email", desk.InputPhone: "person.phone",
	desk.InputAccount: "person.account", desk.InputBehalfName: "on_behalf_of.name",
	desk.InputBehalfEmail: "on_behalf_of.email", desk.InputBehalfPhone: "on_behalf_of.phone", desk.InputFiles: "uploads",
}

// jsonField is where in the body an input of the desk stands. The fields of a
// correction are named by the policy and stand in a list.
func jsonField(e desk.FieldError) string {
	if name, ok := jsonNames[e.Field]; ok {
		return name
	}
	if e.Row > 0 {
		which := "field"
		if i := strings.LastIndexByte(e.Field, '.'); i >= 0 {
			which = e.Field[i+1:]
		}
		return "changes[" + strconv.Itoa(e.Row-1) + "]." + which
	}
	return e.Field
}

// inputErrors are the desk's errors, about the body of a filing.
func (a *v1) inputErrors(ctx context.Context, errs []desk.FieldError) v1Wrong {
	var out v1Wrong
	for _, e := range errs {
		out = append(out, v1FieldError{In: "body", Field: jsonField(e), Code: e.Code,
			Detail: a.fieldError(callOf(ctx).gin, "form.need.", e)})
	}
	return out
}
