package store

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"gorm.io/gorm"

	"rightsdesk/tracing"
)

// TraceWith makes every statement a span of the trace it is made for: what is
// done to which table and how many rows it was, never a value. What is done for
// no trace makes none. It is for the start, before the store is used.
func (s *Store) TraceWith(t trace.Tracer) error {
	err := s.db.Use(tracedStatements{t})
	if err == nil && s.light != s.db {
		err = s.light.Use(tracedStatements{t})
	}
	return err
}

// tracedStatements is a plugin of gorm.
type tracedStatements struct{ tracer trace.Tracer }

func (tracedStatements) Name() string { return "rightsdesk:tracing" }

// Initialize implements gorm.Plugin.
func (p tracedStatements) Initialize(db *gorm.DB) error {
	const begins, ends = "tracing:begins", "tracing:ends"
	c := db.Callback()
	for _, err := range []error{
		c.Create().Before("gorm:create").Register(begins, p.begins("insert")), c.Create().After("gorm:create").Register(ends, p.ends),
		c.Query().Before("gorm:query").Register(begins, p.begins("select")), c.Query().After("gorm:query").Register(ends, p.ends),
		c.Update().Before("gorm:update").Register(begins, p.begins("update")), c.Update().After("gorm:update").Register(ends, p.ends),
		c.Delete().Before("gorm:delete").Register(begins, p.begins("delete")), c.Delete().After("gorm:delete").Register(ends, p.ends),
		c.Row().Before("gorm:row").Register(begins, p.begins("select")), c.Row().After("gorm:row").Register(ends, p.ends),
		c.Raw().Before("gorm:raw").Register(begins, p.begins("execute")), c.Raw().After("gorm:raw").Register(ends, p.ends),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

const spanKey = "rightsdesk:span"

func (p tracedStatements) begins(verb string) func(*gorm.DB) {
	return func(db *gorm.DB) {
		if !trace.SpanFromContext(db.Statement.Context).IsRecording() {
			return
		}
		_, span := p.tracer.Start(db.Statement.Context, "database: "+verb, trace.WithSpanKind(trace.SpanKindClient))
		db.InstanceSet(spanKey, span)
	}
}

// ends puts down the table and the number of rows. An error's text may quote
// values, so only that there was one is said.
func (tracedStatements) ends(db *gorm.DB) {
	kept, ok := db.InstanceGet(spanKey)
	if !ok {
		return
	}
	span := kept.(trace.Span)
	if db.Statement.Schema != nil {
		span.SetAttributes(attribute.String("table", db.Statement.Schema.Table))
	}
	span.SetAttributes(attribute.Int64("rows", db.Statement.RowsAffected))
	if db.Error != nil && db.Error != gorm.ErrRecordNotFound {
		span.SetStatus(codes.Error, "failed")
	}
	span.End()
}

// BeforeCreate notes for which trace a delivery is made, so that it goes on when
// the delivery has waited.
func (r *deliveryRow) BeforeCreate(tx *gorm.DB) error {
	r.Trace = tracing.Parent(tx.Statement.Context)
	return nil
}
