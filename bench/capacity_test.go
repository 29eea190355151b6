package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"rightsdesk/bench/floor"
	"rightsdesk/bench/tally"
	"rightsdesk/ticket"
)

func TestTheMixIsWhole(t *testing.T) {
	sum := 0.0
	for _, part := range mix {
		sum += part
	}
	assert.InDelta(t, 1, sum, 1e-9)
}

func TestCapacityIsTheArithmeticThePageShows(t *testing.T) {
	// 1 000 000 a day in 8 hours are 34.7 a second, three times that at the peak
	assert.InDelta(t, 104.17, perSecond(1_000_000), 0.01)
	// 10 ms each are 1.04 cores, half loaded 2.08, in processes of two cores two
	assert.InDelta(t, 2.083, cores(1_000_000, 10*time.Millisecond), 0.001)
	assert.Equal(t, 2, processes(1_000_000, 10*time.Millisecond))
	assert.Equal(t, 11, processes(1_000_000, 100*time.Millisecond))
	assert.Equal(t, 2, processes(100, 100*time.Millisecond), "one may fail")
}

func TestTheMeanTicketIsWeighedByKind(t *testing.T) {
	one := func(api time.Duration) bill {
		return bill{n: 2, cpu: map[string]time.Duration{"api": 2 * api}, events: 100, actions: floor.Actions{Timers: 20},
			rows: tally.Rows{"tickets": 2, "limit_counters": 50}, mails: 4, desk: 2000, engine: 4000}
	}
	policy := &ticket.Policy{Kinds: map[ticket.Kind]ticket.Terms{ticket.Complaint: {Retention: 1000}, ticket.AccountCancellation: {Retention: 100}}}
	m := mean(map[ticket.Kind]bill{ticket.Complaint: one(10 * time.Millisecond), ticket.InfoCorrection: one(20 * time.Millisecond),
		ticket.AccountCancellation: one(40 * time.Millisecond)}, policy)
	assert.InDelta(t, 16, m.api.Seconds()*1000, 1e-6)
	assert.InDeltaSlice(t, []float64{50, 10, 2, 1, 1000, 2000}, []float64{m.events, m.actions, m.mails, m.rows, m.deskBytes, m.engineBytes}, 1e-9)
	assert.InDelta(t, 715, m.keptDays, 1e-9)
	assert.Zero(t, mean(map[ticket.Kind]bill{ticket.Complaint: one(time.Second)}, policy), "without all kinds there is no mean")
	assert.Contains(t, m.tables(), "| tickets a second, at the peak ")
}

func TestLargeNumbersAndSizesAreWrittenForReading(t *testing.T) {
	assert.Equal(t, "100 / 10 000 / 1 000 000", strings.Join([]string{large(100), large(10_000), large(1_000_000)}, " / "))
	assert.Equal(t, "16.4 kB / 1.50 MB / 2.00 TB", strings.Join([]string{size(16_400), size(1.5e6), size(2e12)}, " / "))
}
