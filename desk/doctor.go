package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// ErrWorkerAway says that no worker answers: nothing can be told about workflows.
var ErrWorkerAway = errors.New("no worker answers")

// DoctorOptions say how a Doctor looks. Zero values have defaults.
type DoctorOptions struct {
	Repair  bool
	Most    bool          // repair although most of one side is lost; see ErrImplausible
	Only    ticket.Number // empty: every ticket
	Rate    int           // workflows asked a second, at most; 0: 200
	Abreast int           // at once; 0: 16
	Pause   time.Duration // between two looks at what seems to differ; 0: 2 s
	Page    int           // tickets of one page; 0: 500
	Wait    time.Duration // for all who are asked to be there: they may just have been started
}

// Finding is a difference between the database and Temporal that lasted through two
// looks. It holds nothing personal.
type Finding struct {
	Number   ticket.Number // empty: of no ticket
	Drift    contract.Drift
	Row      int64  // revision of the ticket's row; -1: there is none
	Workflow int64  // revision of its workflow; -1: there is none, or it did not say
	Detail   string // columns, steps, ids
	Repaired bool
	Why      string // it was not repaired
}

// DoctorReport sums up what was looked at.
type DoctorReport struct {
	Tickets   int // rows
	Asked     int // workflows asked for their state
	Workflows int // listed by Temporal, Retentions too
	Starting  int // tickets whose workflow waits to be started: nothing is wrong with them
	Found     map[contract.Drift]int
	Repaired  int
	Left      int
}

// Doctor holds every ticket's row against its workflow (the row is its projection,
// and must never be a second truth), and repairs what differs. It may run beside the
// desk at work, and on several machines at once: what differs because it is being
// changed is looked at again before it is called a finding, and each repair is made
// once.
//
// Where one side knows more, the other is brought up to it: see docs/doctor.md.
type Doctor struct {
	engine  *engine
	options DoctorOptions
	limit   *rate.Limiter
	found   func(Finding)

	mu       sync.Mutex
	report   DoctorReport
	listed   map[string]execution
	seen     map[ticket.Number]bool // rows that were passed by
	rollout  bool                   // a calendar's rollout is under way
	answered time.Time              // when somebody did last; at first, when the asking began
	silent   int                    // that did not answer, in a row
}

// NewDoctor makes a Doctor. It needs Store, Temporal and Planner of the Config.
func NewDoctor(c Config, o DoctorOptions) *Doctor {
	if o.Rate <= 0 {
		o.Rate = 200
	}
	if o.Abreast <= 0 {
		o.Abreast = 16
	}
	if o.Pause <= 0 {
		o.Pause = 2 * time.Second
	}
	if o.Page <= 0 {
		o.Page = 500
	}
	return &Doctor{
		engine: newEngine(c.withDefaults()), options: o, limit: rate.NewLimiter(rate.Limit(o.Rate), o.Abreast),
		report: DoctorReport{Found: map[contract.Drift]int{}}, listed: map[string]execution{}, seen: map[ticket.Number]bool{},
	}
}

// Run looks once at everything and hands each finding over. ErrEngineAway,
// ErrWorkerAway and store.ErrUnavailable say that it could not look: what was not
// seen is not called missing.
func (d *Doctor) Run(ctx context.Context, found func(Finding)) (DoctorReport, error) {
	d.found = found
	err := d.canLook(ctx)
	began := time.Now()
	d.answered = began
	if err == nil {
		err = d.list(ctx)
	}
	if err == nil && d.options.Repair && !d.options.Most && d.options.Only == "" {
		err = d.plausible(ctx)
	}
	if err == nil && d.options.Only != "" {
		err = d.examine(ctx, []ticket.Number{d.options.Only})
	}
	if err == nil && d.options.Only == "" {
		err = d.passTickets(ctx)
	}
	if err == nil && d.options.Only == "" {
		err = d.passWorkflows(ctx)
	}
	if err == nil && d.silent > 0 && d.answered.Equal(began) {
		err = ErrWorkerAway
	}
	if err == nil {
		err = d.passDeliveries(ctx)
	}
	return d.report, err
}

// canLook sees whether all who are to be asked are there.
func (d *Doctor) canLook(ctx context.Context) error {
	for end := time.Now().Add(d.options.Wait); ; pause(ctx, 500*time.Millisecond) {
		err := d.reach(ctx)
		if err == nil || ctx.Err() != nil || time.Now().After(end) {
			return err
		}
	}
}

func (d *Doctor) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, carryTimeout)
	defer cancel()
	if err := d.engine.store.Ping(ctx); err != nil {
		return err
	}
	if _, err := d.engine.client.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return fmt.Errorf("%w: %w", ErrEngineAway, err)
	}
	queue, err := d.engine.client.DescribeTaskQueue(ctx, contract.TaskQueue, enums.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return understood("looking for workers", err)
	}
	for _, poller := range queue.GetPollers() {
		if time.Since(poller.GetLastAccessTime().AsTime()) < pollerGrace {
			return nil
		}
	}
	return ErrWorkerAway
}

