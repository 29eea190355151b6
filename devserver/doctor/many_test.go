package doctor

import (
	"cmp"
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// BenchmarkLook says how many open tickets a doctor looks at in a second. DOCTOR_TICKETS
// is how many there are.
//
//	DOCTOR_TICKETS=5000 go test -run '^$' -bench Look -benchtime 3x ./doctor
func BenchmarkLook(b *testing.B) {
	many, err := strconv.Atoi(cmp.Or(os.Getenv("DOCTOR_TICKETS"), "300"))
	require.NoError(b, err)
	o := open(b, "")
	turns := make(chan int)
	var filing sync.WaitGroup
	for range 8 {
		filing.Go(func() {
			for i := range turns {
				_, wrong, err := o.desk.File(b.Context(), desk.Request{Kind: ticket.Complaint, Category: ticket.CategoryPrivacy, FormToken: seal.NewToken(),
					Relation: ticket.Self, Locale: ticket.English, Person: store.Person{Name: "Sample Person", Email: strconv.Itoa(i) + "@example.net"}, Text: "A request among many."})
				if err != nil || len(wrong) > 0 {
					b.Error(err, wrong)
				}
			}
		})
	}
	for i := range many {
		turns <- i
	}
	close(turns)
	filing.Wait()
	for left := many; left > 0; time.Sleep(time.Second) {
		page, err := o.records.Queue(b.Context(), store.Filter{Stage: ticket.Received, Limit: 1}, time.Now())
		require.NoError(b, err)
		left = page.Total
	}
	look := func(b *testing.B, before func()) {
		var used time.Duration
		for b.Loop() {
			b.StopTimer()
			before()
			b.StartTimer()
			began := processorTime()
			code, _, sum := o.consult("--rate", "100000")
			used += processorTime() - began
			require.Zero(b, code)
			require.Equal(b, many, sum.Tickets)
		}
		all := float64(many * b.N)
		b.ReportMetric(all/b.Elapsed().Seconds(), "tickets/s")
		b.ReportMetric(used.Seconds()*1000/all, "cpu-ms/ticket") // of Temporal, the worker and the doctor together
	}
	b.Run("that the worker has in its memory", func(b *testing.B) { look(b, func() {}) })
	b.Run("that it has to read", func(b *testing.B) {
		look(b, func() {
			o.StopDesk()
			o.StartWorker()
			time.Sleep(5 * time.Second)
		})
	})
}

// processorTime is what this process has used of the processor: on a busy machine it
// tells more than the wall clock.
func processorTime() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
