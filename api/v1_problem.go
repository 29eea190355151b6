package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

const v1ProblemMedia = "application/problem+json"

var v1ProblemType = reflect.TypeFor[v1Problem]()

// v1Problem says what went wrong (RFC 9457). Nothing in it repeats what was sent.
type v1Problem struct {
	Type   string         `json:"type" format:"uri" doc:"The kind of problem; its address explains it"`
	Title  string         `json:"title" doc:"The kind of problem in words"`
	Status int            `json:"status" doc:"HTTP status"`
	Detail string         `json:"detail" doc:"This problem in words, in the language of Accept-Language"`
	Code   string         `json:"code" doc:"The kind of problem for programs: the last part of type"`
	Errors []v1FieldError `json:"errors,omitempty" nullable:"false" doc:"What has to be mended"`

	retryAfter int // seconds; 0: not said
}

// v1FieldError is one field to mend.
type v1FieldError struct {
	In      string   `json:"in" enum:"body,query,path,header" doc:"Where the field stands"`
	Field   string   `json:"field" doc:"The field: person.email, changes[0].proposed"`
	Code    string   `json:"code" doc:"What is wrong with it, for programs"`
	Detail  string   `json:"detail" doc:"How to mend it"`
	Allowed []string `json:"allowed,omitempty" nullable:"false" doc:"What may stand there, if that is a list"`
}

func (p *v1Problem) Error() string             { return p.Code }
func (p *v1Problem) GetStatus() int            { return p.Status }
func (p *v1Problem) ContentType(string) string { return v1ProblemMedia }

// GetHeaders are the headers that go with the problem.
func (p *v1Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	return h
}

// write answers with the problem outside of an operation's handler.
func (p *v1Problem) write(ctx huma.Context) {
	for name, values := range p.GetHeaders() {
		ctx.SetHeader(name, values[0])
	}
	ctx.SetHeader("Content-Type", v1ProblemMedia)
	ctx.SetHeader("Content-Language", string(locale(callOf(ctx.Context()).gin)))
	ctx.SetStatus(p.Status)
	enc := json.NewEncoder(ctx.BodyWriter())
	enc.SetEscapeHTML(false)
	_ = enc.Encode(p) // the client went away
}

// v1Fault is a problem of the interface itself: its code decides its status and
// words. A field named makes it one to mend.
type v1Fault struct {
	code      v1Code
	in, field string
	wait      int // seconds
}

func (f v1Fault) Error() string { return string(f.code) }

// v1Wrong are inputs to mend.
type v1Wrong []v1FieldError

func (w v1Wrong) Error() string { return string(v1Invalid) }

// wrong is one input of the body to mend, with a code of our own.
func wrong(field string, code v1Code) v1Wrong {
	return v1Wrong{{In: "body", Field: field, Code: string(code)}}
}

// engineWait and databaseWait are the seconds to wait for what is away.
const engineWait, databaseWait = 15, 30

// problem puts an error in words. What is no refusal is ours, and only logged:
// errors of store and desk hold no personal data.
func (a *v1) problem(ctx context.Context, err error) *v1Problem {
	var done *v1Problem
	var fault v1Fault
	var inputs v1Wrong
	var refusal *ticket.Error
	switch {
	case errors.As(err, &done):
		return done
	case errors.As(err, &fault):
		return a.faultProblem(ctx, fault)
	case errors.As(err, &inputs):
		return a.wrongProblem(ctx, inputs)
	case errors.As(err, &refusal):
		return a.refusalProblem(ctx, refusal)
	case errors.Is(err, store.ErrNotFound):
		return a.faultProblem(ctx, v1Fault{code: v1NotFound})
	case errors.Is(err, store.ErrLocked), errors.Is(err, store.ErrPurged):
		return a.refusalProblem(ctx, ticket.Refuse(desk.CodeTicketClosed))
	case errors.Is(err, store.ErrBadCursor):
		return a.wrongProblem(ctx, v1Wrong{{In: "query", Field: "after", Code: string(v1BadCursor)}})
	}
	code, wait := v1Internal, 0
	switch {
	case store.IsUnavailable(err):
		code, wait = v1DatabaseAway, databaseWait
	case desk.IsUnavailable(err):
		code, wait = v1EngineAway, engineWait
	case errors.Is(err, context.DeadlineExceeded):
		code, wait = v1DatabaseAway, databaseWait
	}
	if !errors.Is(err, context.Canceled) {
		a.Log.Error("request failed", "route", route(callOf(ctx).gin), "why", err)
	}
	return a.faultProblem(ctx, v1Fault{code: code, wait: wait})
}

