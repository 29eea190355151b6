package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// An Idempotency-Key names a request once and for all. Filing under one gives
// one ticket for ever, so a key must not be one that somebody else may choose
// too: 22 characters hold 128 random bits, a UUID has 36.
const (
	v1KeyHeader  = "Idempotency-Key"
	v1KeyLeast   = 22
	v1KeyMost    = 128
	v1KeyPattern = "^[A-Za-z0-9._~-]+$"
	v1Replayed   = "Idempotent-Replayed"
)

var v1KeyShape = regexp.MustCompile(v1KeyPattern)

func isV1Key(s string) bool {
	return len(s) >= v1KeyLeast && len(s) <= v1KeyMost && v1KeyShape.MatchString(s) &&
		strings.Trim(s, s[:1]) != "" // at least two different characters
}

// once reads the body of a request that changes something, and sees to it that
// the same request under the same key is carried out once.
func (a *v1) once(ctx huma.Context, next func(huma.Context)) {
	o, call := v1OpOf(ctx), callOf(ctx.Context())
	if !o.changes() {
		next(ctx)
		return
	}
	body, err := a.readBody(call, o)
	if err == nil {
		call.key, err = v1KeyOf(call, o)
	}
	if err != nil {
		a.refuse(ctx, err)
		return
	}
	if call.key == "" {
		next(ctx)
		return
	}
	scope, now := a.scope(call), a.Now()
	saved, err := a.Store.BeginIdempotent(ctx.Context(), scope, call.key, requestPrint(call, body), now)
	switch {
	case err != nil:
		a.refuse(ctx, keyTrouble(err))
	case saved != nil:
		ctx.SetHeader(v1Replayed, "true")
		ctx.SetHeader("Content-Type", saved.ContentType)
		ctx.SetStatus(saved.Status)
		_, _ = ctx.BodyWriter().Write(saved.Body)
	default:
		a.carryOut(ctx, next, o, scope)
	}
}

func keyTrouble(err error) error {
	switch {
	case errors.Is(err, store.ErrConflict):
		return v1Fault{code: v1KeyReused, in: "header", field: v1KeyHeader}
	case errors.Is(err, store.ErrInProgress):
		return v1Fault{code: v1InProgress, wait: 1}
	}
	return err
}

// carryOut holds the answer back until it is kept, so that a request repeated
// after it finds it. Only what was done is kept: what was refused or failed may
// be tried again under the same key.
func (a *v1) carryOut(ctx huma.Context, next func(huma.Context), o v1Op, scope string) {
	call := callOf(ctx.Context())
	w := &heldResponse{ResponseWriter: call.gin.Writer, status: http.StatusOK}
	call.gin.Writer = w
	after := context.WithoutCancel(ctx.Context())
	done := false
	defer func() {
		call.gin.Writer = w.ResponseWriter
		if done {
			return
		}
		if err := a.Store.AbandonIdempotent(after, scope, call.key); err != nil {
			a.Log.Warn("forgetting a request", "route", route(call.gin), "why", err)
		}
	}()
	next(huma.WithContext(ctx, desk.UnderKey(ctx.Context(), scope+"/"+call.key)))
	if w.status < 300 && o.key != v1Unstored {
		err := a.Store.FinishIdempotent(after, scope, call.key, w.status, w.Header().Get("Content-Type"), w.body.Bytes())
		if err != nil { // the act has been done all the same
			a.Log.Error("keeping an answer", "route", route(call.gin), "why", err)
		}
		done = true
	}
	w.ResponseWriter.WriteHeader(w.status)
	_, _ = w.ResponseWriter.Write(w.body.Bytes())
}

// heldResponse holds an answer back.
type heldResponse struct {
	gin.ResponseWriter
	status int
	body   bytes.Buffer
}

func (w *heldResponse) WriteHeader(status int)      { w.status = status }
func (w *heldResponse) WriteHeaderNow()             {}
func (w *heldResponse) Status() int                 { return w.status }
func (w *heldResponse) Size() int                   { return w.body.Len() }
func (w *heldResponse) Written() bool               { return false }
func (w *heldResponse) Write(b []byte) (int, error) { return w.body.Write(b) }
func (w *heldResponse) WriteString(s string) (int, error) {
	return w.body.WriteString(s)
}

// readBody reads the body whole, within the operation's limit.
func (a *v1) readBody(call *v1Call, o v1Op) ([]byte, error) {
	limit := o.body
	if limit == 0 {
		limit = smallBody
	}
	r := call.gin.Request
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	var full *crowded
	switch {
	case errors.As(err, &full) && full.status == http.StatusTooManyRequests:
		return nil, ticket.Refuse(desk.CodeTooManyTries, "retry_at", full.retryAt.Format(time.RFC3339))
	case errors.As(err, &full):
		return nil, v1Fault{code: v1Crowded, wait: max(int(full.retryAt.Sub(a.Now()).Seconds()), 1)}
	case errors.Is(err, errSlowBody):
		return nil, v1Fault{code: v1SlowBody}
	case isTooLarge(err), int64(len(body)) > limit:
		return nil, v1Fault{code: v1BodyTooLarge}
	case err != nil:
		return nil, v1Fault{code: v1BodyMalformed}
	case o.bodyless && len(bytes.TrimSpace(body)) > 0 && string(bytes.TrimSpace(body)) != "{}":
		return nil, v1Fault{code: v1BodyUnexpected}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

func v1KeyOf(call *v1Call, o v1Op) (string, error) {
	if o.method != http.MethodPost {
		return "", nil // done twice is done once
	}
	key := call.gin.GetHeader(v1KeyHeader)
	switch {
	case key == "" && o.key == v1Required:
		return "", v1Fault{code: v1KeyMissing, in: "header", field: v1KeyHeader}
	case key != "" && !isV1Key(key):
		return "", v1Fault{code: v1KeyWeak, in: "header", field: v1KeyHeader}
	}
	return key, nil
}

// scope is whose keys these are.
func (a *v1) scope(call *v1Call) string {
	switch {
	case call.agent.ID != "":
		return "agent/" + string(call.agent.ID)
	case call.ticket.Number != "":
		return "ticket/" + string(call.ticket.Number)
	}
	return "public"
}

// requestPrint is the same for two requests only if they ask for the same.
func requestPrint(call *v1Call, body []byte) string {
	h, r := sha256.New(), call.gin.Request
	media, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if b := params["boundary"]; b != "" { // it differs from try to try
		body = bytes.ReplaceAll(body, []byte(b), nil)
	}
	for _, part := range []string{r.Method, r.URL.Path, r.URL.RawQuery, media, r.Header.Get(v1UploadHeader)} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}
