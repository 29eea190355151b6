package main

import (
	"context"

	enums "go.temporal.io/api/enums/v1"

	"rightsdesk/bench/floor"
	"rightsdesk/bench/report"
	"rightsdesk/bench/tally"
)

// mostShown is how many histories of a block are looked at.
const mostShown = 10

// histories are what stands in those of a block that were looked at: whether a ticket
// and its floors are of one shape shows in it.
type histories struct {
	n, events, tasks int
	timings          []floor.Timing
}

func (h *histories) add(o histories) {
	h.n, h.events, h.tasks = h.n+o.n, h.events+o.events, h.tasks+o.tasks
	h.timings = append(h.timings, o.timings...)
}

func (h histories) each() (events, tasks float64) {
	return report.Each(float64(h.events), h.n), report.Each(float64(h.tasks), h.n)
}

// timing is that of one after the other, and from the first on again.
func (h histories) timing(turn int64) floor.Timing {
	if len(h.timings) == 0 {
		return nil
	}
	return h.timings[turn%int64(len(h.timings))]
}

// look reads some of the histories, spread over all of them.
func (s *stand) look(ctx context.Context, ids []string) (h histories, err error) {
	for i := range min(mostShown, len(ids)) {
		read, err := tally.ReadHistory(ctx, s.engine, ids[i*len(ids)/min(mostShown, len(ids))])
		if err != nil {
			return h, err
		}
		one := histories{n: 1, events: len(read.Events), timings: []floor.Timing{floor.ReadTiming(read.Events)}}
		for _, e := range read.Events {
			if e.EventType == enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
				one.tasks++
			}
		}
		h.add(one)
	}
	return h, nil
}
