// Package desk is what people do at the desk, whichever door they come through:
// the public form, the console, the JSON interface or the command line. Each act
// is checked, its words are stored, and the ticket's workflow is told.
//
// What a person sends is stored before anything else, so that Temporal being
// away loses nothing and refuses nobody: the Courier delivers it later. What
// staff do is decided by the workflow there and then, or refused in words.
package desk

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"go.temporal.io/sdk/client"

	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/metrics"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// Staff is who acts at the desk: their role was checked when they signed in.
// Lease is the number of the claim they act under.
type Staff = contract.Staff

// Config is what a Desk is made of.
type Config struct {
	Store    *store.Store
	Temporal client.Client // may be lazy, and may be away
	Planner  *deadline.Planner

	// Policy is what tickets filed from now on are promised, and PolicyText the
	// file it was read from. Only filing needs them.
	Policy     *ticket.Policy
	PolicyText []byte

	// Links mails tracking links. Only RequestLink needs it.
	Links LinkMailer

	Verifiers Verifiers

	Metrics *metrics.Metrics // nil: nothing is counted
	Tracer  trace.Tracer     // nil: no spans
	Beat    func()           // the Courier calls it at each turn; nil: nobody listens

	Product     string           // version of the program; it stands in evidence
	Now         func() time.Time // nil: the wall clock
	Log         *slog.Logger     // nil: the default one
	StartBudget time.Duration    // how long a receipt waits for Temporal; 0: 50 ms
	ActBudget   time.Duration    // how long a person's act waits for it; 0: 3 s
	StaffBudget time.Duration    // how long an act of staff waits for it; 0: 10 s
}

// Desk is the front of the desk. It may be used by many goroutines at once.
type Desk struct {
	store      *store.Store
	planner    *deadline.Planner
	policy     *ticket.Policy
	policyText []byte
	links      LinkMailer
	verifiers  Verifiers
	product    string
	now        func() time.Time
	log        *slog.Logger
	engine     *engine
	pictures   *pictures
	metrics    *metrics.Metrics
	tracer     trace.Tracer

	startBudget, actBudget, staffBudget time.Duration
	startLimit                          time.Duration // how long a start goes on behind its receipt

	background sync.WaitGroup
	errands    chan struct{} // bounds the background work
	slow       atomic.Bool   // Temporal did not start a workflow within the budget, nor any since
}

// backgroundLimit is how many starts and link mails may be under way at once.
// Past it a start waits for the Courier.
const backgroundLimit = 64

// New makes a Desk.
func New(c Config) *Desk {
	c = c.withDefaults()
	if c.Policy != nil && c.Planner != nil {
		c.Planner.Know(c.Policy)
	}
	return &Desk{
		store:       c.Store,
		planner:     c.Planner,
		policy:      c.Policy,
		policyText:  c.PolicyText,
		links:       c.Links,
		verifiers:   c.Verifiers,
		product:     c.Product,
		now:         c.Now,
		log:         c.Log,
		engine:      newEngine(c),
		pictures:    newPictures(),
		metrics:     c.Metrics,
		tracer:      c.Tracer,
		startBudget: c.StartBudget,
		actBudget:   c.ActBudget,
		staffBudget: c.StaffBudget,
		startLimit:  carryTimeout,
		errands:     make(chan struct{}, backgroundLimit),
	}
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Tracer == nil {
		c.Tracer = noop.NewTracerProvider().Tracer("")
	}
	if c.Beat == nil {
		c.Beat = func() {}
	}
	if c.StartBudget == 0 {
		c.StartBudget = 50 * time.Millisecond
	}
	if c.ActBudget == 0 {
		c.ActBudget = 3 * time.Second
	}
	if c.StaffBudget == 0 {
		c.StaffBudget = 10 * time.Second
	}
	return c
}

// Policy is what tickets filed from now on are promised.
func (d *Desk) Policy() *ticket.Policy { return d.policy }

// Wait waits for the work that goes on behind the answers given so far: starts
// and link mails. Call it before the program ends.
func (d *Desk) Wait() { d.background.Wait() }

// behind runs f after the answer. It reports false when too much is under way.
func (d *Desk) behind(f func()) bool {
	select {
	case d.errands <- struct{}{}:
	default:
		return false
	}
	d.background.Go(func() {
		defer func() { <-d.errands }()
		f()
	})
	return true
}
