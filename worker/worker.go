// Package worker runs the desk's workflows and activities until told to stop,
// and beside them what keeps the desk in order: the courier, which tells Temporal
// what could not be told at once, the settler of acts that were cut off, the
// sweeper of expired forms, and the chainer of the audit trail.
package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"rightsdesk/accounts"
	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/desk"
	"rightsdesk/mail"
	"rightsdesk/metrics"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
	"rightsdesk/verify"
	"rightsdesk/workflows"
)

// Config is what a Worker is made of.
type Config struct {
	Temporal    client.Client // may be lazy, and away
	Store       *store.Store
	Planner     *deadline.Planner
	Templates   *templates.Set
	Mailer      mail.Sender
	MailDomain  string // of Message-IDs
	Accounts    accounts.System
	Texts       verify.Texts     // nil: no text messages
	StaffLocale ticket.Locale    // in which staff are written to; empty: Chinese
	StayBehind  bool             // does not become current by itself; see promote
	Now         func() time.Time // nil: the wall clock
	Log         *slog.Logger     // nil: the default one
	Metrics     *metrics.Metrics // nil: nothing is counted
	Tracer      trace.Tracer     // nil: no spans
	Courier     func()           // called at each turn of the courier; nil: nobody listens
	Watch       func()           // called at each turn of the watch over Temporal; likewise
	StopTimeout time.Duration    // for activities under way when told to stop; 0: 20 s
}

const (
	stickyCache = 2000 // workflows kept in memory between two tasks
	stopTimeout = 20 * time.Second
	mostWait    = 15 * time.Second // between attempts to reach Temporal
	sweepEvery  = 5 * time.Minute
	chainEvery  = 5 * time.Second
)

// Worker runs what New was given.
type Worker struct {
	config    Config
	courier   *desk.Courier
	settler   *desk.Settler
	listening atomic.Bool // the SDK's worker runs
	answers   atomic.Bool // Temporal answered when it was last asked
	askEvery  time.Duration
}

// New makes a Worker; nothing is called yet.
func New(c Config) *Worker {
	if c.StaffLocale == "" {
		c.StaffLocale = ticket.Chinese
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Watch == nil {
		c.Watch = func() {}
	}
	if c.StopTimeout == 0 {
		c.StopTimeout = stopTimeout
	}
	sdk.SetStickyWorkflowCacheSize(stickyCache)
	d := desk.Config{Store: c.Store, Temporal: c.Temporal, Planner: c.Planner, Now: c.Now, Log: c.Log, Metrics: c.Metrics, Tracer: c.Tracer, Beat: c.Courier}
	return &Worker{config: c, askEvery: askEvery, courier: desk.NewCourier(d), settler: desk.NewSettler(d)}
}

// Listening reports that the worker has reached Temporal, takes tasks, and got an
// answer when it last asked.
func (w *Worker) Listening() bool { return w.listening.Load() && w.answers.Load() }

// Ready says in plain words what keeps the worker from its work; nil: nothing.
func (w *Worker) Ready(context.Context) error {
	switch {
	case !w.listening.Load():
		return errors.New("it has not reached Temporal yet")
	case !w.answers.Load():
		return errors.New("Temporal does not answer")
	}
	return nil
}

// Run works until ctx ends, then lets what is under way finish and returns. A
// Temporal that is away is waited for, at the start and later.
func (w *Worker) Run(ctx context.Context) {
	var beside sync.WaitGroup
	beside.Go(func() { w.courier.Run(ctx) })
	beside.Go(func() { w.settler.Run(ctx) })
	beside.Go(func() { w.sweep(ctx) })
	beside.Go(func() { w.chain(ctx) })
	beside.Go(func() { w.watch(ctx) })
	wait := time.Second
	for ctx.Err() == nil {
		began := time.Now()
		err := w.listen(ctx)
		if ctx.Err() != nil {
			break
		}
		if time.Since(began) > time.Minute {
			wait = time.Second
		}
		w.config.Log.Warn("Temporal is not there; the worker waits", "retry_in", wait, "error", err)
		pause(ctx, wait)
		wait = min(2*wait, mostWait)
	}
	beside.Wait()
}

// listen takes tasks until ctx ends or Temporal turns the worker away.
func (w *Worker) listen(ctx context.Context) error {
	broken := make(chan error, 1)
	tasks := sdk.New(w.config.Temporal, contract.TaskQueue, sdk.Options{
		MaxConcurrentWorkflowTaskExecutionSize:  64,
		MaxConcurrentActivityExecutionSize:      64,
		MaxConcurrentLocalActivityExecutionSize: 32,
		WorkerStopTimeout:                       w.config.StopTimeout,
		Interceptors: []interceptor.WorkerInterceptor{&attempts{store: w.config.Store, metrics: w.config.Metrics,
			log: w.config.Log, now: w.config.Now}},
		DeploymentOptions: sdk.DeploymentOptions{UseVersioning: true, Version: revision(),
			DefaultVersioningBehavior: workflow.VersioningBehaviorAutoUpgrade},
		OnFatalError: func(err error) {
			select {
			case broken <- err:
			default:
			}
		},
	})
	register(tasks, w.config)
	if err := tasks.Start(); err != nil {
		return err
	}
	w.answers.Store(true) // else it would not have started
	w.listening.Store(true)
	defer w.listening.Store(false)
	defer tasks.Stop()
	w.config.Log.Info("the worker is listening", "task_queue", contract.TaskQueue, "revision", workflows.Revision)
	promoting, stop := context.WithCancel(ctx)
	defer stop()
	go w.promote(promoting)
	select {
	case <-ctx.Done():
		return nil
	case err := <-broken:
		return err
	}
}

// sweep deletes the forms that were begun and not sent, and what else has
// expired. Any number of workers may do so at once.
func (w *Worker) sweep(ctx context.Context) {
	for ctx.Err() == nil {
		forms, err := w.config.Store.DeleteExpiredForms(ctx, w.config.Now())
		rest := 0
		if err == nil {
			rest, err = w.config.Store.DeleteExpired(ctx, w.config.Now())
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			w.config.Log.Warn("sweeping what has expired", "error", err)
		case forms+rest > 0:
			w.config.Log.Info("swept what has expired", "forms", forms, "rows", rest)
		}
		pause(ctx, sweepEvery)
	}
}

// chain chains over all tickets what has been written to the audit trail. Any
// number of workers may do so at once.
func (w *Worker) chain(ctx context.Context) {
	chainer := w.config.Store.NewAuditChainer()
	for ctx.Err() == nil {
		if _, err := chainer.Run(ctx, w.config.Now()); err != nil && ctx.Err() == nil {
			w.config.Log.Warn("chaining the audit trail", "error", err)
		}
		pause(ctx, chainEvery)
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
