package store

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm/logger"
)

const slow = time.Second

// slowLogger counts statements, and reports those that take too long, with
// placeholders instead of values. It is silent otherwise: errors are returned, and
// whoever gets them logs them.
type slowLogger struct{}

func (l slowLogger) LogMode(logger.LogLevel) logger.Interface    { return l }
func (slowLogger) Info(context.Context, string, ...interface{})  {}
func (slowLogger) Warn(context.Context, string, ...interface{})  {}
func (slowLogger) Error(context.Context, string, ...interface{}) {}

func (slowLogger) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), _ error) {
	countStatement(ctx)
	took := time.Since(begin)
	if took < slow {
		return
	}
	text, rows := statement()
	slog.WarnContext(ctx, "slow statement", "took", took, "rows", rows, "statement", text)
}

// ParamsFilter keeps every value out of the statement that Trace gets.
func (slowLogger) ParamsFilter(_ context.Context, text string, _ ...interface{}) (string, []interface{}) {
	return text, nil
}
