// Package production is the desk in the shape that production has: api and worker
// as several processes behind a load balancer, the database server, Temporal, the
// mail server and the account system each a process of its own. Any of them may be
// killed, held still and started again. The fault tests do so; `make
// test-production` runs it on real MySQL, Temporal's databases included.
package production

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"rightsdesk/command"
	"rightsdesk/devserver/process"
	"rightsdesk/devserver/secretfile"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/store/smalldisk"
)

// Namespace is where the desk's workflows are.
const Namespace = "rightsdesk"

// Options say what the desk is made of.
type Options struct {
	DataDir        string
	Binaries       Binaries
	APIs           int      // 2 if 0
	Workers        int      // 2 if 0
	SampleAccounts int      // beside the usual twelve
	DiskMB         int      // how large a disk of its own the database lies on; 0: it has none
	Env            []string // of api and worker, beside their settings
	Wired          bool     // workers reach Temporal by Desk.Wire
	Watched        bool     // workers say how they are at Desk.WorkerHealth; earlier releases don't
	// EngineOn are processors for Temporal and a database server of its own, which needs
	// MySQL. Whoever starts the desk keeps off them, and so does all else then. None:
	// Temporal shares the desk's database server and everybody's processors.
	EngineOn string
}

// Desk is the running desk.
type Desk struct {
	URL      string // form, console and JSON API, by the load balancer
	Mail     string // the mail catcher's pages
	Accounts string // the sample account system
	Temporal string // HOST:PORT
	Database command.Database
	Settings command.Service // what api and worker are given

	APIs     []*process.Process
	Workers  []*process.Process
	Engine   *process.Process // Temporal
	Records  *process.Process // the database server
	EngineDB *process.Process // Temporal's, which is Records unless Options.EngineOn gave it one
	Mails    *process.Process // mail catcher and gateways
	People   *process.Process // account system
	Wire     *Wire
	Disk     *smalldisk.Disk // the database's own, if Options.DiskMB gave it one
	OnMySQL  bool
	Product  string // the binary whose commands Run runs
	server   *Database
	engines  *Database // Temporal's; the same one unless Options.EngineOn gave it one
	balancer *Balancer
	options  Options
	secrets  command.Accounts
	ports    map[string]int
	apiPorts []int
	watched  []int // ports on which workers say how they are
}

// Start starts everything and returns when the desk takes tickets and its workers
// listen. What was begun is ended again if something does not start.
func Start(ctx context.Context, o Options) (_ *Desk, err error) {
	if o.APIs == 0 {
		o.APIs = 2
	}
	if o.Workers == 0 {
		o.Workers = 2
	}
	d := &Desk{options: o, ports: map[string]int{}, Product: o.Binaries.Rightsdesk}
	defer func() {
		if err != nil {
			d.Stop()
		}
	}()
	names := []string{"database", "engine-database", "web", "temporal", "ui", "smtp", "mail", "gateways", "accounts"}
	ports, err := process.FreePorts(len(names) + o.APIs + o.Workers)
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		d.ports[name] = ports[i]
	}
	ports = ports[len(names):]
	d.apiPorts = ports[:o.APIs]
	if o.Watched {
		d.watched = ports[o.APIs:]
	}
	if err = d.startCounterparts(ctx); err != nil {
		return nil, err
	}
	if err = d.settle(ctx); err != nil {
		return nil, err
	}
	if err = d.makeProcesses(); err != nil {
		return nil, err
	}
	for _, p := range append(append([]*process.Process{}, d.Workers...), d.APIs...) {
		if err = p.Start(ctx); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// startCounterparts starts all that the desk itself is not.
func (d *Desk) startCounterparts(ctx context.Context) (err error) {
	o := d.options
	if d.server, err = NewDatabase(o.DataDir, d.ports["database"], o.DiskMB); err != nil {
		return err
	}
	d.Records, d.OnMySQL, d.Disk = d.server.Process, d.server.Real, d.server.disk
	if err := d.Records.Start(ctx); err != nil {
		return err
	}
	if err := d.prepareEngine(ctx); err != nil {
		return err
	}
	d.Mails = d.devserver("mail", []string{"mail", "--data", filepath.Join(o.DataDir, "mail"), fmt.Sprintf("--port=%d", d.ports["mail"]),
		fmt.Sprintf("--smtp-port=%d", d.ports["smtp"]), fmt.Sprintf("--gateways-port=%d", d.ports["gateways"])}, answers(d.ports["gateways"]))
	d.People = d.devserver("accounts", []string{"accounts", "--data", filepath.Join(o.DataDir, "accounts"),
		fmt.Sprintf("--port=%d", d.ports["accounts"]), fmt.Sprintf("--sample-accounts=%d", o.SampleAccounts)}, answers(d.ports["accounts"]))
	for _, p := range []*process.Process{d.Engine, d.Mails, d.People} {
		if err := p.Start(ctx); err != nil {
			return err
		}
	}
	return nil
}

// prepareEngine makes Temporal's process, and starts its database server if it has one
// of its own.
func (d *Desk) prepareEngine(ctx context.Context) (err error) {
	o := d.options
	d.engines = d.server
	if o.EngineOn != "" {
		if d.engines, err = NewDatabase(filepath.Join(o.DataDir, "engine"), d.ports["engine-database"], 0); err != nil {
			return err
		}
		d.engines.Process.Processors = o.EngineOn
		if err := d.engines.Process.Start(ctx); err != nil {
			return err
		}
	}
	d.EngineDB = d.engines.Process
	d.Engine = NewTemporal(o.Binaries.Devserver, filepath.Join(o.DataDir, "temporal"), d.ports["temporal"], d.ports["ui"], d.engines)
	d.Engine.Processors = o.EngineOn
	return nil
}

// NewTemporal makes Temporal's process, with its state on the database server if
// that is MySQL, else in a file of the folder.
func NewTemporal(devserver, dir string, port, ui int, on *Database) *process.Process {
	args := []string{"temporal", "--data", dir, fmt.Sprintf("--port=%d", port), fmt.Sprintf("--ui-port=%d", ui)}
	if on.Real {
		args = append(args, "--mysql", on.Addr())
	}
	return process.New(process.Spec{Name: "temporal", Path: devserver, Args: args,
		LogFile: filepath.Join(dir, "process.log"), Ready: answers(ui)}) // the UI is the last thing that comes up
}

func (d *Desk) devserver(name string, args []string, ready func(context.Context) error) *process.Process {
	return process.New(process.Spec{Name: name, Path: d.options.Binaries.Devserver, Args: args,
		LogFile: filepath.Join(d.options.DataDir, name+".log"), Ready: ready})
}

// answers reports whether a port is listened on.
func answers(port int) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", process.Loopback(port))
		if err == nil {
			conn.Close()
		}
		return err
	}
}

