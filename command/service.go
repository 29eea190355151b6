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
	"rightsdesk/health"
	"rightsdesk/mail"
	"rightsdesk/tracing"
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
	Operation `embed:""`
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
	StayBehind  bool   `help:"Do not make this release's revision current; do so later with: rightsdesk workers current."`
}

// opened is a service whose parts are open.
type opened struct {
	records
	services
	watched  *watched
	writes   health.Check // whether the database takes writes
	temporal client.Client
	post     activities.Post
	sender   *mail.SMTP
}

func (s Service) open(ctx context.Context, name string, log *slog.Logger) (*opened, error) {
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
	w, err := s.Operation.watch(ctx, name, log)
	if err != nil {
		return nil, err
	}
	r, err := openRecords(ctx, s.Database)
	if err != nil {
		w.end()
		return nil, err
	}
	writes := health.Writes(r.store, log)
	c, err := dial(s.Temporal, w, log)
	if err == nil {
		err = w.observe(r, writes, log)
	}
	if err != nil {
		r.store.Close()
		w.end()
		return nil, err
	}
	o := &opened{records: r, services: checkers.traced(w.tracer()), watched: w, writes: writes, temporal: c, sender: sender}
	o.post = activities.Post{Store: r.store, Planner: r.planner, Writer: mail.NewWriter(set), Sender: tracing.Mail(sender, w.tracer()),
		Domain: sender.Domain(), Now: time.Now, Log: log, Metrics: w.metrics}
	return o, nil
}

func (o *opened) close() {
	o.temporal.Close()
	o.store.Close()
	o.watched.end()
}

// Run serves until ctx ends; then it says that it is not ready, serves on for the
// drain, and lets requests under way finish.
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
	o, err := a.Service.open(ctx, "rightsdesk-api", log)
	if err != nil {
		return err
	}
	defer o.close()
	recorded, err := o.store.PolicyRefs(ctx)
	if err != nil {
		return err
	}
	if err := a.Policy.isOwn(policy, recorded); err != nil {
		return err
	}
	if err := o.store.SavePolicy(ctx, policy.Ref(), text); err != nil {
		return fmt.Errorf("storing the policy: %w", err)
	}
	set, err := a.Operator.load()
	if err != nil {
		return err
	}
	well := health.New(health.Database(o.store, log)).Hampered(o.writes) // what is stored can be read all the same
	d := desk.New(desk.Config{Metrics: o.watched.metrics, Tracer: o.watched.tracer(), Store: o.store, Temporal: o.temporal, Planner: o.planner,
		Policy: policy, PolicyText: text, Links: activities.NewLinks(o.post), Product: productVersion(), Log: log,
		Verifiers: desk.Verifiers{RealNames: o.realNames, Payments: o.payments, Texts: o.texts != nil, SignIn: signIn != nil}})
	defer d.Wait()
	handler, err := api.New(api.Config{
		Desk: d, Store: o.store, Planner: o.planner, Templates: set, Policy: policy,
		BaseURL: a.BaseURL, Secure: strings.HasPrefix(a.BaseURL, "https://"),
		SignOn: signOn, SignIn: signIn, NoPasswords: !a.StaffPasswordSignIn,
		TrustedProxies: a.TrustedProxies, UI: a.TemporalUI, Namespace: a.TemporalNamespace, Log: log,
		Health: well, Metrics: o.watched.metrics, Tracer: o.watched.tracer(),
	})
	if err != nil {
		return err
	}
	well.Probe(answersWithin(handler))
	if err := o.watched.serve(a.MetricsListen, well, log); err != nil {
		return err
	}
	context.AfterFunc(ctx, well.Stopping)
	go desk.WatchTemporal(ctx, o.temporal, o.watched.metrics)
	return a.serve(ctx, handler, secured, log)
}

func (a API) serve(ctx context.Context, handler http.Handler, secured *tls.Config, log *slog.Logger) error {
	l, err := net.Listen("tcp", a.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	server := &http.Server{Handler: handler, TLSConfig: secured, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute,
		WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	ended := make(chan struct{})
	stopped := context.AfterFunc(ctx, func() {
		defer close(ended)
		a.drain(server, log)
	})
	log.Info("serving", "address", l.Addr().String())
	run := server.Serve
	if secured != nil {
		run = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	if err := run(l); !errors.Is(err, http.ErrServerClosed) {
		stopped()
		return err
	}
	<-ended // Serve returns before the requests under way have been answered
	return nil
}

// drain serves on until a load balancer has noticed, takes no more, and lets what
// is under way finish within its time.
func (a API) drain(server *http.Server, log *slog.Logger) {
	log.Info("stopping: no longer ready", "drain", a.Drain)
	time.Sleep(a.Drain)
	last, cancel := context.WithTimeout(context.Background(), a.stopWithin())
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		log.Warn("stopping: requests were cut off", "after", a.stopWithin())
		_ = server.Close()
	}
}

// answersWithin asks the web side itself, by no network, whether it answers.
func answersWithin(handler http.Handler) health.Check {
	return func(ctx context.Context) error {
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/healthz", nil)
			if err == nil {
				handler.ServeHTTP(nowhere{}, r)
			}
		}()
		select {
		case <-answered:
			return nil
		case <-ctx.Done():
			return errors.New("requests are not answered")
		}
	}
}

// nowhere takes an answer that nobody reads.
type nowhere struct{}

func (nowhere) Header() http.Header            { return http.Header{} }
func (nowhere) Write(body []byte) (int, error) { return len(body), nil }
func (nowhere) WriteHeader(int)                {}

// wedgedAfter is how long one turn of a loop may take: far longer than all its
// time limits together.
const wedgedAfter = 10 * time.Minute

// Run works until ctx ends; then it says that it is not ready, takes no more, and
// lets activities under way finish.
func (w Worker) Run(ctx context.Context, log *slog.Logger) error {
	system, err := w.Accounts.system()
	if err != nil {
		return err
	}
	o, err := w.Service.open(ctx, "rightsdesk-worker", log)
	if err != nil {
		return err
	}
	defer o.close()
	set, err := w.Operator.load()
	if err != nil {
		return err
	}
	var working *worker.Worker
	well := health.New(health.Database(o.store, log), o.writes, func(ctx context.Context) error { return working.Ready(ctx) })
	working = worker.New(worker.Config{
		Temporal: o.temporal, Store: o.store, Planner: o.planner, Templates: set,
		Mailer: o.post.Sender, MailDomain: o.sender.Domain(), Accounts: tracing.Accounts(system, o.watched.tracer()), Texts: o.texts,
		StaffLocale: locale(w.StaffLocale), StayBehind: w.StayBehind, Log: log, Metrics: o.watched.metrics, Tracer: o.watched.tracer(),
		Courier: well.Pulse("the courier", wedgedAfter), Watch: well.Pulse("the watch over Temporal", wedgedAfter),
		StopTimeout: w.stopWithin(),
	})
	if err := o.watched.serve(w.MetricsListen, well, log); err != nil {
		return err
	}
	context.AfterFunc(ctx, well.Stopping)
	working.Run(ctx)
	return nil
}
