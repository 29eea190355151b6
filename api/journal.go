package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// logged writes one line for each request: the pattern of its route, never the
// path, query or body, since those may hold numbers, tokens and addresses.
func (s *server) logged(c *gin.Context) {
	begin := time.Now()
	c.Next()
	status, took := c.Writer.Status(), time.Since(begin)
	s.Metrics.Requested(method(c), route(c), status, took)
	level := slog.LevelInfo
	switch {
	case status >= http.StatusInternalServerError:
		level = slog.LevelError
	case probed(c):
		level = slog.LevelDebug
	}
	s.Log.LogAttrs(c.Request.Context(), level, "request",
		slog.String("method", method(c)), slog.String("route", route(c)), slog.Int("status", status),
		slog.Int("bytes", max(c.Writer.Size(), 0)), slog.Duration("took", took.Round(time.Microsecond)))
}

// probed reports a request of what watches over the processes, every few seconds.
func probed(c *gin.Context) bool { return route(c) == "/healthz" || route(c) == "/readyz" }

// traced makes a request a span, with the pattern of its route. It is the beginning
// of a trace: what the sender says of one of its own is not taken over.
func (s *server) traced(c *gin.Context) {
	if probed(c) || route(c) == "/static/*file" { // nobody looks for these
		c.Next()
		return
	}
	ctx, span := s.Tracer.Start(c.Request.Context(), method(c)+" "+route(c), trace.WithSpanKind(trace.SpanKindServer), trace.WithNewRoot(),
		trace.WithAttributes(attribute.String("http.request.method", method(c)), attribute.String("http.route", route(c))))
	defer span.End()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
	span.SetAttributes(attribute.Int("http.response.status_code", c.Writer.Status()))
	if c.Writer.Status() >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
}

// recovered turns a panic into the page for faults of ours. What was panicked
// with may hold what a person typed, so only its type is logged, unless it is
// an error of the Go runtime.
func (s *server) recovered(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v == http.ErrAbortHandler {
			panic(v)
		}
		what := fmt.Sprintf("%T", v)
		if e, ok := v.(runtime.Error); ok {
			what = e.Error()
		}
		s.Log.Error("panic", "route", route(c), "what", what, "stack", string(debug.Stack()))
		if c.Writer.Written() {
			c.Abort()
			return
		}
		s.fault(c, http.StatusInternalServerError)
	}()
	c.Next()
}

// route is the pattern of the route that answers the request.
func route(c *gin.Context) string {
	if p := c.FullPath(); p != "" {
		return p
	}
	return "none"
}

// method is the request's method, if it is one of HTTP's: a method can be any
// word of the sender's choice.
func method(c *gin.Context) string {
	switch m := c.Request.Method; m {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
