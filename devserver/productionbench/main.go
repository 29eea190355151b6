// Command productionbench brings up the desk in production's shape, api and worker as
// two processes each, the database server and Temporal each on its own, and has
// bin/bench measure it. With RIGHTSDESK_TEST_MYSQL_ROOT set, as make bench-production
// does, the database is MySQL, and Temporal's too.
//
//	go run ./devserver/productionbench -- --parts throughput --document=
//
// With --engine-apart, Temporal and a MySQL of its own have half of the processors to
// themselves, and all else shares the other half, the bench included: as where the
// company has a Temporal cluster, and the desk machines of its own beside it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"rightsdesk/devserver/process"
	"rightsdesk/devserver/production"
)

// enoughAccounts is for one each of the tickets about an account that a run files.
const enoughAccounts = 20000

type flags struct {
	Bench      string   `default:"bin/bench" help:"The bench's program." placeholder:"FILE"`
	Rightsdesk string   `default:"bin/rightsdesk" help:"The desk's program." placeholder:"FILE"`
	Devserver  string   `default:"bin/devserver" help:"The devserver's program." placeholder:"FILE"`
	Apart      bool     `name:"engine-apart" help:"Temporal and a database server of its own have half of the processors to themselves."`
	Args       []string `arg:"" optional:"" help:"For the bench."`
}

func main() {
	var f flags
	kong.Parse(&f, kong.Name("productionbench"), kong.Description("Measures the desk in production's shape."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := f.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "productionbench:", err)
		os.Exit(1)
	}
}

func (f *flags) run(ctx context.Context) error {
	var engineOn string
	if f.Apart {
		var err error
		if engineOn, err = keepToHalf(); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp("", "rightsdesk-production-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	d, err := production.Start(ctx, production.Options{DataDir: dir, SampleAccounts: enoughAccounts, EngineOn: engineOn,
		Binaries: production.Binaries{Rightsdesk: f.Rightsdesk, Devserver: f.Devserver}})
	if err != nil {
		return err
	}
	defer d.Stop()
	args := []string{"--api=" + d.URL, "--mail=" + d.Mail, "--temporal-address=" + d.Temporal, "--temporal-namespace=" + production.Namespace,
		"--database=" + d.Database.Database, "--master-key-file=" + d.Database.MasterKeyFile}
	for name, several := range map[string][]*process.Process{"api": d.APIs, "worker": d.Workers, "temporal": {d.Engine}, "database": {d.Records}} {
		for _, p := range several {
			args = append(args, fmt.Sprintf("--watch=%s=%d", name, p.Pid()))
		}
	}
	if f.Apart {
		args = append(args, fmt.Sprintf("--watch=engine-database=%d", d.EngineDB.Pid()))
	}
	bench := exec.CommandContext(ctx, f.Bench, append(args, f.Args...)...)
	bench.Stdout, bench.Stderr = os.Stdout, os.Stderr
	bench.Cancel = func() error { return bench.Process.Signal(os.Interrupt) }
	return bench.Run()
}
