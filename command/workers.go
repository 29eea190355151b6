package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"rightsdesk/contract"
	"rightsdesk/worker"
)

type workersCommand struct {
	Temporal `embed:""`
	List     workersList    `cmd:"" help:"List the revisions of the workers that Temporal knows."`
	Current  workersCurrent `cmd:"" help:"Make a revision current: tickets go on under it."`
}

const workersPatience = 20 * time.Second

type workersList struct{}

func (w *workersList) Run(ctx context.Context, s streams, all *commandLine) error {
	ctx, cancel := context.WithTimeout(ctx, workersPatience)
	defer cancel()
	t, err := dial(all.Workers.Temporal, &watched{}, s.log)
	if err != nil {
		return err
	}
	defer t.Close()
	known, err := t.WorkerDeploymentClient().GetHandle(contract.Deployment).Describe(ctx, client.WorkerDeploymentDescribeOptions{})
	if none := (&serviceerror.NotFound{}); errors.As(err, &none) {
		return errors.New("no worker has told Temporal its revision yet")
	}
	if err != nil {
		return fmt.Errorf("--temporal-address: %w", err)
	}
	current := ""
	if v := known.Info.RoutingConfig.CurrentVersion; v != nil {
		current = v.BuildID
	}
	out := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(out, "REVISION\tSTATE\tFIRST SEEN")
	for _, v := range known.Info.VersionSummaries {
		state := "behind"
		switch v.DrainageStatus {
		case client.WorkerDeploymentVersionDrainageStatusDraining:
			state = "behind, being left"
		case client.WorkerDeploymentVersionDrainageStatusDrained:
			state = "behind, nothing left of it"
		case client.WorkerDeploymentVersionDrainageStatusUnspecified:
		}
		if v.Version.BuildID == current {
			state = "current"
		}
		fmt.Fprintf(out, "%s\t%s\t%s\n", v.Version.BuildID, state, v.CreateTime.UTC().Format(time.RFC3339))
	}
	return out.Flush()
}

type workersCurrent struct {
	Revision string `arg:"" help:"As workers list shows it. An older one is taken back to: see the runbook."`
}

func (w *workersCurrent) Run(ctx context.Context, s streams, all *commandLine) error {
	revision, err := strconv.Atoi(w.Revision)
	if err != nil || revision < 1 {
		return fmt.Errorf("REVISION: %q is none; list them with: rightsdesk workers list", w.Revision)
	}
	ctx, cancel := context.WithTimeout(ctx, workersPatience)
	defer cancel()
	t, err := dial(all.Workers.Temporal, &watched{}, s.log)
	if err != nil {
		return err
	}
	defer t.Close()
	changed, err := worker.Promote(ctx, t, revision, true)
	if err != nil {
		return fmt.Errorf("making revision %d current: %w", revision, err)
	}
	if !changed {
		fmt.Fprintf(s.out, "revision %d is current already\n", revision)
		return nil
	}
	fmt.Fprintf(s.out, "tickets go on under revision %d\n", revision)
	return nil
}
