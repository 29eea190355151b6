package tracing

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/trace"

	"rightsdesk/accounts"
)

// Accounts makes every call to the account system a span.
func Accounts(s accounts.System, t trace.Tracer) accounts.System { return tracedAccounts{s, t} }

type tracedAccounts struct {
	system accounts.System
	tracer trace.Tracer
}

func asked[T any](ctx context.Context, a tracedAccounts, what string, do func(context.Context) (T, error)) (T, error) {
	return call(ctx, a.tracer, "account system: "+what, accountOutcome, do)
}

func accountOutcome(err error) string {
	var refusal *accounts.PermanentError
	switch {
	case err == nil:
		return "answered"
	case errors.Is(err, accounts.ErrLookupManual):
		return "by_hand"
	case errors.As(err, &refusal), errors.Is(err, accounts.ErrNoAccount):
		return "refused"
	}
	return "failed"
}

func (a tracedAccounts) Lookup(ctx context.Context, q accounts.LookupRequest) (accounts.Account, error) {
	return asked(ctx, a, "look up", func(ctx context.Context) (accounts.Account, error) { return a.system.Lookup(ctx, q) })
}

func (a tracedAccounts) Obstacles(ctx context.Context, ref accounts.Ref) ([]accounts.Obstacle, error) {
	return asked(ctx, a, "obstacles", func(ctx context.Context) ([]accounts.Obstacle, error) { return a.system.Obstacles(ctx, ref) })
}

func (a tracedAccounts) StopServices(ctx context.Context, act accounts.Act) (accounts.Done, error) {
	return asked(ctx, a, "stop services", func(ctx context.Context) (accounts.Done, error) { return a.system.StopServices(ctx, act) })
}

func (a tracedAccounts) Erase(ctx context.Context, act accounts.Act, plan []accounts.ErasePlanItem) (accounts.Done, error) {
	return asked(ctx, a, "erase", func(ctx context.Context) (accounts.Done, error) { return a.system.Erase(ctx, act, plan) })
}

func (a tracedAccounts) Correct(ctx context.Context, act accounts.Act, changes []accounts.Change) (accounts.Done, error) {
	return asked(ctx, a, "correct", func(ctx context.Context) (accounts.Done, error) { return a.system.Correct(ctx, act, changes) })
}

func (a tracedAccounts) Purge(ctx context.Context, act accounts.Act) (accounts.Done, error) {
	return asked(ctx, a, "purge", func(ctx context.Context) (accounts.Done, error) { return a.system.Purge(ctx, act) })
}
