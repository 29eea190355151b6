package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// The parts of the document.
const (
	v1TagPublic   = "filing"
	v1TagPerson   = "one's own ticket"
	v1TagQueue    = "queue"
	v1TagTickets  = "tickets"
	v1TagActs     = "acts on a ticket"
	v1TagTeam     = "staff"
	v1TagCalendar = "calendar and deadlines"
	v1TagDocument = "about this interface"
)

func v1Tags() []*huma.Tag {
	return []*huma.Tag{
		{Name: v1TagPublic, Description: "For everybody: what may be filed, uploads, and filing"},
		{Name: v1TagPerson, Description: "For the person: with a ticket link"},
		{Name: v1TagQueue, Description: "For staff: which tickets there are"},
		{Name: v1TagTickets, Description: "For staff: all of one ticket, and filing for a person"},
		{Name: v1TagActs, Description: "For staff: each is decided by the ticket's workflow, which refuses in words"},
		{Name: v1TagTeam, Description: "Members of staff and tokens"},
		{Name: v1TagCalendar, Description: "Working days, schedules, and how a deadline came about"},
		{Name: v1TagDocument, Description: "The OpenAPI document, its schemas and problems"},
	}
}

func (a *v1) info() *huma.Info {
	return &huma.Info{Title: "rightsdesk", Version: v1Version, Description: "Everything that the public form and the agents' console do, for programs. " +
		"Times are RFC 3339 with their offset. Unknown fields and query parameters are refused. Failures are problem details (RFC 9457) " +
		"in the language of Accept-Language (zh-CN, en); none repeats what was sent. Every POST honours an Idempotency-Key."}
}

// v1SchemaName names the schema of a type: v1Receipt is Receipt.
func v1SchemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	return strings.TrimPrefix(strings.TrimPrefix(name, "V1"), "v1")
}

// v1ProblemKind explains a problem.
type v1ProblemKind struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Status int    `json:"status,omitempty" doc:"Absent: of one field, or 409"`
}

type (
	v1CodeName struct {
		Code string `path:"code" maxLength:"60"`
	}
	v1SchemaNameInput struct {
		Name string `path:"name" maxLength:"60"`
	}
	v1ProblemKindOutput struct{ Body v1ProblemKind }
	v1RawOutput         struct {
		ContentType string `header:"Content-Type" hidden:"true"`
		Body        []byte
	}
)

func (a *v1) documentRoutes() {
	op := func(id, path, returns, summary, about string) v1Op {
		return v1Op{id: id, method: http.MethodGet, path: path, tag: v1TagDocument, returns: returns, summary: summary, about: about}
	}
	addV1(a, op("get-openapi-json", "/openapi.json", "application/openapi+json", "This document as JSON", "OpenAPI 3.1."),
		func(context.Context, *struct{}) (*v1RawOutput, error) {
			return &v1RawOutput{"application/openapi+json", a.document}, nil
		})
	addV1(a, op("get-openapi-yaml", "/openapi.yaml", "application/openapi+yaml", "This document as YAML", "OpenAPI 3.1."),
		func(context.Context, *struct{}) (*v1RawOutput, error) {
			return &v1RawOutput{"application/openapi+yaml", a.yaml}, nil
		})
	addV1(a, op("get-schema", "/schemas/{name}", "application/schema+json", "The schema of an answer", "Where the Link header of an answer leads."),
		a.schema)
	addV1(a, op("get-problem", "/problems/{code}", "", "What a problem means", "Where the type of a problem leads."), a.problemKind)
}

func (a *v1) problemKind(ctx context.Context, in *v1CodeName) (*v1ProblemKindOutput, error) {
	if !a.knownCode(in.Code) {
		return nil, store.ErrNotFound
	}
	return &v1ProblemKindOutput{v1ProblemKind{Code: in.Code, Title: a.codeWords(locale(callOf(ctx).gin), in.Code),
		Status: v1Words[v1Code(in.Code)].status}}, nil
}

var schemaRef = regexp.MustCompile(`#/components/schemas/([A-Za-z0-9]+)`)

func (a *v1) schema(_ context.Context, in *v1SchemaNameInput) (*v1RawOutput, error) {
	schema, ok := a.api.OpenAPI().Components.Schemas.Map()[in.Name]
	if !ok {
		return nil, store.ErrNotFound
	}
	text, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	text = schemaRef.ReplaceAll(text, []byte(a.BaseURL+v1Prefix+"/schemas/$1"))
	return &v1RawOutput{"application/schema+json", text}, nil
}

// vocabulary is what may stand where a type of the vocabulary is asked for or
// given.
func vocabulary() map[reflect.Type][]any {
	return map[reflect.Type][]any{
		reflect.TypeFor[ticket.Kind]():          words(ticket.Kinds()),
		reflect.TypeFor[ticket.Category]():      words(ticket.Categories()),
		reflect.TypeFor[ticket.Stage]():         words(ticket.Stages()),
		reflect.TypeFor[ticket.Relation]():      words(ticket.Relations()),
		reflect.TypeFor[ticket.Locale]():        words(ticket.Locales()),
		reflect.TypeFor[ticket.Role]():          words(ticket.Roles()),
		reflect.TypeFor[ticket.SLAState]():      words(ticket.SLAStates()),
		reflect.TypeFor[ticket.RefusalReason](): words(ticket.RefusalReasons()),
		reflect.TypeFor[show]():                 words(shows()),
		reflect.TypeFor[ticket.Queue]():         words(ticket.AllQueues()),
	}
}

func words[T ~string](list []T) []any {
	out := make([]any, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

// finish tells the schemas the vocabulary, and writes the document.
func (a *v1) finish() {
	doc, lists := a.api.OpenAPI(), vocabulary()
	for name, schema := range doc.Components.Schemas.Map() {
		typ := doc.Components.Schemas.TypeFromRef("#/components/schemas/" + name)
		for field := range fieldsOf(typ) {
			key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			limit(schema.Properties[key], field.Type, lists)
		}
	}
	for _, item := range doc.Paths {
		if item.Get == nil {
			continue
		}
		for _, p := range item.Get.Parameters {
			if typ, ok := v1QueryTypes[p.Name]; ok && p.In == "query" {
				limit(p.Schema, typ, lists)
			}
		}
	}
	var err error
	if a.document, err = json.Marshal(doc); err == nil {
		a.yaml, err = doc.YAML()
	}
	if err != nil {
		panic(err) // types of ours that no JSON can be made of: every start fails
	}
}

// v1QueryTypes are the query parameters that are words of the vocabulary.
var v1QueryTypes = map[string]reflect.Type{"kind": reflect.TypeFor[ticket.Kind](), "stage": reflect.TypeFor[ticket.Stage](),
	"sla": reflect.TypeFor[ticket.SLAState](), "show": reflect.TypeFor[show]()}

// limit names what may stand in a property, if its type is of the vocabulary.
func limit(p *huma.Schema, typ reflect.Type, lists map[reflect.Type][]any) {
	if p == nil {
		return
	}
	if typ.Kind() == reflect.Slice && p.Items != nil {
		limit(p.Items, typ.Elem(), lists)
		return
	}
	if list, ok := lists[typ]; ok && len(p.Enum) == 0 {
		p.Enum = list
		p.PrecomputeMessages()
	}
}

// fieldsOf goes through the fields of a struct, embedded ones included.
func fieldsOf(typ reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		if typ == nil || typ.Kind() != reflect.Struct {
			return
		}
		for _, f := range reflect.VisibleFields(typ) {
			if f.IsExported() && !f.Anonymous && !yield(f) {
				return
			}
		}
	}
}
