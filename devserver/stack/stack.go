// Package stack is the whole desk in one process: an embedded Temporal server
// with its UI, a mail catcher, a sample account system, the web side and the
// worker. The devserver's command runs it, and the end-to-end tests do.
package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	enums "go.temporal.io/api/enums/v1"

	"rightsdesk/command"
	"rightsdesk/contract"
	"rightsdesk/devserver/mailcatcher"
	"rightsdesk/devserver/production"
	"rightsdesk/devserver/sampleaccounts"
	"rightsdesk/devserver/samplegateways"
	"rightsdesk/devserver/temporal"
	"rightsdesk/seal"
)

// Options say where everything listens and where its state is. A port of 0 is a
// free one. Everything listens on loopback.
type Options struct {
	DataDir           string
	Port              int    // form, console and JSON API
	MailPort          int    // the mail catcher's page
	SMTPPort          int    // the mail catcher's SMTP
	AccountsPort      int    // the sample account system
	GatewaysPort      int    // the sample gateways
	TemporalPort      int    // Temporal's frontend
	UIPort            int    // the Temporal UI
	MetricsPort       int    // metrics of the web side
	WorkerMetricsPort int    // metrics of the worker
	OTLPEndpoint      string // where traces go; "": nowhere
	Database          string // "": an SQLite file in DataDir
	Policy            string // "": cn

	SampleAccounts int      // how many invented accounts there are beside the named ones
	TrustedProxies []string // whose X-Forwarded-For the web side believes
	NoDesk         bool     // neither web side nor worker: they run as processes of their own
	Profile        bool     // serve Go's profiles

	// Staff says how staff sign in. Its zero value: with passwords only.
	Staff command.Staff
	// Person says where people sign in to their accounts. Its zero value: nowhere.
	Person command.Person
	// Production has api and worker, Temporal and the database server run as
	// processes of their own, as in production. nil: all in this process.
	Production *production.Binaries
}

// Addresses are where everything is, as the command prints them.
type Addresses struct {
	Form          string `json:"form"`
	Desk          string `json:"desk"`
	Mail          string `json:"mail"`
	SMTP          string `json:"smtp"`
	TemporalUI    string `json:"temporal_ui"`
	Temporal      string `json:"temporal"`
	Namespace     string `json:"namespace"`
	Accounts      string `json:"accounts"`
	FirstManager  string `json:"first_manager"`
	FirstPassword string `json:"first_password,omitempty"` // until it has been used
	Metrics       string `json:"metrics"`                  // of the web side
	WorkerMetrics string `json:"worker_metrics"`           // of the worker
	DataDir       string `json:"data_dir"`
	Profile       string `json:"profile,omitempty"`
}

// Stack is the running desk.
type Stack struct {
	Addresses
	Database command.Database
	Mails    *mailcatcher.Server
	People   *sampleaccounts.Server
	Gateways *samplegateways.Server

	options  Options
	settings command.Service
	secret   string
	log      *slog.Logger
	logFile  *os.File
	temporal *temporal.Server
	shape    *shape // nil: all in this process
	profile  *http.Server
	stopWeb  context.CancelFunc
	stopWork context.CancelFunc
	running  sync.WaitGroup
	failed   chan error
}

