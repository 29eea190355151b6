package floor

import (
	"context"
	"fmt"
	"slices"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Style is how the steps of a shape are run.
type Style string

const (
	// Naive runs every step as an activity of its own: what a desk would cost
	// whose author knew nothing better.
	Naive Style = "naive"
	// Alike runs each step as the ticket does.
	Alike Style = "alike"
)

const (
	// TaskQueue is the floor's own.
	TaskQueue    = "bench-floor"
	workflowName = "bench_bare"
	activityName = "bench_nothing"
	updateName   = "bench_next"
)

type start struct {
	Shape string `json:"shape"`
	Style Style  `json:"style"`
}

type step struct {
	ID  string `json:"id"`
	Ref int    `json:"ref"`
}

type next struct {
	Update int `json:"update"`
}

// bare runs shapes. Ended are the steps that have run, seen those of whose end the
// workflow knows.
type bare struct {
	shapes      map[string]Shape
	ended, seen *endings
}

func (b *bare) register(r worker.Registry) {
	r.RegisterWorkflowWithOptions(b.run, workflow.RegisterOptions{Name: workflowName})
	r.RegisterActivityWithOptions(b.nothing, activityOptions)
}

// nothing is every step.
func (b *bare) nothing(_ context.Context, s step) error {
	b.ended.tell(s)
	return nil
}

// running is one bare workflow.
type running struct {
	ctx        workflow.Context
	style      Style
	id         string
	seen       *endings
	activities map[int]workflow.Future
	timers     map[int]workflow.CancelFunc
	taken      int // the update that has come last
	answered   int // the one that has been answered last
}

// run does what the shape says, and then stays open, as an answered ticket does.
func (b *bare) run(ctx workflow.Context, in start) error {
	shape, ok := b.shapes[in.Shape]
	if !ok {
		return temporal.NewNonRetryableApplicationError("no such shape: "+in.Shape, "bench", nil)
	}
	r := &running{ctx: ctx, style: in.Style, id: workflow.GetInfo(ctx).WorkflowExecution.ID, seen: b.seen,
		activities: map[int]workflow.Future{}, timers: map[int]workflow.CancelFunc{}}
	if err := r.takeUpdates(); err != nil {
		return err
	}
	for _, o := range shape.Ops {
		if err := r.do(o); err != nil {
			return err
		}
	}
	workflow.GetSignalChannel(ctx, "never").Receive(ctx, nil)
	return nil
}

func (r *running) takeUpdates() error {
	take := func(ctx workflow.Context, in next) (next, error) {
		r.taken = in.Update
		return in, workflow.Await(ctx, func() bool { return r.answered >= in.Update })
	}
	check := func(in next) error {
		if in.Update != r.taken+1 {
			return fmt.Errorf("update %d after %d", in.Update, r.taken)
		}
		return nil
	}
	return workflow.SetUpdateHandlerWithOptions(r.ctx, updateName, take, workflow.UpdateHandlerOptions{Validator: check})
}

func (r *running) do(o Op) error {
	switch o.Do {
	case Local:
		if r.style == Alike {
			return r.local(o.Ref)
		}
		r.begin(o.Ref)
		return r.await(o.Ref)
	case Begin:
		r.begin(o.Ref)
	case Await:
		return r.await(o.Ref)
	case Arm:
		ctx, cancel := workflow.WithCancel(r.ctx)
		r.timers[o.Ref] = cancel
		workflow.NewTimer(ctx, o.After)
	case Disarm:
		r.timers[o.Ref]()
	case Upsert:
		changed, err := updates(o.Attributes)
		if err != nil {
			return err
		}
		return workflow.UpsertTypedSearchAttributes(r.ctx, changed...)
	case Accept:
		return workflow.Await(r.ctx, func() bool { return r.taken >= o.Ref })
	case Complete:
		r.answered = o.Ref
	}
	return nil
}

func (r *running) local(ref int) error {
	ctx := workflow.WithLocalActivityOptions(r.ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 10 * time.Second, ScheduleToCloseTimeout: 20 * time.Second})
	err := workflow.ExecuteLocalActivity(ctx, activityName, step{r.id, ref}).Get(ctx, nil)
	r.seen.tell(step{r.id, ref})
	return err
}

// await tells who waits that the workflow knows: telling twice, in a replay, tells
// nothing new.
func (r *running) await(ref int) error {
	err := r.activities[ref].Get(r.ctx, nil)
	r.seen.tell(step{r.id, ref})
	return err
}

func (r *running) begin(ref int) {
	ctx := workflow.WithActivityOptions(r.ctx, workflow.ActivityOptions{StartToCloseTimeout: 2 * time.Minute})
	r.activities[ref] = workflow.ExecuteActivity(ctx, activityName, step{r.id, ref})
}

// updates are the attributes as the SDK takes them, in one order.
func updates(list []Attribute) ([]temporal.SearchAttributeUpdate, error) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Attribute) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	var out []temporal.SearchAttributeUpdate
	for _, a := range list {
		u, err := a.update()
		if err != nil {
			return nil, fmt.Errorf("the search attribute %s: %w", a.Name, err)
		}
		out = append(out, u)
	}
	return out, nil
}

func (a Attribute) update() (temporal.SearchAttributeUpdate, error) {
	from := converter.GetDefaultDataConverter().FromPayload
	switch a.Type {
	case enums.INDEXED_VALUE_TYPE_KEYWORD:
		key := temporal.NewSearchAttributeKeyKeyword(a.Name)
		if a.Value == nil {
			return key.ValueUnset(), nil
		}
		var v string
		err := from(a.Value, &v)
		return key.ValueSet(v), err
	case enums.INDEXED_VALUE_TYPE_DATETIME:
		key := temporal.NewSearchAttributeKeyTime(a.Name)
		var v time.Time
		err := from(a.Value, &v)
		return key.ValueSet(v), err
	case enums.INDEXED_VALUE_TYPE_INT:
		key := temporal.NewSearchAttributeKeyInt64(a.Name)
		var v int64
		err := from(a.Value, &v)
		return key.ValueSet(v), err
	}
	return nil, fmt.Errorf("of type %s: not known here", a.Type)
}