// pollerGrace is how long ago a worker that is there has asked for work, at most: it
// asks again every minute.
const pollerGrace = 90 * time.Second

// passTickets walks over all rows but those of purged tickets, a page at a time.
func (d *Doctor) passTickets(ctx context.Context) error {
	after := ticket.Number("")
	for {
		page, err := d.engine.store.Survey(ctx, after, d.options.Page)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].Number
		suspects, err := d.glance(ctx, page)
		if err != nil {
			return err
		}
		if err := d.treat(ctx, suspects); err != nil {
			return err
		}
	}
}

// glance looks at a page of tickets for the first time. A ticket that goes on is held
// against what its workflow says; of one that has ended, Temporal's list tells enough.
func (d *Doctor) glance(ctx context.Context, page []store.Surveyed) ([]*suspect, error) {
	var mu sync.Mutex
	var suspects []*suspect
	err := d.abreast(ctx, len(page), func(ctx context.Context, i int) error {
		row := page[i]
		s, err := d.firstSight(ctx, row)
		if err != nil {
			return err
		}
		d.passed(s)
		if findings := s.judge(); len(findings) > 0 {
			mu.Lock()
			suspects = append(suspects, &suspect{number: row.Number, last: findings})
			mu.Unlock()
		}
		return nil
	})
	return suspects, err
}

func (d *Doctor) passed(s sight) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.report.Tickets++
	d.seen[s.number] = true
	if s.row.Ordered && !s.own.running() || s.silent && s.justStarted() {
		d.report.Starting++
	}
}

// passWorkflows looks at what Temporal lists and no row was passed by for: workflows
// of tickets that the database has lost, or has purged.
func (d *Doctor) passWorkflows(ctx context.Context) error {
	var rest []ticket.Number
	for id := range d.listed {
		number, _, _ := ticketOf(id)
		if !d.seen[number] {
			d.seen[number] = true
			rest = append(rest, number)
		}
	}
	slices.Sort(rest)
	for some := range slices.Chunk(rest, d.options.Page) {
		known, err := d.engine.store.Known(ctx, some)
		if err != nil {
			return err
		}
		var odd []ticket.Number
		for _, number := range some {
			purged, there := known[number]
			if !there || purged && d.listed[string(number)].running() {
				odd = append(odd, number)
			}
		}
		if err := d.examine(ctx, odd); err != nil {
			return err
		}
	}
	return nil
}

// examine looks at tickets closely, whatever the lists say of them.
func (d *Doctor) examine(ctx context.Context, numbers []ticket.Number) error {
	var mu sync.Mutex
	var suspects []*suspect
	err := d.abreast(ctx, len(numbers), func(ctx context.Context, i int) error {
		s, err := d.closeSight(ctx, numbers[i], true)
		if err != nil {
			return err
		}
		if d.options.Only != "" && s.row != nil {
			d.passed(s)
		}
		if findings := s.judge(); len(findings) > 0 {
			mu.Lock()
			suspects = append(suspects, &suspect{number: numbers[i], last: findings})
			mu.Unlock()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.treat(ctx, suspects)
}

// lateAfter is when a delivery should have been made.
const lateAfter = 10 * time.Minute

// passDeliveries lists what Temporal should have been told long ago. With Repair it is
// told now.
func (d *Doctor) passDeliveries(ctx context.Context) error {
	late, err := d.engine.store.StuckDeliveries(ctx, d.engine.now().Add(-lateAfter))
	if err != nil {
		return err
	}
	for _, delivery := range late {
		if d.options.Only != "" && delivery.Number != d.options.Only {
			continue
		}
		f := Finding{Number: delivery.Number, Drift: contract.DriftDeliveryStuck, Row: -1, Workflow: -1,
			Detail: fmt.Sprintf("%s, delivery %d", delivery.Name, delivery.ID)}
		if d.options.Repair {
			err := d.carry(ctx, delivery)
			if _, refused := ticket.AsError(err); refused {
				err = nil // told, and refused: that is the end of it
			}
			f.outcome(err)
		}
		d.tell(f)
	}
	return nil
}

func (d *Doctor) tell(f Finding) {
	d.report.Found[f.Drift]++
	if f.Repaired {
		d.report.Repaired++
	} else {
		d.report.Left++
	}
	d.found(f)
}

// outcome notes how a repair went.
func (f *Finding) outcome(err error) {
	f.Repaired, f.Why = err == nil, ""
	if err != nil {
		f.Why = err.Error()
	}
}

// abreast does something for each of n, several at once.
func (d *Doctor) abreast(ctx context.Context, n int, do func(context.Context, int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(d.options.Abreast)
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error { return do(ctx, i) })
	}
	return group.Wait()
}
