package metrics

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
)

// temporalBuckets are for all that Temporal's SDK times: from a request to the
// server up to a workflow that runs for months.
var temporalBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 24 * 3600, 30 * 24 * 3600}

// Temporal takes what Temporal's SDK measures into a registry, under the names of
// Temporal's own reference (temporal_worker_task_slots_available, …). Times end in
// _seconds.
func Temporal(to prometheus.Registerer, log *slog.Logger) (client.MetricsHandler, error) {
	reader, err := exporter.New(exporter.WithRegisterer(to), exporter.WithoutScopeInfo(), exporter.WithoutTargetInfo(),
		exporter.WithoutCounterSuffixes())
	if err != nil {
		return nil, err
	}
	provider := sdk.NewMeterProvider(sdk.WithReader(reader), sdk.WithView(sdk.NewView(
		sdk.Instrument{Kind: sdk.InstrumentKindHistogram},
		sdk.Stream{Aggregation: sdk.AggregationExplicitBucketHistogram{Boundaries: temporalBuckets}})))
	return opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter:                provider.Meter("go.temporal.io/sdk"),
		UseMonotonicCounters: true,
		OnError:              func(err error) { log.Warn("a metric of Temporal's was not taken", "error", err) },
	}), nil
}
