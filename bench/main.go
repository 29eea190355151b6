// Command bench measures a running desk from outside: how many tickets it brings
// to their answer, beside bare workflows of the same shape on the same Temporal in
// the same run; how fast it takes tickets in, with Temporal there and away; what a
// ticket costs; and how time and memory grow. make bench runs all of it and
// writes the tables into docs/performance.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"rightsdesk/ticket"
)

type flags struct {
	Parts    []string `default:"throughput,intake,cost,growth" enum:"throughput,intake,cost,growth" help:"What to measure: ${enum}."`
	Document string   `help:"Write the tables into this document, between its markers; none: print them." placeholder:"FILE"`

	Capacity string `help:"Write what follows for the number of machines into this document." placeholder:"FILE"`

	Kinds   []ticket.Kind `default:"complaint,info_correction,account_cancellation" help:"Kinds of tickets."`
	Clients []int         `default:"1,8,32" help:"Clients at once, for throughput."`
	Rounds  int           `default:"4" help:"How often each block of load is run."`
	Window  time.Duration `default:"4s" help:"How much of a block is counted."`

	Senders []int `default:"1,8,64" help:"Clients at once, for the intake."`
	Filings int   `default:"200" help:"Requests filed in each block of the intake."`
	Tickets int   `default:"20" help:"Tickets of each kind of which the cost is counted."`
	Open    []int `default:"1000,5000" help:"Numbers of open tickets at which growth is looked at."`

	Devserver string `default:"bin/devserver" help:"The devserver's program." placeholder:"FILE"`
	Desk      string `default:"bin/rightsdesk" help:"The desk's program." placeholder:"FILE"`
	Data      string `help:"Folder in which the desks' data is kept for the time; none: the system's." placeholder:"DIR"`
	Accounts  int    `default:"20000" help:"How many accounts the sample account system has, one for each ticket about an account."`
	Profile   bool   `help:"Have the devserver serve Go's profiles, and say where."`

	Database      string `help:"The desk's database, an empty one, instead of an SQLite file of the devserver's." placeholder:"DSN"`
	API           string `help:"Measure a desk that runs already. It must believe this machine's X-Forwarded-For, and --database, --mail and --temporal-address must be its own; accounts sample-1 and on must be there, or --kinds be complaint." placeholder:"URL"`
	Mail          string `help:"Its mail catcher." placeholder:"URL"`
	Temporal      string `name:"temporal-address" help:"Its Temporal." placeholder:"HOST:PORT"`
	Namespace     string `name:"temporal-namespace" default:"rightsdesk" help:"Its namespace."`
	MasterKeyFile string `help:"Its master key." placeholder:"FILE"`

	Watch []string `help:"Its processes, where they are on this machine, so that their processor time is counted: NAME one of ${names}, one time for each process." placeholder:"NAME=PID"`

	Revision string `default:"unknown" help:"Of the sources, for the document."`

	kept string       // folder of the last desk
	used atomic.Int64 // accounts of a desk that runs already
}

func main() {
	var f flags
	kong.Parse(&f, kong.Name("bench"), kong.Description("Measures a running desk from outside."), kong.Vars{"names": watchable()})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := f.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (f *flags) say(format string, a ...any) { fmt.Fprintf(os.Stderr, format+"\n", a...) }