// Start starts everything and returns when the form answers. What was begun is
// stopped again if something does not start.
func Start(ctx context.Context, o Options) (_ *Stack, err error) {
	if err := os.MkdirAll(o.DataDir, 0o700); err != nil {
		return nil, err
	}
	s := &Stack{options: o, failed: make(chan error, 2)}
	defer func() {
		if err != nil {
			s.Stop()
		}
	}()
	s.logFile, err = os.OpenFile(filepath.Join(o.DataDir, "rightsdesk.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	s.log = slog.New(slog.NewJSONHandler(s.logFile, nil))
	if err := s.startCounterparts(ctx); err != nil {
		return nil, err
	}
	if err := s.prepareRecords(ctx); err != nil {
		return nil, err
	}
	if err := s.settle(); err != nil {
		return nil, err
	}
	if err := s.startProfile(); err != nil {
		return nil, err
	}
	if o.NoDesk {
		return s, nil
	}
	s.StartWeb()
	s.StartWorker()
	return s, s.awaitForm(ctx)
}

// startCounterparts starts the engine, the mail catcher and the account system.
func (s *Stack) startCounterparts(ctx context.Context) (err error) {
	o := s.options
	if o.Production != nil {
		if s.shape, err = newShape(ctx, o); err != nil {
			return err
		}
	}
	if err = s.StartTemporal(ctx); err != nil {
		return err
	}
	s.Mails, err = mailcatcher.Start(mailcatcher.Options{
		SMTPAddr: loopback(o.SMTPPort), HTTPAddr: loopback(o.MailPort), DataDir: o.DataDir,
	})
	if err != nil {
		return err
	}
	s.People, err = sampleaccounts.Start(sampleaccounts.Options{Addr: loopback(o.AccountsPort), DataDir: o.DataDir})
	if err != nil {
		return err
	}
	if err = s.People.AddMany(ctx, o.SampleAccounts); err != nil {
		return err
	}
	s.secret = string(s.People.Secret())
	s.Gateways, err = samplegateways.Start(samplegateways.Options{Addr: loopback(o.GatewaysPort), DataDir: o.DataDir,
		Deliver: func(to, subject, text string) error { return s.Mails.Show("sample gateways", to, subject, text) }})
	return err
}

// StartTemporal starts the engine: a second time after StopTemporal, on the same
// file and ports.
func (s *Stack) StartTemporal(ctx context.Context) error {
	return s.StartTemporalIn(ctx, s.options.DataDir)
}

// StartTemporalIn starts it on another folder, where a backup was put back. Its own
// can't take one: for as long as the process lives, Temporal's server keeps a file
// open that it has opened once.
func (s *Stack) StartTemporalIn(ctx context.Context, dir string) (err error) {
	if s.shape != nil {
		return s.shape.temporal.Start(ctx)
	}
	s.temporal, err = temporal.Start(ctx, temporal.Options{
		DataDir: dir, FrontendPort: s.options.TemporalPort, UIPort: s.options.UIPort,
		SearchAttributes: SearchAttributes(),
	})
	if err == nil && s.options.TemporalPort == 0 { // a second start listens where clients look
		_, port, _ := net.SplitHostPort(s.temporal.HostPort())
		s.options.TemporalPort, err = strconv.Atoi(port)
	}
	return err
}

// SearchAttributes are what the desk's workflows can be found by.
func SearchAttributes() map[string]enums.IndexedValueType {
	return map[string]enums.IndexedValueType{
		contract.AttrKind.GetName():       enums.INDEXED_VALUE_TYPE_KEYWORD,
		contract.AttrStage.GetName():      enums.INDEXED_VALUE_TYPE_KEYWORD,
		contract.AttrReplyDue.GetName():   enums.INDEXED_VALUE_TYPE_DATETIME,
		contract.AttrSLA.GetName():        enums.INDEXED_VALUE_TYPE_KEYWORD,
		contract.AttrAssignee.GetName():   enums.INDEXED_VALUE_TYPE_KEYWORD,
		contract.AttrEscalation.GetName(): enums.INDEXED_VALUE_TYPE_INT,
	}
}

// StopTemporal stops the engine alone: the desk goes on taking tickets in.
func (s *Stack) StopTemporal() {
	if s.shape != nil {
		s.shape.temporal.Kill()
		return
	}
	if s.temporal != nil {
		s.temporal.Stop()
		s.temporal = nil
	}
}

// prepareRecords makes the master key and the schema, where they are missing.
func (s *Stack) prepareRecords(ctx context.Context) error {
	key := filepath.Join(s.options.DataDir, "master.key")
	if _, err := os.Stat(key); errors.Is(err, os.ErrNotExist) {
		if err := seal.CreateFile(key); err != nil {
			return err
		}
	}
	s.Database = command.Database{Database: s.options.Database, MasterKeyFile: key}
	if s.shape != nil {
		s.Database.Database = s.shape.database.DSN("rightsdesk")
	} else if s.Database.Database == "" {
		s.Database.Database = "sqlite:" + filepath.Join(s.options.DataDir, "rightsdesk.db")
	}
	if err := command.Migrate(ctx, s.Database); err != nil {
		return err
	}
	return s.firstManager(ctx)
}

// settle fills the settings in that the product's own commands would be given.
func (s *Stack) settle() error {
	ports := []int{s.options.Port, s.options.MetricsPort, s.options.WorkerMetricsPort}
	for i := range ports {
		if ports[i] != 0 {
			continue
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close() // held until all are chosen
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	base := fmt.Sprintf("http://127.0.0.1:%d", ports[0])
	s.Metrics, s.WorkerMetrics = "http://"+loopback(ports[1])+"/metrics", "http://"+loopback(ports[2])+"/metrics"
	s.Form, s.Desk = base+"/", base+"/desk"
	s.Mail, s.SMTP = s.Mails.URL(), s.Mails.SMTPAddr()
	s.Namespace = "rightsdesk"
	if s.shape != nil {
		s.Temporal, s.TemporalUI = s.shape.addresses()
	} else {
		s.Temporal, s.TemporalUI = s.temporal.HostPort(), s.temporal.UIURL()
	}
	s.Accounts, s.DataDir = s.People.URL(), s.options.DataDir
	s.settings = command.Service{
		Database: s.Database,
		Temporal: command.Temporal{TemporalAddress: s.Addresses.Temporal, TemporalNamespace: s.Namespace},
		Operator: command.Operator{OperatorName: "和信会", OperatorNameEN: "Hexinhui",
			OperatorContact: "privacy@example.com", BaseURL: base},
		Mail: command.Mail{SMTPAddress: s.SMTP, SMTPTLS: "none", MailFrom: "desk@rightsdesk.example", SMTPTimeout: 10 * time.Second},
		Verifiers: command.Verifiers{
			TextsURL: s.Gateways.URL(), TextsSecret: string(s.Gateways.Secret()),
			RealNamesURL: s.Gateways.URL(), RealNamesSecret: string(s.Gateways.Secret()),
			PaymentsURL: s.Gateways.URL(), PaymentsSecret: string(s.Gateways.Secret()),
		},
	}
	return nil
}

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
	w.Operation = s.operation(s.WorkerMetrics)
	return w
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

func (s *Stack) run(part func() error) {
	s.running.Go(func() {
		if err := part(); err != nil {
			select {
			case s.failed <- err:
			default:
			}
		}
	})
}

// Failed tells of a part that ended by itself.
func (s *Stack) Failed() <-chan error { return s.failed }

func (s *Stack) awaitForm(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		resp, err := http.Get(s.Form + "readyz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-s.failed:
			return err
		case <-ctx.Done():
			return errors.New("the form did not answer within 30 seconds; see rightsdesk.log in the data folder")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stop stops everything, the web side first.
func (s *Stack) Stop() {
	if s.stopWeb != nil {
		s.stopWeb()
	}
	if s.stopWork != nil {
		s.stopWork()
	}
	s.running.Wait()
	if s.People != nil {
		s.People.Stop()
	}
	if s.Gateways != nil {
		s.Gateways.Stop()
	}
	if s.Mails != nil {
		s.Mails.Stop()
	}
	if s.profile != nil {
		_ = s.profile.Close()
	}
	if s.shape != nil {
		s.shape.end()
	} else {
		s.StopTemporal()
	}
	if s.logFile != nil {
		s.logFile.Close()
	}
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
