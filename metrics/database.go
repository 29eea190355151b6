package metrics

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rightsdesk/deadline"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// Database collects what the database holds, at the moment it is asked for. Every
// process gives the same figures.
type Database struct {
	config DatabaseConfig

	mu    sync.Mutex
	until time.Time // the figures kept are good until then
	kept  *figures  // nil: the database is away
}

// DatabaseConfig is what a Database is made of.
type DatabaseConfig struct {
	Store    *store.Store
	Planner  *deadline.Planner
	Log      *slog.Logger
	Now      func() time.Time            // nil: the wall clock
	Writes   func(context.Context) error // asks whether the database takes writes; nil: that is not told
	Keep     time.Duration               // for how long figures are given again; 0: 10 s
	Patience time.Duration               // how long the database has; 0: 4 s
}

// NewDatabase makes a collector; nothing is asked yet.
func NewDatabase(c DatabaseConfig) *Database {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Keep == 0 {
		c.Keep = 10 * time.Second
	}
	if c.Patience == 0 {
		c.Patience = 4 * time.Second
	}
	return &Database{config: c}
}

var (
	descTickets    = describe("tickets", "Open tickets.", "kind", "stage")
	descDue        = describe("tickets_due", "Open tickets whose clock runs, not overdue, and due within so many working days (cumulative).", "kind", "within")
	descOverdue    = describe("tickets_overdue", "Open tickets whose clock runs and whose deadline has passed.", "kind")
	descUnassigned = describe("tickets_unassigned", "Open tickets that nobody has.", "kind")
	descStuck      = describe("stuck_tickets", "Tickets of which an activity, or the workflow itself, fails again and again.")
	descDeliveries = describe("deliveries_pending", "Starts and updates that Temporal has not been told yet.", "op")
	descDelivery   = describe("delivery_oldest_seconds", "Age of the oldest of them; 0: there are none.", "op")
	descMails      = describe("mails_pending", "Letters that the mail server has neither accepted nor refused yet.")
	descMail       = describe("mail_oldest_pending_seconds", "Age of the oldest of them; 0: there are none.")
	descUnchained  = describe("audit_unchained_entries", "Entries of the audit trail that wait to be chained over all tickets.")
	descUp         = describe("database_up", "1 if the database gave these figures, else 0.")
	descWrites     = describe("database_takes_writes", "1 if the database, which gave these figures, takes writes too, else 0.")
	descPool       = describe("database_connections", "Connections of this process to the database.", "state")
	descWaited     = describe("database_wait_seconds_total", "Time that was spent waiting for a free connection, by all who waited.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}

// Describe implements prometheus.Collector.
func (d *Database) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{descTickets, descDue, descOverdue, descUnassigned, descStuck, descDeliveries, descDelivery,
		descMails, descMail, descUnchained, descUp, descWrites, descPool, descWaited} {
		to <- desc
	}
}

// Collect implements prometheus.Collector. A database that is away gives
// database_up 0 and none of the figures: old ones would look like the truth.
func (d *Database) Collect(to chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, labels...)
	}
	pool := d.config.Store.Pool()
	gauge(descPool, float64(pool.Open), "open")
	gauge(descPool, float64(pool.InUse), "in_use")
	gauge(descPool, float64(pool.Idle), "idle")
	to <- prometheus.MustNewConstMetric(descWaited, prometheus.CounterValue, pool.Waited.Seconds())
	f := d.current()
	if f == nil {
		gauge(descUp, 0)
		return
	}
	gauge(descUp, 1)
	if w := d.config.Writes; w != nil {
		takes := 1.0
		if w(context.Background()) != nil {
			takes = 0
		}
		gauge(descWrites, takes)
	}
	f.collect(gauge, d.config.Now())
}

// current gives the figures, read anew when the ones before have grown old. Who
// asks while another is reading waits for it, and nobody waits longer than the
// patience, whatever the driver does.
func (d *Database) current() *figures {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.config.Now().Before(d.until) {
		return d.kept
	}
	ctx, cancel := context.WithTimeout(context.Background(), d.config.Patience)
	defer cancel()
	type result struct {
		figures *figures
		err     error
	}
	read := make(chan result, 1)
	go func() {
		f, err := d.read(ctx)
		read <- result{f, err}
	}()
	var r result
	select {
	case r = <-read:
	case <-ctx.Done():
		r.err = ctx.Err()
	}
	d.kept, d.until = r.figures, d.config.Now().Add(d.config.Keep)
	if r.err != nil {
		d.kept = nil
		if d.config.Log != nil {
			d.config.Log.Warn("the database gave no figures", "error", r.err)
		}
	}
	return d.kept
}

