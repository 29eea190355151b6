package command

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"rightsdesk/activities"
	"rightsdesk/api"
	"rightsdesk/desk"
	"rightsdesk/mail"
	"rightsdesk/worker"
)

// Service is all that api and worker need, by its settings. The devserver fills
// the same settings in and runs both in one process.
type Service struct {
	Database  `embed:""`
	Temporal  `embed:""`
	Operator  `embed:""`
	Mail      `embed:""`
	Verifiers `embed:""`
}

// API is the web side by its settings.
type API struct {
	Service
	Policy
	TLS
	Staff
	Person
	Listen         string   `default:"127.0.0.1:8080" help:"Where to serve." placeholder:"HOST:PORT"`
	TrustedProxies []string `help:"Addresses or networks whose X-Forwarded-For is believed." placeholder:"CIDR"`
	TemporalUI     string   `name:"temporal-ui" help:"Address of the Temporal UI, for the console's links." placeholder:"URL"`
}

// Worker is the worker by its settings.
type Worker struct {
	Service
	Accounts
	StaffLocale string `default:"zh-CN" enum:"zh-CN,en" help:"Language of mails to staff: zh-CN or en."`
}

// opened is a service whose parts are open.
type opened struct {
	records
	services
	temporal client.Client
	post     activities.Post
	sender   *mail.SMTP
}

func (s Service) open(ctx context.Context, log *slog.Logger) (*opened, error) {
	set, err := s.Operator.load()
	if err != nil {
		return nil, err
	}
	sender, err := s.Mail.sender()
	if err != nil {
		return nil, fmt.Errorf("--smtp-address, --mail-from: %w", err)
	}
	checkers, err := s.Verifiers.open()
	if err != nil {
		return nil, err
	}
	r, err := openRecords(ctx, s.Database)
	if err != nil {
		return nil, err
	}
	c, err := dial(s.Temporal, log)
	if err != nil {
		r.store.Close()
		return nil, err
	}
	return &opened{records: r, services: checkers, temporal: c, sender: sender, post: activities.Post{
		Store: r.store, Planner: r.planner, Writer: mail.NewWriter(set), Sender: sender,
		Domain: sender.Domain(), Now: time.Now, Log: log,
	}}, nil
}

func (o *opened) close() {
	o.temporal.Close()
	o.store.Close()
}

// Run serves until ctx ends, then lets requests under way finish.
func (a API) Run(ctx context.Context, log *slog.Logger) error {
	policy, text, err := a.Policy.read()
	if err != nil {
		return err
	}
	secured, err := a.TLS.serving(log)
	if err != nil {
		return err
	}
	if secured != nil && !strings.HasPrefix(a.BaseURL, "https://") {
		return errors.New("--base-url (RIGHTSDESK_BASE_URL): must be https, since --tls-cert-file is set")
	}
	signOn, err := a.Staff.signOn()
	if err != nil {
		return err
	}
	signIn, err := a.Person.signIn()
	if err != nil {
		return err
	}
	o, err := a.Service.open(ctx, log)
	if err != nil {
		return err
	}
	defer o.close()
	if err := o.store.SavePolicy(ctx, policy.Ref(), text); err != nil {
		return fmt.Errorf("storing the policy: %w", err)
	}
	set, err := a.Operator.load()
	if err != nil {
		return err
	}
	d := desk.New(desk.Config{Store: o.store, Temporal: o.temporal, Planner: o.planner,
		Policy: policy, PolicyText: text, Links: activities.NewLinks(o.post), Product: productVersion(), Log: log,
		Verifiers: desk.Verifiers{RealNames: o.realNames, Payments: o.payments, Texts: o.texts != nil, SignIn: signIn != nil}})
	defer d.Wait()
	handler, err := api.New(api.Config{
		Desk: d, Store: o.store, Planner: o.planner, Templates: set, Policy: policy,
		BaseURL: a.BaseURL, Secure: strings.HasPrefix(a.BaseURL, "https://"),
		SignOn: signOn, SignIn: signIn, NoPasswords: !a.StaffPasswordSignIn,
		TrustedProxies: a.TrustedProxies, UI: a.TemporalUI, Namespace: a.TemporalNamespace, Log: log,
	})
	if err != nil {
		return err
	}
	return serve(ctx, a.Listen, handler, secured, log)
}

func serve(ctx context.Context, addr string, handler http.Handler, secured *tls.Config, log *slog.Logger) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	server := &http.Server{Handler: handler, TLSConfig: secured, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute,
		WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	stopped := context.AfterFunc(ctx, func() {
		last, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = server.Shutdown(last)
	})
	defer stopped()
	log.Info("serving", "address", l.Addr().String())
	run := server.Serve
	if secured != nil {
		run = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	if err := run(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Run works until ctx ends.
func (w Worker) Run(ctx context.Context, log *slog.Logger) error {
	system, err := w.Accounts.system()
	if err != nil {
		return err
	}
	o, err := w.Service.open(ctx, log)
	if err != nil {
		return err
	}
	defer o.close()
	set, err := w.Operator.load()
	if err != nil {
		return err
	}
	worker.New(worker.Config{
		Temporal: o.temporal, Store: o.store, Planner: o.planner, Templates: set,
		Mailer: o.sender, MailDomain: o.sender.Domain(), Accounts: system, Texts: o.texts,
		StaffLocale: locale(w.StaffLocale), Log: log,
	}).Run(ctx)
	return nil
}
