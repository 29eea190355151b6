package tracing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"go.opentelemetry.io/otel/propagation"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	contrib "go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
)

// Interceptors take traces through Temporal's client, the workflows and their
// activities; none while traces are off. They write a header beside what is told
// to Temporal and change nothing of what a workflow does: a ticket that began
// without them goes on with them, and the other way round.
func (t *Tracing) Interceptors() ([]interceptor.ClientInterceptor, error) {
	if t == nil || t.provider == nil {
		return nil, nil
	}
	tracer, err := contrib.NewTracer(contrib.TracerOptions{
		Tracer:                  t.provider.Tracer("go.temporal.io/sdk"),
		TextMapPropagator:       propagation.TraceContext{},
		DisableBaggage:          true,
		AllowInvalidParentSpans: true,
		SpanStarter:             start,
	})
	if err != nil {
		return nil, err
	}
	return []interceptor.ClientInterceptor{interceptor.NewTracingInterceptor(lasting{tracer, t.sampler})}, nil
}

// The SDK would make one span of a workflow's whole run, and one of each update's
// handler, anew each time the run is replayed. A ticket lives for weeks and is
// replayed after every restart, so these would never end, or stand there many
// times over. They are left out: what they order belongs to the span that began
// them.
var passedThrough = []string{"RunWorkflow", "HandleUpdate"}

func passes(name string) bool {
	for _, p := range passedThrough {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// start is how a span begins.
func start(ctx context.Context, t trace.Tracer, name string, o ...trace.SpanStartOption) trace.Span {
	if passes(name) {
		return trace.SpanFromContext(ctx)
	}
	_, span := t.Start(ctx, name, o...)
	return span
}

// lasting gives a run that was begun by no trace one of its own, the same at each
// replay, so that what its activities do stands together.
type lasting struct {
	interceptor.Tracer
	sampler sdk.Sampler
}

// StartSpan implements interceptor.Tracer.
func (l lasting) StartSpan(o *interceptor.TracerStartSpanOptions) (interceptor.TracerSpan, error) {
	if o.Parent == nil && o.IdempotencyKey != "" && passes(o.Operation) {
		parent, err := l.UnmarshalSpan(map[string]string{parentHeader: l.drawn(o.IdempotencyKey)})
		if err != nil {
			return nil, err
		}
		o.Parent = parent
	}
	return l.Tracer.StartSpan(o)
}

// drawn makes a traceparent of a run's key.
func (l lasting) drawn(key string) string {
	sum := sha256.Sum256([]byte(key))
	id := trace.TraceID(sum[:16])
	flags := "00"
	if l.sampler.ShouldSample(sdk.SamplingParameters{TraceID: id}).Decision == sdk.RecordAndSample {
		flags = "01"
	}
	return "00-" + id.String() + "-" + hex.EncodeToString(sum[16:24]) + "-" + flags
}
