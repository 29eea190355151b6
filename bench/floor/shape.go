// Package floor measures what a ticket's workflow costs bare: workflows of the
// same shape, whose steps do nothing. The shape is read from a real ticket's
// history, so that it can't drift from what tickets do.
package floor

import (
	"fmt"
	"slices"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enums "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"
)

// Verb is one thing a workflow does that stands in its history.
type Verb string

const (
	Local    Verb = "local"    // a local activity, waited for
	Begin    Verb = "begin"    // an activity, not waited for
	Await    Verb = "await"    // the end of an activity
	Arm      Verb = "arm"      // a timer
	Disarm   Verb = "disarm"   // its cancelling
	Upsert   Verb = "upsert"   // of search attributes
	Accept   Verb = "accept"   // an update: wait for it
	Complete Verb = "complete" // answer the update
)

// Op is one step of a Shape. Ref counts activities (local ones too), timers and
// updates, each by itself, from 1.
type Op struct {
	Do         Verb
	Ref        int
	After      time.Duration // Arm
	Attributes []Attribute   // Upsert
}

// Attribute is a search attribute as a history has it; one without a value is
// unset.
type Attribute struct {
	Name  string
	Type  enums.IndexedValueType
	Value *commonpb.Payload
}

// Shape is what one ticket's workflow did, in order.
type Shape struct {
	Kind    string
	Ops     []Op
	AtStart []Attribute
}

// Read reads a shape from a history. An event that no shape can have is an error:
// the floor must not leave out what tickets do.
func Read(kind string, events []*historypb.HistoryEvent) (Shape, error) {
	r := reader{Shape: Shape{Kind: kind}, activities: map[int64]int{}, timers: map[int64]int{}}
	for _, e := range events {
		if err := r.take(e); err != nil {
			return Shape{}, fmt.Errorf("the shape of %s: event %d: %w", kind, e.EventId, err)
		}
	}
	return r.Shape, nil
}

type reader struct {
	Shape
	steps, updates     int
	activities, timers map[int64]int // refs by the id of their first event
}

func (r *reader) take(e *historypb.HistoryEvent) error {
	switch e.EventType {
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
		var err error
		r.AtStart, err = attributes(e.GetWorkflowExecutionStartedEventAttributes().GetSearchAttributes())
		return err
	case enums.EVENT_TYPE_MARKER_RECORDED:
		switch name := e.GetMarkerRecordedEventAttributes().MarkerName; name {
		case "LocalActivity":
			r.steps++
			r.add(Op{Do: Local, Ref: r.steps})
		case "Version": // of the workflow's code: what is bare has no earlier releases
		default:
			return fmt.Errorf("a marker %q", name)
		}
	case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		r.steps++
		r.activities[e.EventId] = r.steps
		r.add(Op{Do: Begin, Ref: r.steps})
	case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		r.add(Op{Do: Await, Ref: r.activities[e.GetActivityTaskCompletedEventAttributes().ScheduledEventId]})
	case enums.EVENT_TYPE_TIMER_STARTED:
		r.timers[e.EventId] = len(r.timers) + 1
		r.add(Op{Do: Arm, Ref: r.timers[e.EventId], After: e.GetTimerStartedEventAttributes().StartToFireTimeout.AsDuration()})
	case enums.EVENT_TYPE_TIMER_CANCELED:
		r.add(Op{Do: Disarm, Ref: r.timers[e.GetTimerCanceledEventAttributes().StartedEventId]})
	case enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
		changed, err := attributes(e.GetUpsertWorkflowSearchAttributesEventAttributes().SearchAttributes)
		if err != nil {
			return err
		}
		if len(changed) == 1 && changed[0].Name == "TemporalChangeVersion" {
			return nil
		}
		r.add(Op{Do: Upsert, Attributes: changed})
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
		r.updates++
		r.add(Op{Do: Accept, Ref: r.updates})
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
		r.add(Op{Do: Complete, Ref: r.updates})
	case enums.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, enums.EVENT_TYPE_WORKFLOW_TASK_STARTED, enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
		enums.EVENT_TYPE_ACTIVITY_TASK_STARTED:
	default:
		return fmt.Errorf("%s has no place in a shape", e.EventType)
	}
	return nil
}

func (r *reader) add(o Op) { r.Ops = append(r.Ops, o) }

func attributes(sent *commonpb.SearchAttributes) ([]Attribute, error) {
	var out []Attribute
	for name, payload := range sent.GetIndexedFields() {
		kind, err := enums.IndexedValueTypeFromString(string(payload.Metadata["type"]))
		if err != nil {
			return nil, fmt.Errorf("the search attribute %s: %w", name, err)
		}
		a := Attribute{Name: name, Type: kind, Value: payload}
		if string(payload.Metadata["encoding"]) == converter.MetadataEncodingNil {
			a.Value = nil
		}
		out = append(out, a)
	}
	return out, nil
}

// Steps is how many activities the shape has, local ones and others.
func (s Shape) Steps() (local, remote int) {
	for _, o := range s.Ops {
		switch o.Do {
		case Local:
			local++
		case Begin:
			remote++
		}
	}
	return local, remote
}

// Updates is how many updates it takes.
func (s Shape) Updates() int {
	n := 0
	for _, o := range s.Ops {
		if o.Do == Accept {
			n++
		}
	}
	return n
}

// before lists the steps that have ended when an update is accepted: who sends
// it waits for them, as a person waits for the mail with the code.
func (s Shape) before(update int) []int {
	i := slices.IndexFunc(s.Ops, func(o Op) bool { return o.Do == Accept && o.Ref == update })
	return ended(s.Ops[:max(i, 0)])
}

// end lists the steps that have ended when the last activity has, which is when
// the answer is with the person. What comes after it is done as well, but nobody
// waits for it.
func (s Shape) end() []int {
	last := 0
	for i, o := range s.Ops {
		if o.Do == Await {
			last = i + 1
		}
	}
	return ended(s.Ops[:last])
}

func ended(ops []Op) []int {
	var refs []int
	for _, o := range ops {
		if o.Do == Local || o.Do == Await {
			refs = append(refs, o.Ref)
		}
	}
	return refs
}