// settle makes key, database and schema, and fills in what api and worker are
// given.
func (d *Desk) settle(ctx context.Context) error {
	dir := d.options.DataDir
	key := filepath.Join(dir, "master.key")
	if err := seal.CreateFile(key); err != nil {
		return err
	}
	if err := d.server.Create(ctx, "rightsdesk"); err != nil {
		return err
	}
	d.Database = command.Database{Database: d.server.DSN("rightsdesk"), MasterKeyFile: key}
	if err := d.Migrate(ctx, d.options.Binaries.Rightsdesk); err != nil {
		return err
	}
	accountsSecret, err := secretfile.Kept(filepath.Join(dir, "accounts", "accounts.secret"))
	if err != nil {
		return err
	}
	gatewaysSecret, err := secretfile.Kept(filepath.Join(dir, "mail", "gateways.secret"))
	if err != nil {
		return err
	}
	d.URL = "http://" + process.Loopback(d.ports["web"])
	d.Mail, d.Accounts = "http://"+process.Loopback(d.ports["mail"]), "http://"+process.Loopback(d.ports["accounts"])
	d.Temporal = process.Loopback(d.ports["temporal"])
	gateways := "http://" + process.Loopback(d.ports["gateways"])
	d.secrets = command.Accounts{AccountsURL: d.Accounts, AccountsSecret: string(accountsSecret)}
	d.Settings = command.Service{
		Database: d.Database,
		Temporal: command.Temporal{TemporalAddress: d.Temporal, TemporalNamespace: Namespace},
		Operator: command.Operator{OperatorName: "和信会", OperatorNameEN: "Hexinhui", OperatorContact: "010-00000000", BaseURL: d.URL},
		Mail: command.Mail{SMTPAddress: process.Loopback(d.ports["smtp"]), SMTPTLS: "none", MailFrom: "desk@rightsdesk.example",
			SMTPTimeout: 10 * time.Second},
		Verifiers: command.Verifiers{TextsURL: gateways, TextsSecret: string(gatewaysSecret), RealNamesURL: gateways,
			RealNamesSecret: string(gatewaysSecret), PaymentsURL: gateways, PaymentsSecret: string(gatewaysSecret)},
	}
	return nil
}

