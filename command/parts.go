package command

import (
	"context"
	"fmt"
	"log/slog"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"rightsdesk/deadline"
	"rightsdesk/store"
)

// records are the database, and what counts by what is in it.
type records struct {
	store   *store.Store
	planner *deadline.Planner
}

// openRecords opens a database whose schema is this release's.
func openRecords(ctx context.Context, d Database) (records, error) {
	r, err := open(d, d.there)
	if err != nil {
		return records{}, err
	}
	if err := r.store.CheckSchema(ctx); err != nil {
		r.store.Close()
		return records{}, fmt.Errorf("--database: %w", err)
	}
	return r, nil
}

// schedules are those loaded into the database, or, where none is given, what is built
// in. Call done when they have been read.
func (d Database) schedules(ctx context.Context) (_ deadline.Schedules, done func(), err error) {
	if d.Database == "" {
		return deadline.BuiltIn{}, func() {}, nil
	}
	r, err := openRecords(ctx, d)
	if err != nil {
		return nil, nil, err
	}
	return r.store, func() { r.store.Close() }, nil
}

func openAnySchema(d Database) (records, error) {
	return open(d, func() error { return nil })
}

func open(d Database, there func() error) (records, error) {
	if err := d.check(); err != nil {
		return records{}, err
	}
	vault, err := d.vault()
	if err != nil {
		return records{}, err
	}
	if err := there(); err != nil {
		return records{}, err
	}
	s, err := store.Open(d.Database, vault, store.WithConnections(d.DatabaseConnections))
	if err != nil {
		return records{}, fmt.Errorf("--database: %w", err)
	}
	return records{store: s, planner: deadline.NewPlanner(s, s)}, nil
}

// dial makes a client that needs no Temporal yet: the desk takes tickets in
// while it is away.
func dial(t Temporal, w *watched, log *slog.Logger) (client.Client, error) {
	interceptors, err := w.tracing.Interceptors()
	if err != nil {
		return nil, err
	}
	o := client.Options{
		HostPort: t.TemporalAddress, Namespace: t.TemporalNamespace,
		Logger:            sdklog.NewStructuredLogger(slog.New(ticketed{Handler: log.Handler()})),
		MetricsHandler:    w.temporal,
		Interceptors:      interceptors,
		ConnectionOptions: client.ConnectionOptions{TLS: tlsConfig(t.TemporalTLS || t.TemporalAPIKey != "")},
	}
	if t.TemporalAPIKey != "" {
		o.Credentials = client.NewAPIKeyStaticCredentials(t.TemporalAPIKey)
	}
	c, err := client.NewLazyClient(o)
	if err != nil {
		return nil, fmt.Errorf("--temporal-address: %w", err)
	}
	return c, nil
}
