package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"

	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// stand is a running desk with all that is around it.
type stand struct {
	dir       string
	keep      bool       // the folder
	processes []*process // none of a desk that runs elsewhere
	watched   []watched  // of such a desk
	addresses
	dsn, masterKeyFile string
	door               *door // between the desk and Temporal; nil: there is none

	records *store.Store
	engine  client.Client
	office  *office
}

// addresses are what the devserver says about itself.
type addresses struct {
	Form      string `json:"form"`
	Mail      string `json:"mail"`
	SMTP      string `json:"smtp"`
	Temporal  string `json:"temporal"`
	Namespace string `json:"namespace"`
	Accounts  string `json:"accounts"`
	DataDir   string `json:"data_dir"`
	Profile   string `json:"profile"`
}

// open starts a desk in a new folder: all in one process, or (apart) with api and
// worker as processes of their own.
func (f *flags) open(ctx context.Context, apart bool) (_ *stand, err error) {
	s := &stand{keep: f.Database != ""}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if f.API != "" {
		s.addresses = addresses{Form: strings.TrimRight(f.API, "/") + "/", Mail: f.Mail, Temporal: f.Temporal, Namespace: f.Namespace}
		s.dsn, s.masterKeyFile = f.Database, f.MasterKeyFile
		if s.watched, err = watch(f.Watch); err != nil {
			return nil, err
		}
		return s, s.connect(ctx, f)
	}
	if s.dir, err = f.folder(); err != nil {
		return nil, err
	}
	args := []string{"--json", "--data=" + filepath.Join(s.dir, "data"), "--port=0", "--mail-port=0", "--smtp-port=0", "--accounts-port=0",
		"--gateways-port=0", "--temporal-port=0", "--ui-port=0", "--trusted-proxies=127.0.0.1", fmt.Sprint("--sample-accounts=", f.Accounts)}
	if f.Database != "" {
		args = append(args, "--database="+f.Database)
	}
	if apart {
		args = append(args, "--no-desk")
	}
	if f.Profile {
		args = append(args, "--profile")
	}
	p, err := spawn("devserver", s.dir, true, f.Devserver, args...)
	if err != nil {
		return nil, err
	}
	s.processes = append(s.processes, p)
	if err := json.Unmarshal([]byte(p.first), &s.addresses); err != nil {
		return nil, fmt.Errorf("the devserver's addresses: %w", err)
	}
	s.masterKeyFile = filepath.Join(s.DataDir, "master.key")
	if s.dsn = f.Database; s.dsn == "" {
		s.dsn = "sqlite:" + filepath.Join(s.DataDir, "rightsdesk.db")
	}
	if apart {
		if err := s.startDesk(ctx, f); err != nil {
			return nil, err
		}
	}
	return s, s.connect(ctx, f)
}

// folder is a new one for a desk; the same for all desks on a database that was
// given, since what is in it is sealed under the first one's master key.
func (f *flags) folder() (string, error) {
	if f.Database == "" || f.kept == "" {
		dir, err := os.MkdirTemp(f.Data, "rightsdesk-bench-")
		if err != nil {
			return "", err
		}
		f.kept = dir
	}
	return f.kept, nil
}

// startDesk starts api and worker beside a devserver without a desk. They reach
// Temporal through a door that can be shut.
func (s *stand) startDesk(ctx context.Context, f *flags) (err error) {
	if s.door, err = openDoor(s.Temporal); err != nil {
		return err
	}
	listen, err := freeAddress()
	if err != nil {
		return err
	}
	s.Form = "http://" + listen + "/"
	secret, err := os.ReadFile(filepath.Join(s.DataDir, "accounts.secret"))
	if err != nil {
		return err
	}
	common := []string{"--database=" + s.dsn, "--master-key-file=" + s.masterKeyFile, "--temporal-address=" + s.door.address,
		"--temporal-namespace=" + s.Namespace, "--operator-name=bench", "--operator-contact=privacy@rightsdesk.test", "--base-url=http://" + listen,
		"--smtp-address=" + s.SMTP, "--smtp-tls=none", "--mail-from=desk@rightsdesk.test"}
	for name, args := range map[string][]string{
		"api":    {"--listen=" + listen, "--trusted-proxies=127.0.0.1"},
		"worker": {"--accounts-url=" + s.Accounts, "--accounts-secret=" + string(secret)},
	} {
		p, err := spawn(name, s.dir, false, f.Desk, append(append([]string{name}, common...), args...)...)
		if err != nil {
			return err
		}
		s.processes = append(s.processes, p)
	}
	for end := time.Now().Add(30 * time.Second); ; {
		answer, err := http.Get(s.Form + "readyz")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		if time.Now().After(end) || ctx.Err() != nil {
			return fmt.Errorf("the api does not answer:\n%s", s.process("api").words())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (s *stand) process(name string) *process {
	for _, p := range s.processes {
		if p.name == name {
			return p
		}
	}
	return nil
}

// connect opens the records and Temporal, and hires the staff.
func (s *stand) connect(ctx context.Context, f *flags) error {
	vault, err := seal.OpenFile(s.masterKeyFile)
	if err != nil {
		return err
	}
	if s.records, err = store.Open(s.dsn, vault); err != nil {
		return err
	}
	if s.engine, err = client.DialContext(ctx, client.Options{HostPort: s.Temporal, Namespace: s.Namespace, Logger: quiet{}}); err != nil {
		return err
	}
	s.office = &office{web: newWeb(strings.TrimRight(s.Form, "/")), inbox: newInbox(s.Mail), most: int64(f.Accounts), accounts: new(atomic.Int64)}
	if f.API != "" { // the same desk for every part: what one has cancelled is gone for the next
		s.office.accounts = &f.used
	}
	if s.office.agent, err = s.hire(ctx, "bench.agent", ticket.Agent); err != nil {
		return err
	}
	s.office.lead, err = s.hire(ctx, "bench.lead", ticket.Lead)
	return err
}

// hire adds a member of staff who can't sign in, and makes them a token.
func (s *stand) hire(ctx context.Context, id ticket.AgentID, role ticket.Role) (string, error) {
	if _, err := s.records.Agent(ctx, id); err != nil {
		err := s.records.CreateAgent(ctx, store.Agent{ID: id, Name: string(id), Email: string(id) + "@rightsdesk.test",
			Role: role, PasswordHash: "none", CreatedAt: time.Now()})
		if err != nil {
			return "", err
		}
	}
	token, _, err := s.records.CreateAPIToken(ctx, id, "bench")
	return token, err
}

// close stops what was started and removes its files.
func (s *stand) close() {
	if s.engine != nil {
		s.engine.Close()
	}
	if s.records != nil {
		s.records.Close()
	}
	for i := len(s.processes) - 1; i >= 0; i-- {
		s.processes[i].stop()
	}
	if s.door != nil {
		s.door.close()
	}
	if s.dir != "" && !s.keep {
		_ = os.RemoveAll(s.dir)
	}
}

// quiet keeps the SDK from talking into the tables.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
