// Package tracing is the desk's OpenTelemetry traces: one leads from the request
// of a browser through the desk, the ticket's workflow and its activities to the
// mail server and the account system.
//
// No span holds personal data, free text or a secret. Attributes are the ticket's
// number, words of the product's vocabulary (kind, letter, act, status), route
// patterns, names of tables, and ids that Temporal draws. Errors show as the types
// and sentences that stand in Temporal's histories too, or as "failed".
//
// What a stranger sends along (traceparent, tracestate, baggage) is not taken
// over: whoever writes to the desk must not choose what its traces hold.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// scope names this program among all that makes spans.
const scope = "rightsdesk"

// Config says where traces go.
type Config struct {
	Endpoint string  // of an OTLP receiver over HTTP, such as http://collector:4318; empty: traces are off
	Share    float64 // of the traces that are kept, 0 to 1
	Service  string  // rightsdesk-api or rightsdesk-worker
	Version  string
	Log      *slog.Logger
}

// Tracing makes spans and sends them off. Its zero value, and nil, make none.
type Tracing struct {
	provider *sdk.TracerProvider
	sampler  sdk.Sampler
}

// Start begins to send traces. A receiver that is away costs nothing but the
// spans; it is said in the journal.
func Start(ctx context.Context, c Config) (*Tracing, error) {
	if c.Endpoint == "" {
		return nil, nil
	}
	to, err := receiver(c.Endpoint)
	if err != nil {
		return nil, err
	}
	if c.Share < 0 || c.Share > 1 {
		return nil, fmt.Errorf("the share of traces is %v; it must be between 0 and 1", c.Share)
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(to), otlptracehttp.WithTimeout(10*time.Second))
	if err != nil {
		return nil, errors.New("the address of the OTLP receiver can't be used")
	}
	return With(sdk.NewBatchSpanProcessor(journaled{exporter, c.Log}), c), nil
}

// With sends traces to a processor of the caller's.
func With(p sdk.SpanProcessor, c Config) *Tracing {
	sampler := sdk.TraceIDRatioBased(c.Share)
	return &Tracing{sampler: sampler, provider: sdk.NewTracerProvider(sdk.WithSpanProcessor(p), sdk.WithSampler(sdk.ParentBased(sampler)),
		sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", c.Service), attribute.String("service.version", c.Version))))}
}

// receiver completes the address of an OTLP receiver: /v1/traces where it names no
// path.
func receiver(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("it must be like http://collector:4318: OTLP over HTTP")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	return u.String(), nil
}

// Tracer makes spans.
func (t *Tracing) Tracer() trace.Tracer {
	if t == nil || t.provider == nil {
		return noop.NewTracerProvider().Tracer(scope)
	}
	return t.provider.Tracer(scope)
}

// Stop sends what has not been sent yet, for as long as ctx lasts.
func (t *Tracing) Stop(ctx context.Context) {
	if t != nil && t.provider != nil {
		_ = t.provider.Shutdown(ctx)
	}
}

// journaled is an exporter whose failures go to the journal, rather than to a
// handler that all of the process shares.
type journaled struct {
	sdk.SpanExporter
	log *slog.Logger
}

func (j journaled) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if err := j.SpanExporter.ExportSpans(ctx, spans); err != nil && j.log != nil {
		j.log.Warn("traces were not taken", "spans", len(spans), "error", err)
	}
	return nil
}
