package workflows

import (
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// beginRetention hands what has to be kept to a workflow of its own, which
// outlives the ticket's (clause 5.4.1: 365 days after a cancellation; clause 7.6:
// nothing is kept longer than needed).
func (t *handling) beginRetention() error {
	days := t.start.Terms.Retention
	if days == 0 {
		return nil
	}
	keep := contract.RetentionStart{Number: t.start.Number, Until: t.s.ClosedAt.Add(time.Duration(days) * 24 * time.Hour)}
	if t.accountDone(contract.StepErase) {
		keep.Account, keep.Until = true, t.s.Account.KeptUntil
		err := t.change(t.ctx, func(workflow.Context) error {
			if t.s.Stage == ticket.Retained {
				return errUnchanged // by a run before this one
			}
			t.stage(ticket.Retained, ticket.AwaitingTime)
			t.event(contract.BySystem, ticket.Nobody, contract.ActRetained, "", 0)
			return nil
		})
		if err != nil {
			return err
		}
	}
	child := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(t.ctx, workflow.ChildWorkflowOptions{
		WorkflowID:        contract.RetentionID(t.start.Number),
		ParentClosePolicy: enums.PARENT_CLOSE_POLICY_ABANDON,
		StaticSummary:     "kept until " + keep.Until.UTC().Format(time.DateOnly) + ", then purged",
	}), contract.WorkflowRetention, keep)
	err := child.GetChildWorkflowExecution().Get(t.ctx, nil)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return nil // by an earlier run of this ticket, before it was reset
	}
	return err
}

// Retention is clause 5.4.1, 留档: it sleeps until the time is over, has the
// account system purge what it kept, destroys the ticket's data key, and records
// the purge. The audit trail stays; it names nobody.
func Retention(ctx workflow.Context, keep contract.RetentionStart) error {
	ctx, _ = workflow.NewDisconnectedContext(ctx) // cancelling it would keep the data for ever
	workflow.SetCurrentDetails(ctx, "Kept until **"+keep.Until.UTC().Format(time.RFC3339)+"**. Only the privacy officer can open it, with a reason.")
	timer := workflow.NewTimerWithOptions(ctx, max(keep.Until.Sub(workflow.Now(ctx)), 0),
		workflow.TimerOptions{Summary: "retention ends"})
	if err := timer.Get(ctx, nil); err != nil {
		return err
	}
	purged := true
	if keep.Account {
		purged = purgeAccount(ctx, keep.Number)
	}
	err := local(ctx, contract.ActivityPurgeRecords, "purge", contract.PurgeRecords{Number: keep.Number, At: workflow.Now(ctx)}, nil)
	if err != nil {
		return err
	}
	workflow.SetCurrentDetails(ctx, "Purged.")
	if !purged {
		err = tellOfPurge(ctx, keep.Number)
	}
	return err
}

// purgeAccount has the account system drop what it kept, and reports whether it
// has. Our own records are purged either way.
func purgeAccount(ctx workflow.Context, number ticket.Number) bool {
	var acted contract.AccountActed
	err := remote(ctx, contract.ActivityActOnAccount, "account system: purge", 0, contract.AccountAct{
		Number: number, Act: contract.StepPurge, Key: contract.StepOf(contract.StepPurge, 1),
	}, &acted)
	return err == nil && !acted.Pending && !acted.Failed
}

// tellOfPurge: where there is no interface, or it refused, the privacy officer
// sees to it.
func tellOfPurge(ctx workflow.Context, number ticket.Number) error {
	return remote(ctx, contract.ActivityNotifyStaff, "tell staff: purge by hand", patience, contract.StaffNotice{
		Number: number, Step: contract.StepOf(contract.ActTaskOpened, 1), Act: contract.ActTaskOpened,
		Roles: []ticket.Role{ticket.PrivacyOfficer},
	}, nil)
}
