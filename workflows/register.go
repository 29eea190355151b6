package workflows

import (
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
)

// Register offers every workflow under the name by which histories know it. All of
// them move on with the revision; see Revision.
func Register(r worker.WorkflowRegistry) {
	for name, w := range map[string]any{
		contract.WorkflowAccountCancellation: AccountCancellation,
		contract.WorkflowInfoCorrection:      InfoCorrection,
		contract.WorkflowComplaint:           Complaint,
		contract.WorkflowRetention:           Retention,
		contract.WorkflowCalendarRollout:     CalendarRollout,
	} {
		r.RegisterWorkflowWithOptions(w, workflow.RegisterOptions{Name: name, VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade})
	}
}
