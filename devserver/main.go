// Command devserver is the whole desk in one process, for trying it out and for
// the tests: make run. Its other commands are single parts, for the tests that
// run the desk as many processes and end them one by one.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"rightsdesk/devserver/stack"
)

type commandLine struct {
	Run      runCommand      `cmd:"" default:"withargs" help:"The whole desk in one process (what is run without a command)."`
	Temporal temporalCommand `cmd:"" help:"Temporal and its UI alone."`
	Mail     mailCommand     `cmd:"" help:"The mail catcher and the sample gateways alone."`
	Accounts accountsCommand `cmd:"" help:"The sample account system alone."`
}

type runCommand struct {
	Data              string `default:"data" help:"Folder for all state; survives kill -9." placeholder:"DIR"`
	Port              int    `default:"8080" help:"Form, console and JSON API."`
	MailPort          int    `default:"8025" help:"Page of the mail catcher."`
	SMTPPort          int    `name:"smtp-port" default:"8026" help:"The mail catcher's SMTP."`
	AccountsPort      int    `default:"8027" help:"Sample account system."`
	GatewaysPort      int    `default:"8028" help:"Sample gateways: text messages, real-name registry, bank."`
	TemporalPort      int    `default:"7233" help:"Temporal's frontend."`
	UIPort            int    `name:"ui-port" default:"8233" help:"Temporal UI."`
	MetricsPort       int    `default:"9090" help:"Metrics of the web side."`
	WorkerMetricsPort int    `default:"9091" help:"Metrics of the worker."`
	OTLPEndpoint      string `name:"otlp-endpoint" help:"Where to send traces: OTLP over HTTP." placeholder:"URL"`
	Database          string `help:"Another database than the SQLite file in the data folder." placeholder:"DSN"`
	Policy            string `default:"cn" help:"cn, gdpr, ccpa, or a YAML file."`
	JSON              bool   `name:"json" help:"Print the addresses as one line of JSON."`
	Demo              bool   `help:"Fill an empty desk with a few dozen tickets of all kinds and stages."`

	SampleAccounts int      `help:"Give the sample account system so many invented accounts more, sample-1 and on." placeholder:"N"`
	TrustedProxies []string `help:"Addresses or networks whose X-Forwarded-For is believed." placeholder:"CIDR"`
	NoDesk         bool     `help:"Start only what is around the desk; run rightsdesk api and rightsdesk worker beside it."`
	Profile        bool     `help:"Serve Go's profiles of this process on a free port."`
}

func main() {
	var line commandLine
	called := kong.Parse(&line, kong.Name("devserver"), kong.DefaultEnvars("RIGHTSDESK_DEV"),
		kong.Description("The whole desk in one process. A port of 0 is a free one; everything listens on loopback."))
	if err := called.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "devserver:", err)
		os.Exit(1)
	}
}

// quieter has the memory of this process, most of which are caches that live long,
// looked through less often: it saves some of all processor time.
const quieter = 200

func (f *runCommand) Run() error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(quieter)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	data, err := filepath.Abs(f.Data)
	if err != nil {
		return err
	}
	s, err := stack.Start(ctx, stack.Options{
		DataDir: data, Port: f.Port, MailPort: f.MailPort, SMTPPort: f.SMTPPort, AccountsPort: f.AccountsPort, GatewaysPort: f.GatewaysPort,
		TemporalPort: f.TemporalPort, UIPort: f.UIPort, MetricsPort: f.MetricsPort, WorkerMetricsPort: f.WorkerMetricsPort,
		OTLPEndpoint: f.OTLPEndpoint, Database: f.Database, Policy: f.Policy,
		SampleAccounts: f.SampleAccounts, TrustedProxies: f.TrustedProxies, NoDesk: f.NoDesk, Profile: f.Profile,
	})
	if err != nil {
		return err
	}
	defer s.Stop()
	if f.Demo {
		if err := s.Demonstrate(ctx); err != nil {
			return fmt.Errorf("--demo: %w", err)
		}
	}
	if f.JSON {
		if err := json.NewEncoder(os.Stdout).Encode(s.Addresses); err != nil {
			return err
		}
	} else if f.NoDesk {
		announceParts(s.Addresses)
	} else {
		announce(s.Addresses)
	}
	select {
	case <-ctx.Done():
		stop() // a second Ctrl-C ends at once
		return nil
	case err := <-s.Failed():
		return err
	}
}

func announce(a stack.Addresses) {
	password := "its own password"
	if a.FirstPassword != "" {
		password = "one-time password " + a.FirstPassword
	}
	fmt.Printf(`
The desk is ready.

  form               %s
  agent console      %s   sign in as %s, %s
  mail catcher       %s   (JSON: %s/messages)
  Temporal UI        %s
  account system     %s   people to cancel and correct
  metrics            %s   of the worker: %s

  data               %s
  Ctrl-C stops; everything goes on where it was at the next start.

`, a.Form, a.Desk, a.FirstManager, password, a.Mail, a.Mail, a.TemporalUI, a.Accounts, a.Metrics, a.WorkerMetrics, a.DataDir)
}

// announceParts says what is there without the desk, and with which settings its
// processes find it.
func announceParts(a stack.Addresses) {
	fmt.Printf(`
All but the desk is ready.

  mail catcher       %s   (JSON: %s/messages)
  Temporal UI        %s
  account system     %s   people to cancel and correct
  data               %s

Now run the desk's own processes, each in a shell that has these settings:

  set -a; . %s; set +a
  bin/rightsdesk api       # form at %s
  bin/rightsdesk worker

Ctrl-C stops; everything goes on where it was at the next start.

`, a.Mail, a.Mail, a.TemporalUI, a.Accounts, a.DataDir, filepath.Join(a.DataDir, stack.SettingsFile), a.Form)
}
