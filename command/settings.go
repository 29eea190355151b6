package command

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"rightsdesk/accounts"
	"rightsdesk/mail"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
	"rightsdesk/tracing"
	"rightsdesk/verify"
)

// Database says where the records are and by which key they are sealed.
type Database struct {
	Database            string `help:"Database: sqlite:FILE, or mysql:USER:PASSWORD@tcp(HOST:3306)/NAME." placeholder:"DSN"`
	DatabaseConnections int    `help:"Connections to the database at the most, of each process; 0: 32 to MySQL, 8 to SQLite." placeholder:"N"`
	MasterKeyFile       string `help:"File with the master key that seals personal data; make one with rightsdesk keys new." placeholder:"FILE"`
	MasterKey           string `help:"The master key itself, instead of a file." placeholder:"KEY"`
}

func (d Database) check() error {
	if d.Database == "" {
		return errors.New("--database (RIGHTSDESK_DATABASE): is not set; give sqlite:FILE or mysql:USER:PASSWORD@tcp(HOST:3306)/NAME")
	}
	if (d.MasterKeyFile == "") == (d.MasterKey == "") {
		return errors.New("--master-key-file (RIGHTSDESK_MASTER_KEY_FILE): set it or --master-key, one of the two; make a key with: rightsdesk keys new FILE")
	}
	return nil
}

// there reports a file that is missing: only migrate makes one, so that a mistyped path
// is not taken for an empty desk.
func (d Database) there() error {
	file, is := strings.CutPrefix(d.Database, store.SQLite+":")
	if !is || file == "" {
		return nil
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return errors.New("--database (RIGHTSDESK_DATABASE): there is no such file; a new one is made by: rightsdesk migrate")
	}
	return nil
}

func (d Database) vault() (*seal.Vault, error) {
	if d.MasterKeyFile != "" {
		v, err := seal.OpenFile(d.MasterKeyFile)
		if err != nil {
			return nil, fmt.Errorf("--master-key-file: %w", err)
		}
		return v, nil
	}
	v, err := seal.Open(d.MasterKey)
	if err != nil {
		return nil, fmt.Errorf("--master-key: %w", err)
	}
	return v, nil
}

// Temporal says where the workflow engine is.
type Temporal struct {
	TemporalAddress   string `default:"127.0.0.1:7233" help:"Temporal's frontend." placeholder:"HOST:PORT"`
	TemporalNamespace string `default:"rightsdesk" help:"Temporal namespace."`
	TemporalTLS       bool   `name:"temporal-tls" help:"Reach Temporal by TLS."`
	TemporalAPIKey    string `name:"temporal-api-key" help:"API key, where Temporal asks for one." placeholder:"KEY"`
}

// Policy says what new tickets are promised.
type Policy struct {
	Policy string `default:"cn" help:"Policy of new tickets: cn, gdpr, ccpa, or a YAML file."`
}

// isFile reports a policy of the operator's own.
func (p Policy) isFile() bool { return strings.ContainsAny(p.Policy, "./\\") }

func (p Policy) read() (*ticket.Policy, []byte, error) {
	if p.isFile() {
		text, err := os.ReadFile(p.Policy)
		if err != nil {
			return nil, nil, fmt.Errorf("--policy: %w", err)
		}
		policy, err := ticket.ParsePolicy(text)
		if err != nil {
			return nil, nil, fmt.Errorf("--policy: %s: %w", p.Policy, err)
		}
		return policy, text, nil
	}
	policy, text, err := ticket.EmbeddedPolicy(p.Policy)
	if err != nil {
		return nil, nil, fmt.Errorf("--policy: %w, or give a YAML file", err)
	}
	return policy, text, nil
}

// isOwn refuses a file that gives other words under a name and version that stand for
// a policy already, among those on record or those built in: tickets say by name and
// version what was promised.
func (p Policy) isOwn(policy *ticket.Policy, recorded []ticket.PolicyRef) error {
	if !p.isFile() {
		return nil
	}
	own := policy.Ref()
	if builtIn, _, err := ticket.EmbeddedPolicy(own.Name); err == nil {
		recorded = append(recorded, builtIn.Ref())
	}
	for _, other := range recorded {
		if other.Name == own.Name && other.Version == own.Version && other.Digest != own.Digest {
			return fmt.Errorf("--policy: %s: there is another policy %s %s with other words; give yours a version of its own", p.Policy, own.Name, own.Version)
		}
	}
	return nil
}

// Operator says whose desk this is.
type Operator struct {
	OperatorName    string `help:"The operator's name in Chinese. Must be set." placeholder:"NAME"`
	OperatorNameEN  string `name:"operator-name-en" help:"The operator's name in English; empty: as in Chinese." placeholder:"NAME"`
	OperatorContact string `help:"Telephone or address for people who can't use the desk. Must be set." placeholder:"WHERE"`
	OperatorSite    string `default:"" help:"The operator's web site." placeholder:"URL"`
	BaseURL         string `default:"http://127.0.0.1:8080" help:"Where people reach the desk; mails link there." placeholder:"URL"`
	AllowPlainHTTP  bool   `name:"allow-plain-http" help:"Allow a base URL of http that is not this machine: personal data then travels unencrypted."`
}