// figures are what the database says at one moment.
type figures struct {
	open       map[ticket.Kind]map[ticket.Stage]int
	due        map[ticket.Kind][]int // by horizon
	overdue    map[ticket.Kind]int
	unassigned map[ticket.Kind]int
	stuck      int
	deliveries map[store.DeliveryOp]store.WaitingFigure
	mails      store.WaitingFigure
	unchained  int
}

// horizons are the numbers of working days by which deadlines are counted.
var horizons = []int{1, 3, 5}

func (d *Database) read(ctx context.Context) (*figures, error) {
	f := &figures{open: map[ticket.Kind]map[ticket.Stage]int{}, due: map[ticket.Kind][]int{}, overdue: map[ticket.Kind]int{}, unassigned: map[ticket.Kind]int{}}
	now := d.config.Now()
	reckonings, err := d.reckonings(ctx, now)
	if err != nil {
		return nil, err
	}
	for _, r := range reckonings {
		digests := r.digests
		if len(reckonings) == 1 {
			digests = nil // of all there are
		}
		counted, err := d.config.Store.OpenFigures(ctx, digests, now, r.ends)
		if err != nil {
			return nil, err
		}
		for _, c := range counted {
			f.add(c, r)
		}
	}
	if f.deliveries, err = d.config.Store.WaitingDeliveries(ctx); err != nil {
		return nil, err
	}
	if f.mails, err = d.config.Store.WaitingMails(ctx); err != nil {
		return nil, err
	}
	if f.unchained, err = d.config.Store.Unchained(ctx); err != nil {
		return nil, err
	}
	f.stuck, err = d.config.Store.StuckTickets(ctx)
	return f, err
}

func (f *figures) add(c store.OpenFigure, r reckoning) {
	if f.open[c.Kind] == nil {
		f.open[c.Kind] = map[ticket.Stage]int{}
	}
	f.open[c.Kind][c.Stage] += c.Tickets
	f.unassigned[c.Kind] += c.Unassigned
	if c.Stage == ticket.WaitingOnSubject && strings.Contains(r.pausing, string(c.Kind)) {
		return // their clocks stand still
	}
	f.overdue[c.Kind] += c.Overdue
	for i, n := range c.Due {
		if f.due[c.Kind] == nil {
			f.due[c.Kind] = make([]int, len(horizons))
		}
		f.due[c.Kind][i] += n
	}
}

// collect gives every kind, stage and horizon, also where there is nothing: a
// figure that is missing raises no alert.
func (f *figures) collect(gauge func(*prometheus.Desc, float64, ...string), now time.Time) {
	age := func(w store.WaitingFigure) float64 {
		if w.Count == 0 {
			return 0
		}
		return max(now.Sub(w.Oldest), 0).Seconds()
	}
	for _, k := range ticket.Kinds() {
		for _, s := range ticket.Stages() {
			if s.Open() {
				gauge(descTickets, float64(f.open[k][s]), string(k), string(s))
			}
		}
		for i, n := range horizons {
			due := 0
			if f.due[k] != nil {
				due = f.due[k][i]
			}
			gauge(descDue, float64(due), string(k), fmt.Sprintf("%dd", n))
		}
		gauge(descOverdue, float64(f.overdue[k]), string(k))
		gauge(descUnassigned, float64(f.unassigned[k]), string(k))
	}
	for _, op := range []store.DeliveryOp{store.OpStart, store.OpUpdate} {
		gauge(descDeliveries, float64(f.deliveries[op].Count), string(op))
		gauge(descDelivery, age(f.deliveries[op]), string(op))
	}
	gauge(descMails, float64(f.mails.Count))
	gauge(descMail, age(f.mails))
	gauge(descUnchained, float64(f.unchained))
	gauge(descStuck, float64(f.stuck))
}