func (a *v1) faultProblem(ctx context.Context, f v1Fault) *v1Problem {
	l := locale(callOf(ctx).gin)
	p := a.newProblem(string(f.code), f.code.status(), a.codeWords(l, string(f.code)))
	p.Detail, p.retryAfter = p.Title, f.wait
	if f.field != "" {
		p.Errors = []v1FieldError{{In: f.in, Field: f.field, Code: string(f.code), Detail: p.Detail}}
	}
	return p
}

func (a *v1) wrongProblem(ctx context.Context, inputs v1Wrong) *v1Problem {
	p := a.faultProblem(ctx, v1Fault{code: v1Invalid})
	l := locale(callOf(ctx).gin)
	for _, e := range inputs {
		if e.Detail == "" {
			e.Detail = a.codeWords(l, e.Code)
		}
		p.Errors = append(p.Errors, e)
	}
	return p
}

// refusalProblem is a refusal of the desk or of the ticket's workflow, in its
// words: about an input to mend, or about how things stand.
func (a *v1) refusalProblem(ctx context.Context, e *ticket.Error) *v1Problem {
	call := callOf(ctx)
	words := a.refusal(call.gin, e).Text
	if e.Field != "" {
		return a.wrongProblem(ctx, v1Wrong{{In: "body", Field: jsonField(desk.FieldError{Field: e.Field}), Code: e.Code, Detail: words}})
	}
	status, wait := http.StatusConflict, 0
	switch e.Code {
	case desk.CodeTooManyTries:
		status, wait = http.StatusTooManyRequests, 60
		if at, err := time.Parse(time.RFC3339, e.Facts["retry_at"]); err == nil {
			wait = max(int(at.Sub(a.Now()).Seconds()), 1)
		}
	case desk.CodeNotAllowed, "role_may_not":
		status = http.StatusForbidden
	}
	p := a.newProblem(e.Code, status, a.codeWords(locale(call.gin), e.Code))
	p.Detail, p.retryAfter = words, wait
	return p
}

func (s *server) newProblem(code string, status int, title string) *v1Problem {
	return &v1Problem{Type: s.BaseURL + v1Prefix + "/problems/" + code, Title: title, Status: status, Code: code}
}

// apiFaults are the codes of what goes wrong before an operation is found.
var apiFaults = map[int]v1Code{
	http.StatusBadRequest: v1BodyMalformed, http.StatusForbidden: v1CrossSite, http.StatusNotFound: v1NotFound,
	http.StatusMethodNotAllowed: v1WrongMethod, http.StatusRequestEntityTooLarge: v1BodyTooLarge, http.StatusRequestTimeout: v1SlowBody,
	http.StatusTooManyRequests: desk.CodeTooManyTries, http.StatusServiceUnavailable: v1DatabaseAway,
}

// apiFault answers a program about what went wrong before an operation was found,
// or in one that broke off.
func (s *server) apiFault(c *gin.Context, status int) {
	code, ok := apiFaults[status]
	if !ok {
		code, status = v1Internal, http.StatusInternalServerError
	}
	l := locale(c)
	p := s.newProblem(string(code), status, s.codeWords(l, string(code)))
	p.Detail = p.Title
	body, _ := json.Marshal(p)
	c.Header("Content-Type", v1ProblemMedia) // whatever the operation meant to say
	c.Header("Content-Language", string(l))
	c.Data(status, v1ProblemMedia, body)
	c.Abort()
}