// makeProcesses makes the product's own processes and the balancer before them.
func (d *Desk) makeProcesses() error {
	for i, port := range d.apiPorts {
		p, err := NewAPI(fmt.Sprint("api-", i+1), d.options.Binaries.Rightsdesk, d.options.DataDir, command.API{
			Service: d.Settings, Policy: command.Policy{Policy: "cn"}, Listen: process.Loopback(port),
			TrustedProxies: []string{"127.0.0.1"}, Staff: command.Staff{StaffPasswordSignIn: true},
		})
		if err != nil {
			return err
		}
		p.Env = append(p.Env, d.options.Env...)
		d.APIs = append(d.APIs, p)
	}
	settings := d.Settings
	if d.options.Wired {
		var err error
		if d.Wire, err = Lay(d.Temporal); err != nil {
			return err
		}
		settings.TemporalAddress = d.Wire.Addr
	}
	for i := range d.options.Workers {
		if d.options.Watched {
			settings.MetricsListen = process.Loopback(d.watched[i])
		}
		p, err := NewWorker(fmt.Sprint("worker-", i+1), d.options.Binaries.Rightsdesk, d.options.DataDir, command.Worker{
			Service: settings, Accounts: d.secrets, StaffLocale: "zh-CN"})
		if err != nil {
			return err
		}
		p.Env = append(p.Env, d.options.Env...)
		d.Workers = append(d.Workers, p)
	}
	var err error
	d.balancer, err = Balance(d.ports["web"], d.APIs, d.apiPorts)
	return err
}

// NewAPI makes a process that serves; it is ready when it can take tickets.
func NewAPI(name, path, logs string, settings command.API) (*process.Process, error) {
	env, err := Environment(&settings)
	return process.New(process.Spec{Name: name, Path: path, Args: []string{"api"}, Env: env,
		LogFile: filepath.Join(logs, name+".log"), Ready: says("http://" + settings.Listen + "/readyz")}), err
}

func says(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return errors.New(resp.Status)
		}
		return nil
	}
}

// NewWorker makes a process that works.
func NewWorker(name, path, logs string, settings command.Worker) (*process.Process, error) {
	env, err := Environment(&settings)
	return process.New(process.Spec{Name: name, Path: path, Args: []string{"worker"}, Env: env,
		LogFile: filepath.Join(logs, name+".log")}), err
}

// WorkerHealth is where each worker says how it is.
func (d *Desk) WorkerHealth() (addresses []string) {
	for _, port := range d.watched {
		addresses = append(addresses, "http://"+process.Loopback(port))
	}
	return addresses
}

// Parts lists every process, by name.
func (d *Desk) Parts() []*process.Process {
	return append(append(append([]*process.Process{}, d.APIs...), d.Workers...), d.Engine, d.Records, d.Mails, d.People)
}

// Open opens the desk's database a second time, for tests.
func (d *Desk) Open() (*store.Store, error) {
	vault, err := seal.OpenFile(d.Database.MasterKeyFile)
	if err != nil {
		return nil, err
	}
	return store.Open(d.Database.Database, vault)
}

// SQL is the database past the desk, as whoever runs the server sees it.
func (d *Desk) SQL() (*sql.DB, error) { return d.server.open("rightsdesk") }

// Migrate brings the schema up to the release of a binary.
func (d *Desk) Migrate(ctx context.Context, binary string) error {
	env, err := Environment(&d.Database)
	if err != nil {
		return err
	}
	if out, err := run(ctx, binary, env, "migrate"); err != nil {
		return fmt.Errorf("migrating: %w: %s", err, out)
	}
	return nil
}

// Replace asks a process to end and starts it again from another binary.
func (d *Desk) Replace(ctx context.Context, p *process.Process, binary string) error {
	if err := p.Stop(time.Minute); err != nil {
		return fmt.Errorf("%s did not end well: %w", p.Name, err)
	}
	p.Path = binary
	return p.Start(ctx)
}

// Run runs one command of the product, such as doctor, with the desk's settings,
// and returns what it printed.
func (d *Desk) Run(ctx context.Context, args ...string) (string, error) {
	settings := struct {
		command.Database
		command.Temporal
	}{d.Settings.Database, d.Settings.Temporal}
	env, err := Environment(&settings)
	if err != nil {
		return "", err
	}
	return run(ctx, d.Product, env, args...)
}

// Stop ends everything for good.
func (d *Desk) Stop() {
	if d.balancer != nil {
		d.balancer.Stop()
	}
	for _, p := range append(append([]*process.Process{}, d.APIs...), d.Workers...) {
		p.Kill()
	}
	if d.Wire != nil {
		d.Wire.Stop()
	}
	for _, p := range []*process.Process{d.Mails, d.People, d.Engine} {
		if p != nil {
			p.Kill()
		}
	}
	for _, server := range []*Database{d.engines, d.server} {
		if server != nil {
			server.End()
		}
	}
	_ = os.RemoveAll(filepath.Join(d.options.DataDir, "database"))
}
