package command

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/client"

	"rightsdesk/health"
	"rightsdesk/metrics"
	"rightsdesk/tracing"
	"rightsdesk/workflows"
)

// Operation says how a process is watched and stopped.
type Operation struct {
	MetricsListen string        `help:"Where to serve /metrics, /healthz and /readyz for those who operate the desk; empty: nowhere." placeholder:"HOST:PORT"`
	OTLPEndpoint  string        `name:"otlp-endpoint" help:"Where to send traces: OTLP over HTTP, such as http://collector:4318; empty: nowhere." placeholder:"URL"`
	TraceShare    float64       `default:"1" help:"Share of traces that are kept, 0 to 1."`
	Drain         time.Duration `default:"2s" help:"How long to go on taking requests when told to stop, so that a load balancer notices /readyz first."`
	StopTimeout   time.Duration `default:"20s" help:"How long requests and activities under way may take when told to stop; after --drain."`
}

// watched is what a process is watched by.
type watched struct {
	registry *prometheus.Registry
	metrics  *metrics.Metrics
	temporal client.MetricsHandler
	tracing  *tracing.Tracing
	server   *health.Server
}

// tracesEndWithin is how long the last spans have to leave.
const tracesEndWithin = 3 * time.Second

// watch prepares what watches a process; it is served by serve.
func (o Operation) watch(ctx context.Context, service string, log *slog.Logger) (*watched, error) {
	w := &watched{registry: prometheus.NewRegistry()}
	for _, c := range []prometheus.Collector{collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})} {
		if err := w.registry.Register(c); err != nil {
			return nil, err
		}
	}
	version := strings.TrimPrefix(productVersion(), "rightsdesk ")
	var err error
	if w.metrics, err = metrics.New(w.registry, metrics.Build{Version: version, Workflows: strconv.Itoa(workflows.Revision)}); err != nil {
		return nil, err
	}
	if w.temporal, err = metrics.Temporal(w.registry, log); err != nil {
		return nil, err
	}
	w.tracing, err = tracing.Start(ctx, tracing.Config{Endpoint: o.OTLPEndpoint, Share: o.TraceShare, Service: service, Version: version, Log: log})
	if err != nil {
		return nil, fmt.Errorf("--otlp-endpoint, --trace-share: %w", err)
	}
	return w, nil
}

// observe counts what the database holds from now on, and makes its statements
// spans.
func (w *watched) observe(r records, writes health.Check, log *slog.Logger) error {
	if err := w.registry.Register(metrics.NewDatabase(metrics.DatabaseConfig{Store: r.store, Planner: r.planner, Writes: writes, Log: log})); err != nil {
		return err
	}
	if w.tracing == nil {
		return nil
	}
	return r.store.TraceWith(w.tracer())
}

func (w *watched) tracer() trace.Tracer { return w.tracing.Tracer() }

// serve begins to serve metrics and health, where that is wanted.
func (w *watched) serve(address string, h *health.Health, log *slog.Logger) (err error) {
	if address == "" {
		return nil
	}
	if w.server, err = health.Listen(address, h, w.registry, log); err != nil {
		return fmt.Errorf("--metrics-listen: %w", err)
	}
	return nil
}

// end sends the last spans off, and serves metrics no longer.
func (w *watched) end() {
	ctx, cancel := context.WithTimeout(context.Background(), tracesEndWithin)
	defer cancel()
	w.tracing.Stop(ctx)
	w.server.Close()
}

// stopWithin is the stop timeout, also of settings that were made by hand.
func (o Operation) stopWithin() time.Duration {
	if o.StopTimeout <= 0 {
		return 20 * time.Second
	}
	return o.StopTimeout
}
