// Package command is the command line: rightsdesk api, worker, migrate, agent,
// deadline, calendar, keys, audit, evidence, workers, doctor. Every setting is a flag and a RIGHTSDESK_… environment
// variable; a wrong one stops the start with its name and how to mend it.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

const prefix = "RIGHTSDESK_"

type commandLine struct {
	Version kong.VersionFlag `help:"Print which program this is: its release, or the commit it was built from."`

	API      apiCommand      `cmd:"" name:"api" help:"Serve the form, the tracking pages, the agents' console and the JSON API."`
	Worker   workerCommand   `cmd:"" help:"Run the tickets' workflows, their mails and their acts at the account system."`
	Ready    readyCommand    `cmd:"" help:"Ask a running api or worker process whether it can do its work; for health checks."`
	Migrate  migrateCommand  `cmd:"" help:"Bring the database's schema up to this release."`
	Agent    agentCommand    `cmd:"" help:"Add, list and reset members of staff."`
	Deadline deadlineCommand `cmd:"" help:"Compute and explain a reply deadline."`
	Calendar calendarCommand `cmd:"" help:"Load and show working-day schedules."`
	Keys     keysCommand     `cmd:"" help:"Make the master key that seals personal data, and rotate it."`
	Evidence evidenceCommand `cmd:"" help:"Export and check the evidence of how a ticket was handled."`
	Workers  workersCommand  `cmd:"" help:"Show which revision of the workers handles tickets, and change it."`
	Audit    auditCommand    `cmd:"" help:"Prove that the audit trail is as it was written."`
	Doctor   doctorCommand   `cmd:"" help:"Compare all tickets with their workflows, and repair what differs; after a restore, and every night."`
}

// streams are where a command writes what it was asked for, and its log.
type streams struct {
	out io.Writer
	log *slog.Logger
}

// couldNotLook is an error that says nothing about what was to be looked at: it was
// out of reach.
type couldNotLook struct{ error }

func (e couldNotLook) Unwrap() error { return e.error }

// misused is an error of who called the command.
type misused struct{ error }

// withDefault says a setting's default too where a placeholder stands in its place.
func withDefault(v *kong.Value) string {
	if v.HasDefault && v.Tag.PlaceHolder != "" && v.Default != "" {
		shown := *v
		shown.Help = strings.TrimSuffix(v.Help, ".") + "; default: " + v.Default + "."
		v = &shown
	}
	return kong.DefaultHelpValueFormatter(v)
}

// Main runs the command line and returns the exit code: 0, 1 when the command
// failed, 2 when it was called or configured wrongly, 3 when a doctor could not look.
func Main(args []string, stdout, stderr io.Writer) int {
	line, code := &commandLine{}, -1
	parser, err := kong.New(line,
		kong.Name("rightsdesk"),
		kong.Description("A desk for data-subject requests. Flags may be given as "+prefix+"… environment variables too."),
		kong.DefaultEnvars(strings.TrimSuffix(prefix, "_")),
		kong.Writers(stdout, stderr),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.ValueFormatter(withDefault),
		kong.Vars{"version": productVersion()},
		kong.Exit(func(c int) { code = c }),
	)
	if err != nil {
		fmt.Fprintln(stderr, "rightsdesk:", err)
		return 2
	}
	called, err := parser.Parse(args)
	if code >= 0 { // --help has been printed
		return code
	}
	if err == nil {
		err = unknownEnvironment(parser.Model, os.Environ())
	}
	if err != nil {
		fmt.Fprintln(stderr, "rightsdesk:", err)
		fmt.Fprintln(stderr, "Run rightsdesk --help for the commands and settings.")
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends at once
	s := streams{out: stdout, log: NewJournal(stderr)}
	slog.SetDefault(s.log)
	called.BindTo(ctx, (*context.Context)(nil))
	called.Bind(s)
	if err := called.Run(); err != nil {
		fmt.Fprintln(stderr, "rightsdesk:", err)
		switch {
		case errors.As(err, &misused{}):
			return 2
		case errors.As(err, &couldNotLook{}):
			return 3
		}
		return 1
	}
	return 0
}

// unknownEnvironment refuses RIGHTSDESK_ variables that name no setting: a
// misspelt one would otherwise be dropped silently.
func unknownEnvironment(model *kong.Application, environ []string) error {
	known := map[string]bool{prefix + "TEST_MYSQL_DSN": true}
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		for _, f := range n.Flags {
			for _, e := range f.Envs {
				known[e] = true
			}
		}
		for _, child := range n.Children {
			walk(child)
		}
	}
	walk(model.Node)
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, prefix) && !known[name] {
			return fmt.Errorf("%s: there is no such setting; near it are %s", name, strings.Join(near(name, known), ", "))
		}
	}
	return nil
}

// near lists the known names that begin most like name.
func near(name string, known map[string]bool) []string {
	for n := len(name); n >= len(prefix); n-- {
		var found []string
		for k := range known {
			if strings.HasPrefix(k, name[:n]) {
				found = append(found, k)
			}
		}
		if len(found) > 0 {
			slices.Sort(found)
			return found
		}
	}
	return nil
}
