package api

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"rightsdesk/metrics"
)

// Neither a metric nor a span knows more of an address than the pattern of its
// route: addresses hold numbers, tokens, and what a stranger cares to write.
func TestRequestsAreMeasuredAndTracedByTheirRouteAlone(t *testing.T) {
	registry := prometheus.NewRegistry()
	m, err := metrics.New(registry, metrics.Build{})
	require.NoError(t, err)
	spans := tracetest.NewSpanRecorder()
	tracer := sdk.NewTracerProvider(sdk.WithSpanProcessor(spans)).Tracer("test")
	w := newWeb(t, func(c *Config) { c.Metrics, c.Tracer = m, tracer })
	b := w.browser(en)
	for _, path := range []string{"/", "/track/MARK-token", "/nowhere/MARK-path?name=MARK", "/healthz", "/static/desk.css"} {
		b.get(path)
	}
	families, err := registry.Gather()
	require.NoError(t, err)
	var measured []string
	for _, f := range families {
		if f.GetName() == "rightsdesk_http_request_seconds" {
			for _, sample := range f.GetMetric() {
				line := ""
				for _, l := range sample.GetLabel() {
					line += " " + l.GetValue()
				}
				measured = append(measured, line)
			}
		}
	}
	assert.ElementsMatch(t, []string{" GET / 200", " GET /track/:token 404", " GET none 404", " GET /healthz 200", " GET /static/*file 200"}, measured)
	var traced []string
	for _, s := range spans.Ended() {
		traced = append(traced, s.Name())
		for _, a := range s.Attributes() {
			assert.NotContains(t, a.Value.Emit(), "MARK")
		}
	}
	assert.Equal(t, []string{"GET /", "GET /track/:token", "GET none"}, traced, "nobody looks for health checks and styles")
}
