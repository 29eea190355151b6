package desk

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/metrics"
	"rightsdesk/ticket"
)

// counted has an office count, and gives what it counted: "metric label label".
func counted(t *testing.T, o *office) func() map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	m, err := metrics.New(registry, metrics.Build{})
	require.NoError(t, err)
	o.metrics, o.engine.metrics = m, m
	return func() map[string]float64 {
		families, err := registry.Gather()
		require.NoError(t, err)
		out := map[string]float64{}
		for _, f := range families {
			for _, sample := range f.GetMetric() {
				name := f.GetName()
				for _, l := range sample.GetLabel() {
					name += " " + l.GetValue()
				}
				out[name] = sample.GetCounter().GetValue() + float64(sample.GetHistogram().GetSampleCount())
			}
		}
		return out
	}
}

func TestATicketFiledIsCountedOnceHoweverOftenItIsSent(t *testing.T) {
	o := newOffice(t)
	counts := counted(t, o)
	r := complaint()
	o.filed(t, r)
	o.filed(t, r)
	assert.Equal(t, 1.0, counts()["rightsdesk_tickets_filed_total web complaint"], fmt.Sprint(counts()))
}

func TestTriesToProveWhoOneIsAreCountedByHowTheyCameOut(t *testing.T) {
	o := newOffice(t)
	counts := counted(t, o)
	n := o.filed(t, complaint()).Number
	_, code, err := o.store.IssueCode(t.Context(), n, "code-1", ticket.LevelContact, contract.ToTyped, "wang@example.com", o.clock, time.Minute)
	require.NoError(t, err)
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	try := func(typed string) {
		t.Helper()
		_, err := o.Prove(t.Context(), n, typed, "network")
		require.NoError(t, err)
	}
	try(wrong)
	o.temporal.answer = refuses("already_verified")
	try(code)
	o.temporal.answer = nil
	try(code)
	o.clock = o.clock.Add(time.Hour)
	try(code)
	got := counts()
	for outcome, n := range map[metrics.Verified]float64{metrics.Wrong: 1, metrics.Refused: 1, metrics.Passed: 1, metrics.Expired: 1} {
		assert.Equal(t, n, got["rightsdesk_verifications_total mail_code "+string(outcome)], "%s of %v", outcome, got)
	}
}

func TestTellingAWorkflowIsMeasuredByItsOutcome(t *testing.T) {
	o := newOffice(t)
	counts := counted(t, o)
	n := o.filed(t, complaint()).Number
	claim := func() { _, _ = o.Claim(t.Context(), agent, n) }
	claim()
	o.temporal.answer = refuses("claimed_by_other")
	claim()
	o.temporal.answer = func(string, []byte) (contract.Done, error) { return contract.Done{}, context.DeadlineExceeded }
	claim()
	o.temporal.answer = func(string, []byte) (contract.Done, error) { return contract.Done{}, fmt.Errorf("anything else") }
	claim()
	got := counts()
	for _, told := range []metrics.Told{metrics.TellAccepted, metrics.TellRefused, metrics.TellAway, metrics.TellFailed} {
		assert.Equal(t, 1.0, got["rightsdesk_updates_seconds "+string(told)+" "+contract.UpdateClaim], "%s of %v", told, got)
	}
	_, err := o.CheckIdentity(t.Context(), agent, n, true)
	require.Error(t, err)
	assert.Equal(t, 1.0, counts()["rightsdesk_verifications_total agent_check away"])
}
