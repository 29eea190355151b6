package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
)

// pagesPerRun bounds a run's history; a desk with more open tickets continues as
// new behind the last one visited.
const (
	pagesPerRun = 100
	pageSize    = 500
)

// lostWorker is after how long without a sign of life a page of tickets is given to
// another worker. One that waits for a ticket gives none for 20 seconds.
const lostWorker = 30 * time.Second

// CalendarRollout computes the deadline of every open ticket anew after a
// published schedule was loaded. It is a workflow so that nobody has to remember
// it: it goes on where it was after any crash.
func CalendarRollout(ctx workflow.Context, in contract.RolloutStart) (contract.RolloutResult, error) {
	for range pagesPerRun {
		workflow.SetCurrentDetails(ctx, fmt.Sprintf("%d tickets visited, %d deadlines moved", in.Visited, in.Moved))
		var page contract.OpenTicketsPage
		err := local(ctx, contract.ActivityOpenTickets, "next open tickets", contract.OpenTickets{After: in.After, Limit: pageSize}, &page)
		if err != nil {
			return contract.RolloutResult{}, err
		}
		if len(page.Numbers) == 0 {
			return contract.RolloutResult{Visited: in.Visited, Moved: in.Moved, Failed: in.Failed}, nil
		}
		var replanned contract.Replanned
		beating := workflow.WithHeartbeatTimeout(patient(ctx, fmt.Sprintf("replan %d tickets", len(page.Numbers)), 0), lostWorker)
		err = workflow.ExecuteActivity(beating, contract.ActivityReplanTickets,
			contract.ReplanTickets{Calendar: in.Calendar, Numbers: page.Numbers}).Get(ctx, &replanned)
		if err != nil {
			return contract.RolloutResult{}, err
		}
		in.After = page.Numbers[len(page.Numbers)-1]
		in.Visited += len(page.Numbers)
		in.Moved += replanned.Moved
		in.Failed += replanned.Failed
	}
	return contract.RolloutResult{}, workflow.NewContinueAsNewError(ctx, contract.WorkflowCalendarRollout, in)
}
