package worker

import (
	"context"
	"strconv"
	"time"

	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"

	"rightsdesk/contract"
	"rightsdesk/workflows"
)

// revision is what this worker tells Temporal that it knows.
func revision() sdk.WorkerDeploymentVersion {
	return sdk.WorkerDeploymentVersion{DeploymentName: contract.Deployment, BuildID: strconv.Itoa(workflows.Revision)}
}

// promote makes this worker's revision the current one, to which Temporal sends
// the tasks of all tickets, unless a newer one is current already: an old worker
// that is started again while a release rolls out takes nothing back. It tries
// until it is settled or ctx ends.
func (w *Worker) promote(ctx context.Context) {
	if w.config.StayBehind {
		return
	}
	for wait := 200 * time.Millisecond; ctx.Err() == nil; wait = min(2*wait, mostWait) {
		changed, err := Promote(ctx, w.config.Temporal, workflows.Revision, false)
		switch {
		case err == nil && changed:
			w.config.Log.Info("tickets go on under this worker's revision", "revision", workflows.Revision)
			return
		case err == nil:
			return
		case wait > 2*time.Second && ctx.Err() == nil: // before that the server has hardly seen this worker
			w.config.Log.Warn("this worker's revision is not current yet", "revision", workflows.Revision, "error", err)
		}
		pause(ctx, wait)
	}
}

// Promote makes a revision current and reports whether it was not. One that is
// older than the current one is left behind, unless back says to go back to it.
func Promote(ctx context.Context, temporal client.Client, to int, back bool) (bool, error) {
	handle := temporal.WorkerDeploymentClient().GetHandle(contract.Deployment)
	now, err := handle.Describe(ctx, client.WorkerDeploymentDescribeOptions{})
	if err != nil {
		return false, err
	}
	if current := now.Info.RoutingConfig.CurrentVersion; current != nil {
		is, err := strconv.Atoi(current.BuildID)
		if err == nil && (is == to || is > to && !back) {
			return false, nil
		}
	}
	_, err = handle.SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{
		BuildID: strconv.Itoa(to), ConflictToken: now.ConflictToken})
	return err == nil, err
}
