package tracing

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"rightsdesk/accounts"
	"rightsdesk/mail"
	"rightsdesk/verify"
)

// recorded is a Tracing whose spans are kept.
func recorded(share float64) (*Tracing, *tracetest.SpanRecorder) {
	r := tracetest.NewSpanRecorder()
	return With(r, Config{Share: share, Service: "test"}), r
}

func TestATraceGoesOnFromItsTraceparent(t *testing.T) {
	traces, _ := recorded(1)
	ctx, span := traces.Tracer().Start(t.Context(), "a")
	parent := Parent(ctx)
	require.Len(t, parent, 55)
	resumed := Resume(t.Context(), parent)
	assert.Equal(t, span.SpanContext().TraceID(), trace.SpanContextFromContext(resumed).TraceID())
	assert.Equal(t, span.SpanContext().SpanID(), trace.SpanContextFromContext(resumed).SpanID())

	other, _ := traces.Tracer().Start(t.Context(), "b")
	assert.Equal(t, other, Resume(other, parent), "a span that is there stays")
	assert.Empty(t, Parent(t.Context()))
	for _, nonsense := range []string{"", "00-zz", "name=王小明"} {
		assert.False(t, trace.SpanContextFromContext(Resume(t.Context(), nonsense)).IsValid())
	}
}

func TestTracesAreOffWithoutAReceiver(t *testing.T) {
	traces, err := Start(t.Context(), Config{})
	require.NoError(t, err)
	ctx, span := traces.Tracer().Start(t.Context(), "a")
	assert.False(t, span.IsRecording())
	assert.Empty(t, Parent(ctx))
	through, err := traces.Interceptors()
	require.NoError(t, err)
	assert.Empty(t, through)
	traces.Stop(t.Context())
}

func TestAReceiversAddressIsReadOrRefused(t *testing.T) {
	for given, want := range map[string]string{"http://collector:4318": "http://collector:4318/v1/traces", "https://x.example/": "https://x.example/v1/traces",
		"http://x.example/otlp/v1/traces": "http://x.example/otlp/v1/traces"} {
		to, err := receiver(given)
		require.NoError(t, err)
		assert.Equal(t, want, to)
	}
	for _, given := range []string{"collector:4317", "grpc://collector:4317", "http://", "::"} {
		_, err := Start(t.Context(), Config{Endpoint: given, Share: 1})
		assert.ErrorContains(t, err, "http://collector:4318", given)
	}
	_, err := Start(t.Context(), Config{Endpoint: "http://x", Share: 2})
	assert.ErrorContains(t, err, "between 0 and 1")
}

// A receiver that refuses is said in the journal, and holds nothing up.
func TestAReceiverThatRefusesIsSaidInTheJournal(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer refusing.Close()
	var journal bytes.Buffer
	traces, err := Start(t.Context(), Config{Endpoint: refusing.URL, Share: 1, Log: slog.New(slog.NewTextHandler(&journal, nil))})
	require.NoError(t, err)
	_, span := traces.Tracer().Start(t.Context(), "a")
	span.End()
	traces.Stop(t.Context())
	assert.Contains(t, journal.String(), "traces were not taken")
}

func TestARunBegunByNoTraceHasOneOfItsOwnTheSameAtEachReplay(t *testing.T) {
	all := lasting{sampler: sdk.TraceIDRatioBased(1)}
	assert.Equal(t, all.drawn("run-1"), all.drawn("run-1"))
	assert.NotEqual(t, all.drawn("run-1"), all.drawn("run-2"))
	assert.True(t, trace.SpanContextFromContext(Resume(t.Context(), all.drawn("run-1"))).IsSampled())
	none := lasting{sampler: sdk.TraceIDRatioBased(0)}
	assert.False(t, trace.SpanContextFromContext(Resume(t.Context(), none.drawn("run-1"))).IsSampled(), "the share holds for them too")
}

const marked = "MARK-王小明"

type post struct{ err error }

func (p post) Send(context.Context, mail.Message) (mail.Receipt, error) { return mail.Receipt{}, p.err }

type operator struct {
	accounts.System
	err error
}

func (o operator) Lookup(context.Context, accounts.LookupRequest) (accounts.Account, error) {
	return accounts.Account{Ref: marked}, o.err
}

type registry struct{ err error }

func (r registry) CheckRealName(context.Context, verify.RealName) (verify.Verdict, error) {
	return verify.Verdict{Reference: marked}, r.err
}

// What other systems say may quote what they were asked.
func TestCallsToOtherSystemsAreSpansThatQuoteNothing(t *testing.T) {
	traces, kept := recorded(1)
	ctx, tracer := t.Context(), traces.Tracer()
	for _, err := range []error{nil, &mail.RefusedError{Code: 550}, errors.New(marked)} {
		_, _ = Mail(post{err}, tracer).Send(ctx, mail.Message{To: marked, Text: marked})
	}
	for _, err := range []error{nil, accounts.ErrNoAccount, accounts.Permanent("code", marked, marked), errors.New(marked)} {
		_, got := Accounts(operator{err: err}, tracer).Lookup(ctx, accounts.LookupRequest{Identifier: marked})
		assert.Equal(t, err, got)
	}
	for _, err := range []error{nil, verify.ErrRefused, errors.New(marked)} {
		_, _ = RealNames(registry{err}, tracer).CheckRealName(ctx, verify.RealName{Name: marked})
	}
	assert.Nil(t, Texts(nil, tracer))
	assert.Nil(t, RealNames(nil, tracer))
	assert.Nil(t, Payments(nil, tracer))
	var outcomes []string
	for _, s := range kept.Ended() {
		assert.Empty(t, s.Events(), "no error is recorded")
		for _, a := range s.Attributes() {
			outcomes = append(outcomes, a.Value.AsString())
		}
		assert.NotContains(t, s.Status().Description, marked)
		assert.NotContains(t, s.Name(), marked)
	}
	assert.Equal(t, []string{"accepted", "refused", "deferred", "answered", "refused", "refused", "failed", "answered", "refused", "failed"}, outcomes)
}