// TLS says by which certificate people are served, where no proxy does it.
type TLS struct {
	TLSCertFile string `name:"tls-cert-file" help:"Certificate, with its chain, to serve by TLS with; read anew when it changes." placeholder:"FILE"`
	TLSKeyFile  string `name:"tls-key-file" help:"The certificate's key." placeholder:"FILE"`
}

func (o Operator) load() (*templates.Set, error) {
	u, err := url.Parse(o.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
		return nil, errors.New("--base-url (RIGHTSDESK_BASE_URL): must be like https://privacy.example.com, without a path")
	}
	return templates.Load(templates.Operator{
		Name:    map[ticket.Locale]string{ticket.Chinese: o.OperatorName, ticket.English: cmp.Or(o.OperatorNameEN, o.OperatorName)},
		Contact: o.OperatorContact,
		Site:    o.OperatorSite,
		BaseURL: strings.TrimRight(o.BaseURL, "/"),
	})
}

// Mail says where the mail server is and as whom the desk writes.
type Mail struct {
	SMTPAddress  string        `name:"smtp-address" default:"127.0.0.1:25" help:"Mail server." placeholder:"HOST:PORT"`
	SMTPTLS      string        `name:"smtp-tls" default:"starttls" enum:"none,starttls,tls" help:"How the way to it is protected: none, starttls, tls."`
	SMTPUser     string        `name:"smtp-user" help:"Sign in as; empty: no sign-in."`
	SMTPPassword string        `name:"smtp-password" help:"Password, sent over TLS or to this machine only."`
	MailFrom     string        `help:"The desk's own address. Must be set." placeholder:"ADDRESS"`
	SMTPTimeout  time.Duration `name:"smtp-timeout" default:"30s" help:"Of each step of the conversation with the mail server."`
}

func (m Mail) sender() (*mail.SMTP, error) {
	return mail.NewSMTP(mail.Config{
		Addr: m.SMTPAddress, TLS: mail.TLS(m.SMTPTLS), User: m.SMTPUser, Password: m.SMTPPassword,
		From: m.MailFrom, Timeout: m.SMTPTimeout,
	})
}

// Accounts says which account system fulfilment acts on.
type Accounts struct {
	AccountsURL       string `name:"accounts-url" help:"The account system's webhook; empty: staff do it by hand and tick it off." placeholder:"URL"`
	AccountsSecret    string `name:"accounts-secret" help:"Shared secret that signs calls to it, at least 32 bytes."`
	AccountsPlainHTTP bool   `name:"accounts-plain-http" help:"Allow http to another machine: personal data then travels unencrypted."`
}

func (a Accounts) system() (accounts.System, error) {
	if a.AccountsURL == "" {
		return accounts.NewManual(time.Now), nil
	}
	w, err := accounts.NewWebhook(accounts.WebhookConfig{
		BaseURL: a.AccountsURL, Secret: []byte(a.AccountsSecret), AllowPlainHTTP: a.AccountsPlainHTTP,
	})
	if err != nil {
		return nil, fmt.Errorf("--accounts-url, --accounts-secret: %w", err)
	}
	return w, nil
}

// Verifiers says which services people may prove who they are by, beside the
// mailed code. See docs/verification.md.
type Verifiers struct {
	TextsURL           string `name:"texts-url" help:"Gateway for text messages; empty: no codes by text message." placeholder:"URL"`
	TextsSecret        string `name:"texts-secret" help:"Shared secret that signs calls to it, at least 32 bytes."`
	RealNamesURL       string `name:"real-names-url" help:"Real-name registry; empty: not offered." placeholder:"URL"`
	RealNamesSecret    string `name:"real-names-secret" help:"Shared secret that signs calls to it, at least 32 bytes."`
	PaymentsURL        string `name:"payments-url" help:"Service that makes small payments to companies' accounts; empty: not offered." placeholder:"URL"`
	PaymentsSecret     string `name:"payments-secret" help:"Shared secret that signs calls to it, at least 32 bytes."`
	VerifiersPlainHTTP bool   `name:"verifiers-plain-http" help:"Allow http to another machine for these: personal data then travels unencrypted."`
}

// services are the verifiers that are set up.
type services struct {
	texts     verify.Texts
	realNames verify.RealNames
	payments  verify.Payments
}

// traced makes calls to the services spans.
func (s services) traced(t trace.Tracer) services {
	return services{texts: tracing.Texts(s.texts, t), realNames: tracing.RealNames(s.realNames, t), payments: tracing.Payments(s.payments, t)}
}

func (v Verifiers) open() (services, error) {
	var s services
	for _, one := range []struct {
		name, url, secret string
		use               func(*verify.Gateway)
	}{
		{"texts", v.TextsURL, v.TextsSecret, func(g *verify.Gateway) { s.texts = g }},
		{"real-names", v.RealNamesURL, v.RealNamesSecret, func(g *verify.Gateway) { s.realNames = g }},
		{"payments", v.PaymentsURL, v.PaymentsSecret, func(g *verify.Gateway) { s.payments = g }},
	} {
		if one.url == "" {
			continue
		}
		g, err := verify.New(verify.Config{URL: one.url, Secret: []byte(one.secret), AllowPlainHTTP: v.VerifiersPlainHTTP})
		if err != nil {
			return s, fmt.Errorf("--%s-url, --%s-secret: %w", one.name, one.name, err)
		}
		one.use(g)
	}
	return s, nil
}

func tlsConfig(on bool) *tls.Config {
	if !on {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12}
}
