package stack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"rightsdesk/command"
	"rightsdesk/devserver/production"
)

// StartWeb serves the form, the console and the JSON API.
func (s *Stack) StartWeb() {
	web := command.API{Service: s.settings, Policy: command.Policy{Policy: "cn"}, TemporalUI: s.TemporalUI, Staff: s.options.Staff, Person: s.options.Person}
	web.StaffPasswordSignIn = true
	web.TrustedProxies = s.options.TrustedProxies
	web.Operation = s.operation(s.Metrics)
	if s.options.Policy != "" {
		web.Policy.Policy = s.options.Policy
	}
	web.Listen = web.BaseURL[len("http://"):]
	if s.shape != nil {
		s.run(func() error { return s.shape.startWeb(web) })
		s.stopWeb = s.shape.stopWeb
		return
	}
	var ctx context.Context
	ctx, s.stopWeb = context.WithCancel(context.Background())
	s.run(func() error { return web.Run(ctx, s.log) })
}

// operation has a part serve its metrics, and stop without waiting for a load
// balancer that there isn't.
func (s *Stack) operation(metrics string) command.Operation {
	return command.Operation{MetricsListen: strings.TrimSuffix(metrics[len("http://"):], "/metrics"), OTLPEndpoint: s.options.OTLPEndpoint, TraceShare: 1}
}

// StopWeb stops it.
func (s *Stack) StopWeb() { s.stopWeb() }

// StartWorker runs the workflows and activities.
func (s *Stack) StartWorker() {
	w := s.WorkerSettings()
	if s.shape != nil {
		s.run(func() error { return s.shape.startWorkers(w) })
		s.stopWork = s.shape.stopWorkers
		return
	}
	var ctx context.Context
	ctx, s.stopWork = context.WithCancel(context.Background())
	s.run(func() error { return w.Run(ctx, s.log) })
}

// WorkerSettings are what the worker is given.
func (s *Stack) WorkerSettings() command.Worker {
	w := command.Worker{Service: s.settings, StaffLocale: "zh-CN",
		Accounts: command.Accounts{AccountsURL: s.Accounts, AccountsSecret: s.secret}}
	if s.options.ByHand {
		w.Accounts = command.Accounts{}
	}
	w.Operation = s.operation(s.WorkerMetrics)
	return w
}

// SettingsFile, in the data folder, gives a shell the settings of this desk for the
// product's own commands.
const SettingsFile = "desk.env"

func (s *Stack) writeSettings() error {
	settings := struct {
		command.Service
		command.Accounts
		Listen, TemporalUI string
	}{Service: s.settings, Accounts: command.Accounts{AccountsURL: s.Accounts, AccountsSecret: s.secret},
		Listen: s.settings.BaseURL[len("http://"):], TemporalUI: s.TemporalUI}
	settings.OperatorContact = contact
	env, err := production.Environment(&settings)
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, setting := range env {
		name, value, _ := strings.Cut(setting, "=")
		fmt.Fprintf(&text, "%s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
	}
	return os.WriteFile(filepath.Join(s.options.DataDir, SettingsFile), []byte(text.String()), 0o600)
}

// StopWorker stops it.
func (s *Stack) StopWorker() { s.stopWork() }

// StopDesk stops the web side and the worker, and waits until both have let go of
// the database.
func (s *Stack) StopDesk() {
	s.stopWeb()
	s.stopWork()
	s.running.Wait()
}
