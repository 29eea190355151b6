package floor

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
)

var activityOptions = activity.RegisterOptions{Name: activityName}

// Floor runs bare workflows, with a worker of its own in this process.
type Floor struct {
	client client.Client
	bare   *bare
	worker worker.Worker
}

// Open starts the worker. Its options are the product's.
func Open(c client.Client, options worker.Options, shapes map[string]Shape) (*Floor, error) {
	b := &bare{shapes: shapes, ended: &endings{}, seen: &endings{}}
	w := worker.New(c, TaskQueue, options)
	b.register(w)
	if err := w.Start(); err != nil {
		return nil, err
	}
	return &Floor{client: c, bare: b, worker: w}, nil
}

// Close stops the worker.
func (f *Floor) Close() { f.worker.Stop() }

// Run runs one workflow of a shape to the end of the shape, with updates that come as
// the timing says, and says how long the start took and how long all of it.
func (f *Floor) Run(ctx context.Context, id, kind string, style Style, timing Timing) (started, ended time.Duration, err error) {
	shape := f.bare.shapes[kind]
	ran, seen := f.bare.ended.of(id), f.bare.seen.of(id)
	defer f.bare.ended.forget(id)
	defer f.bare.seen.forget(id)
	atStart, err := updates(shape.AtStart)
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	_, err = f.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: TaskQueue,
		TypedSearchAttributes: temporal.NewSearchAttributes(atStart...)}, workflowName, start{kind, style})
	if err != nil {
		return 0, 0, fmt.Errorf("starting a bare workflow: %w", err)
	}
	started = time.Since(began)
	for n := range shape.Updates() {
		before := ran
		if timing.known(n + 1) {
			before = seen
		}
		if err := before.await(ctx, shape.before(n+1)); err != nil {
			return started, 0, err
		}
		handle, err := f.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{WorkflowID: id, UpdateName: updateName,
			UpdateID: fmt.Sprint(n + 1), Args: []any{next{n + 1}}, WaitForStage: client.WorkflowUpdateStageCompleted})
		if err == nil {
			err = handle.Get(ctx, nil)
		}
		if err != nil {
			return started, 0, fmt.Errorf("update %d of a bare workflow: %w", n+1, err)
		}
	}
	err = ran.await(ctx, shape.end())
	return started, time.Since(began), err
}

// endings tells who waits which steps have ended.
type endings struct{ byID sync.Map }

func (e *endings) of(id string) *steps {
	s, _ := e.byID.LoadOrStore(id, &steps{ended: map[int]bool{}, more: make(chan struct{}, 1)})
	return s.(*steps)
}

func (e *endings) forget(id string) { e.byID.Delete(id) }

func (e *endings) tell(s step) {
	if of, ok := e.byID.Load(s.ID); ok {
		of.(*steps).end(s.Ref)
	}
}

type steps struct {
	mu    sync.Mutex
	ended map[int]bool
	more  chan struct{}
}

func (s *steps) end(ref int) {
	s.mu.Lock()
	s.ended[ref] = true
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

func (s *steps) await(ctx context.Context, refs []int) error {
	for !s.have(refs) {
		select {
		case <-s.more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (s *steps) have(refs []int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range refs {
		if !s.ended[r] {
			return false
		}
	}
	return true
}
