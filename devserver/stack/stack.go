// Package stack is the whole desk in one process: an embedded Temporal server
// with its UI, a mail catcher, a sample account system, the web side and the
// worker. The devserver's command runs it, and the end-to-end tests do.
package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"rightsdesk/command"
	"rightsdesk/devserver/mailcatcher"
	"rightsdesk/devserver/production"
	"rightsdesk/devserver/sampleaccounts"
	"rightsdesk/devserver/samplegateways"
	"rightsdesk/devserver/temporal"
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
	ByHand         bool     // the desk is told of no account system: staff do its acts
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
	if err := o.portsAreFree(); err != nil {
		return nil, err
	}
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
	s.log = command.NewJournal(s.logFile)
	if err := s.startCounterparts(ctx); err != nil {
		return nil, err
	}
	if err := s.prepareRecords(ctx); err != nil {
		return nil, err
	}
	if err := s.settle(); err != nil {
		return nil, err
	}
	if err := s.writeSettings(); err != nil {
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
