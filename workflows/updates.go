package workflows

import (
	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// on offers one update. check refuses in words and changes nothing: it is asked
// before the update is accepted, so that a refusal leaves no trace in the
// history, and again under the lock, since two people may press at once. do
// makes the change.
func on[In any](t *handling, name string, check func(In) *ticket.Error, do func(workflow.Context, In, *contract.Done) error) {
	handler := func(ctx workflow.Context, in In) (contract.Done, error) {
		ctx, _ = workflow.NewDisconnectedContext(ctx) // as in conduct: cancelling the workflow does nothing
		ctx = workflow.WithValue(ctx, once{}, !contract.Repeated(name))
		var done contract.Done
		if err := workflow.Await(ctx, t.received); err != nil {
			return done, err
		}
		err := t.change(ctx, func(ctx workflow.Context) error {
			if e := check(in); e != nil {
				return refused(e)
			}
			return do(ctx, in, &done)
		})
		done.Rev, done.Stage = t.s.Rev, t.s.Stage
		return done, err
	}
	validate := func(in In) error {
		if !t.received() {
			return nil // it is asked again once there is something to ask about
		}
		return refused(check(in))
	}
	err := workflow.SetUpdateHandlerWithOptions(t.ctx, name, handler, workflow.UpdateHandlerOptions{Validator: validate})
	if err != nil {
		panic(err) // a programming error: a name used twice, or a handler of the wrong shape
	}
}

// once is the key under which an update's context says whether it is asked for once.
type once struct{}

// askedOnce reports that an update is being carried out that nobody repeats. Temporal has
// an update for good only once its task is done; all else follows from the history.
func askedOnce(ctx workflow.Context) bool {
	is, _ := ctx.Value(once{}).(bool)
	return is
}

// received: the receipt is on record and the clock runs. An update may have come
// together with the start, and Temporal hands it over before anything else.
func (t *handling) received() bool { return t.s.Rev > 0 }

func (t *handling) acceptUpdates() {
	// the person
	on(t, contract.UpdateIdentityProved, t.mayProve, t.identityProved)
	on(t, contract.UpdateResendCode, t.mayResend, t.resendCode)
	on(t, contract.UpdateSendText, t.maySendText, t.sendText)
	on(t, contract.UpdateProofSent, t.mayTakeProof, t.takeProof)
	on(t, contract.UpdateReply, t.mayReply, t.reply)
	on(t, contract.UpdateWithdraw, t.mayWithdraw, t.withdraw)
	on(t, contract.UpdateConfirm, t.mayConfirm, t.confirm)
	on(t, contract.UpdateObstaclesSettled, t.maySettleObstacles, t.obstaclesSettled)
	on(t, contract.UpdateSolved, t.maySayWhetherSolved, t.solved)
	on(t, contract.UpdateNotSolved, t.mayAppeal, t.notSolved)
	on(t, contract.UpdateAnswerRead, t.mayRead, t.answerRead)

	// staff
	on(t, contract.UpdateClaim, t.mayClaim, t.claim)
	on(t, contract.UpdateRelease, t.mayRelease, t.release)
	on(t, contract.UpdateAssign, t.mayAssign, t.assign)
	on(t, contract.UpdateCategorise, t.mayCategorise, t.categorise)
	on(t, contract.UpdateNote, t.mayNote, t.note)
	on(t, contract.UpdateAsk, t.mayAsk, t.ask)
	on(t, contract.UpdateCheckIdentity, t.mayCheckIdentity, t.checkIdentity)
	on(t, contract.UpdateReviewProof, t.mayReviewProof, t.reviewProof)
	on(t, contract.UpdateDecide, t.mayDecide, t.decide)
	on(t, contract.UpdateApprove, t.mayApprove, t.approve)
	on(t, contract.UpdateTaskDone, t.mayTick, t.taskDone)
	on(t, contract.UpdateEscalate, t.mayEscalate, t.escalate)
	on(t, contract.UpdateAcknowledge, t.mayAcknowledge, t.acknowledge)
	on(t, contract.UpdateExtend, t.mayExtend, t.extendDeadline)
	on(t, contract.UpdateBounced, t.mayBounce, t.bounced)

	// the desk itself
	on(t, contract.UpdateReplan, t.mayReplan, t.replan)
	on(t, contract.UpdateRepair, t.mayRepair, t.repair)
}
