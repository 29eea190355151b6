package tracing

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// call makes a span of a call to another system. Of an error only what outcome
// makes of it is said: its text is the other system's.
func call[T any](ctx context.Context, t trace.Tracer, name string, outcome func(error) string, do func(context.Context) (T, error)) (T, error) {
	ctx, span := t.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	result, err := do(ctx)
	word := outcome(err)
	span.SetAttributes(attribute.String("outcome", word))
	if err != nil {
		span.SetStatus(codes.Error, word)
	}
	return result, err
}
