// Package faults is the desk in the production shape, and all in one process, with
// people who use it while its parts are killed, held still and started again. What
// is promised for such days is held against what is left at the end.
package faults

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/devserver/people"
	"rightsdesk/devserver/process"
	"rightsdesk/devserver/production"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

var (
	lasting = flag.Duration("faults.for", 5*time.Minute, "for how long parts are ended")
	alone   = flag.Duration("faults.embedded-for", 45*time.Second, "for how long the desk in one process is ended")
	away    = flag.Duration("faults.away-for", 0, "for how long Temporal is away while a thousand receipts wait; 0: for as many attempts as a worker makes in an hour")
	seed    = flag.Uint64("faults.seed", 0, "which order of faults; 0: drawn, and printed")
)

var binaries production.Binaries

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "rightsdesk-faults-")
	if err == nil {
		binaries, err = production.Build(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// town is a running desk with its people.
type town struct {
	*production.Desk
	t       *testing.T
	office  *people.Office
	records *store.Store
}

func settle(t *testing.T) *town {
	t.Helper()
	return settleIn(t, production.Options{Binaries: binaries, SampleAccounts: 3000})
}

func settleIn(t *testing.T, o production.Options) *town {
	t.Helper()
	o.DataDir = t.TempDir()
	d, err := production.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(d.Stop)
	records, err := d.Open()
	require.NoError(t, err)
	t.Cleanup(func() { records.Close() })
	office, err := people.Open(t.Context(), d.URL, d.Mail, records, 8)
	require.NoError(t, err)
	return &town{Desk: d, t: t, office: office, records: records}
}

// cases is the mix of what people come with.
var cases = []struct {
	kind ticket.Kind
	aim  people.Aim
}{
	{ticket.Complaint, people.Answered},
	{ticket.AccountCancellation, people.Answered},
	{ticket.InfoCorrection, people.Answered},
	{ticket.Complaint, people.Closed},
	{ticket.AccountCancellation, people.Closed},
	{ticket.Complaint, people.Refused},
	{ticket.InfoCorrection, people.Refused},
	{ticket.Complaint, people.Asked},
	{ticket.Complaint, people.Withdrawn},
	{ticket.AccountCancellation, people.Verified},
	{ticket.InfoCorrection, people.Closed},
	{ticket.Complaint, people.Filed},
	{ticket.InfoCorrection, people.Filed},
}

// crowded is how many people use the desk at once.
const crowded = 6

// afterwards is for how long, once everything runs again, people may need until
// they have what they came for: retries that have backed off come back by then.
const afterwards = 8 * time.Minute

func TestNothingIsLostOrDoneTwiceWhateverIsKilled(t *testing.T) {
	drawn := draw(t, *lasting)
	w := settle(t)
	w.outlasts(*lasting, newSaboteur(t, drawn, slices.Concat([]*process.Process{w.Records, w.Engine, w.Mails, w.People}, w.APIs, w.Workers)...))
}

// draw decides in which order things happen, and says how to have it again.
func draw(t *testing.T, lasting time.Duration) uint64 {
	drawn := *seed
	if drawn == 0 {
		drawn = uint64(time.Now().UnixNano())
	}
	t.Logf("faults for %v, seed %d (again: go test ./faults -run %s -faults.seed=%d)", lasting, drawn, t.Name(), drawn)
	return drawn
}

// outlasts has people use the desk while its parts are ended, and holds what is
// left against what was promised.
func (w *town) outlasts(lasting time.Duration, bad *saboteur) {
	t := w.t
	during, stop := context.WithTimeout(t.Context(), lasting)
	defer stop()
	until, give := context.WithTimeout(t.Context(), lasting+afterwards)
	defer give()

	var (
		mu   sync.Mutex
		led  []*people.Case
		errs []error
		busy sync.WaitGroup
	)
	for person := range crowded {
		busy.Go(func() {
			for i := person; during.Err() == nil; i += crowded {
				c := w.office.New(cases[i%len(cases)].kind, cases[i%len(cases)].aim)
				err := c.Lead(until)
				mu.Lock()
				led = append(led, c)
				if err != nil {
					errs = append(errs, err)
				}
				mu.Unlock()
			}
		})
	}
	bad.work(during)
	require.NoError(t, bad.mend(until), "everything runs again")
	busy.Wait()
	for _, err := range errs {
		t.Error(err)
	}
	t.Logf("%d cases; %s", len(led), bad.tally())
	w.judge(until, led)
}
