package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"rightsdesk/ticket"
)

// Names of the security schemes.
const (
	v1TicketLink = "ticketLink"
	v1AgentToken = "agentToken"
)

// v1Who says who may call an operation.
type v1Who int

const (
	v1Public v1Who = iota // anybody, within limits
	v1Caller              // anybody; a token, where one is sent, says whose call it is
	v1Holder              // who has a link to the ticket
	v1Proved              // who has one and has proved who they are
	v1Staff               // a member of staff, with the permission
)

// v1Key says what an operation does with an Idempotency-Key. All that change
// something honour one.
type v1Key int

const (
	v1Honoured v1Key = iota
	v1Required       // refused without one
	v1Unstored       // honoured while it runs; its answer is not kept
)

// v1Op describes one operation, for the router, the access checks and the
// document alike.
type v1Op struct {
	id, method, path string
	tag              string
	summary, about   string
	who              v1Who
	may              ticket.Permission
	key              v1Key
	status           int          // of success; 0: 200, or 204 without a body
	conflicts        bool         // the workflow, or how things stand, may refuse: 409
	bodyless         bool         // takes no body
	body             int64        // largest body; 0: smallBody
	bodies           []*v1Content // bodies that are not JSON
	example          any          // of the JSON body
	returns          string       // media type of the answer, if not JSON
}

// v1Content is a body that is not JSON.
type v1Content struct {
	mediaType string
	schema    *huma.Schema
}

const v1OpKey = "v1"

func v1OpOf(ctx huma.Context) v1Op { return ctx.Operation().Metadata[v1OpKey].(v1Op) }

func (o v1Op) changes() bool { return o.method != http.MethodGet }

// addV1 adds an operation. What do returns as an error becomes a problem.
func addV1[I, O any](a *v1, o v1Op, do func(context.Context, *I) (*O, error)) {
	huma.Register(a.api, a.operation(o), func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
}

func (a *v1) operation(o v1Op) huma.Operation {
	op := huma.Operation{
		OperationID: o.id, Method: o.method, Path: v1Prefix + o.path, Tags: []string{o.tag},
		Summary: o.summary, Description: o.about + o.permissionWords(), Security: o.security(),
		DefaultStatus: o.status, Metadata: map[string]any{v1OpKey: o},
		// The body is read before, within its limit. A deadline left on the
		// connection would end acts that wait for a workflow.
		MaxBodyBytes: -1, BodyReadTimeout: -1,
		Responses: o.responses(a.api.OpenAPI().Components.Schemas),
	}
	if o.method == http.MethodPost {
		op.Parameters = append(op.Parameters, o.keyParameter())
	}
	if o.example != nil {
		op.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{"application/json": {Example: o.example}}}
	}
	if len(o.bodies) > 0 {
		op.SkipValidateBody = true
		op.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{}}
		for _, b := range o.bodies {
			op.RequestBody.Content[b.mediaType] = &huma.MediaType{Schema: b.schema}
		}
	}
	return op
}

func (o v1Op) permissionWords() string {
	if o.who != v1Staff {
		return ""
	}
	var roles string
	for _, r := range ticket.Roles() {
		if r.May(o.may) {
			if roles != "" {
				roles += ", "
			}
			roles += string(r)
		}
	}
	return "\n\nRoles: " + roles + "."
}

func (o v1Op) security() []map[string][]string {
	switch o.who {
	case v1Holder, v1Proved:
		return []map[string][]string{{v1TicketLink: {}}}
	case v1Staff:
		return []map[string][]string{{v1AgentToken: {}}}
	case v1Caller:
		return []map[string][]string{{}, {v1TicketLink: {}}, {v1AgentToken: {}}}
	}
	return []map[string][]string{{}} // nothing is needed
}

func (o v1Op) keyParameter() *huma.Param {
	least, most := v1KeyLeast, v1KeyMost
	return &huma.Param{Name: v1KeyHeader, In: "header", Required: o.key == v1Required,
		Description: "Drawn at random by the client for this request, such as a UUID. The same key with the same body gives the same answer for 24 hours.",
		Schema:      &huma.Schema{Type: huma.TypeString, MinLength: &least, MaxLength: &most, Pattern: v1KeyPattern}}
}

// responses documents every way in which the operation can fail.
func (o v1Op) responses(schemas huma.Registry) map[string]*huma.Response {
	out := map[string]*huma.Response{}
	if o.returns != "" {
		out["200"] = &huma.Response{Description: "OK", Content: map[string]*huma.MediaType{
			o.returns: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	}
	problem := schemas.Schema(v1ProblemType, true, "")
	for _, status := range o.failures() {
		r := &huma.Response{Description: v1Failures[status],
			Content: map[string]*huma.MediaType{v1ProblemMedia: {Schema: problem}}}
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			r.Headers = map[string]*huma.Param{"Retry-After": {Description: "Seconds after which to try again",
				Schema: &huma.Schema{Type: huma.TypeInteger}}}
		}
		out[strconv.Itoa(status)] = r
	}
	return out
}

func (o v1Op) failures() []int {
	out := []int{http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusServiceUnavailable}
	if o.who != v1Public {
		out = append(out, http.StatusUnauthorized)
	}
	if o.who == v1Staff || o.who == v1Proved || o.who == v1Caller {
		out = append(out, http.StatusForbidden)
	}
	if o.changes() {
		out = append(out, http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if o.conflicts || o.method == http.MethodPost {
		out = append(out, http.StatusConflict)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// v1Failures are the failures in words, for the document.
var v1Failures = map[int]string{
	400: "The body is missing or is not what it says it is, or the Idempotency-Key is missing or weak",
	401: "There is no token, or it is unknown, expired or revoked",
	403: "The role does not allow this, or identity has to be proved first",
	404: "There is no such thing, or not for you: the answer is the same",
	408: "The body did not come in time",
	409: "Refused as things stand, in the words of the ticket's workflow; or the same request is still being worked on",
	413: "The body is larger than this operation takes",
	415: "The body is of another type than this operation takes",
	422: "A field has to be mended: errors names each, and how; or the Idempotency-Key was used for another request",
	429: "Too many tries: come back later",
	500: "A fault of ours",
	503: "The database or the workflow engine is away: try again after Retry-After",
}
