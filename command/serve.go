package command

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"

	"rightsdesk/ticket"
)

func locale(s string) ticket.Locale { return ticket.Locale(s) }

// looseMemory lets so much garbage, in percent of what is in use, pile up before it
// is collected. Pages leave megabytes of it, and what is in use is mostly the
// templates' trees, forty megabytes of pointers that take a page's time to follow.
const looseMemory = 400

type apiCommand struct {
	API `embed:""`
}

func (c *apiCommand) Run(ctx context.Context, s streams) error {
	if err := c.Service.check(); err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(looseMemory)
	}
	return unlessStopped(ctx, s.log, c.API.Run(ctx, s.log))
}

type workerCommand struct {
	Worker `embed:""`
}

func (c *workerCommand) Run(ctx context.Context, s streams) error {
	if err := c.Service.check(); err != nil {
		return err
	}
	if err := c.Accounts.check(); err != nil {
		return err
	}
	return unlessStopped(ctx, s.log, c.Worker.Run(ctx, s.log))
}

// unlessStopped is no error if the process has been told to stop: what it could not do
// any more is none of its faults.
func unlessStopped(ctx context.Context, log *slog.Logger, err error) error {
	if err != nil && ctx.Err() != nil {
		log.Info("stopped while it was starting", "error", err)
		return nil
	}
	return err
}

type migrateCommand struct {
	Database `embed:""`
}

func (c *migrateCommand) Run(ctx context.Context, s streams) error {
	if err := Migrate(ctx, c.Database); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "the schema is up to date")
	return nil
}

// Migrate brings a database's schema up to this release.
func Migrate(ctx context.Context, d Database) error {
	r, err := openAnySchema(d)
	if err != nil {
		return err
	}
	defer r.store.Close()
	return r.store.Migrate(ctx)
}
