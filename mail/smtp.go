package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"os"
	"strings"
	"time"
)

// TLS is how the way to the mail server is protected.
type TLS string

const (
	TLSNone  TLS = "none"     // plain: for a server on this machine or in a private network
	STARTTLS TLS = "starttls" // plain, then upgraded; a server that doesn't offer it is not used
	TLSFirst TLS = "tls"      // from the first byte (port 465)
)

// Config says where the mail server is and as whom the desk writes.
type Config struct {
	Addr     string         // host:port
	TLS      TLS            // "" is starttls
	User     string         // "": no sign-in
	Password string         // sent over TLS or to this machine only
	From     string         // "和信会 <desk@example.com>"
	Domain   string         // of Message-IDs; "": that of From
	Hello    string         // the name given to the server; "": this host's
	Timeout  time.Duration  // of each step; 0: 30 seconds. The server's last word may take four times that
	RootCAs  *x509.CertPool // nil: the system's
	Now      func() time.Time
}

// SMTP is the Sender behind a mail server. It may be used by many goroutines.
type SMTP struct {
	config  Config
	host    string
	from    mail.Address
	resting resting
}

var _ Sender = (*SMTP)(nil)

// NewSMTP checks the configuration, naming what is wrong and how to mend it; it
// does not call the server.
func NewSMTP(c Config) (*SMTP, error) {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil || host == "" || port == "" {
		return nil, errors.New("mail: the server's address must be like mail.example.com:587")
	}
	from, err := mail.ParseAddress(c.From)
	if err != nil || !line(from.Name) {
		return nil, errors.New("mail: From must be like desk@example.com or Example <desk@example.com>")
	}
	bare, ok := Address(from.Address)
	if !ok {
		return nil, errors.New("mail: From must be like desk@example.com or Example <desk@example.com>")
	}
	from.Address = bare
	switch c.TLS {
	case "":
		c.TLS = STARTTLS
	case TLSNone, STARTTLS, TLSFirst:
	default:
		return nil, fmt.Errorf("mail: TLS %q is none of none, starttls, tls", c.TLS)
	}
	if c.User != "" && c.TLS == TLSNone && !loopback(host) {
		return nil, errors.New("mail: a password is not sent without TLS; set TLS to starttls or tls, or leave the user empty")
	}
	if c.Domain == "" {
		c.Domain = from.Address[strings.LastIndexByte(from.Address, '@')+1:]
	}
	if !messageID("<desk@" + c.Domain + ">") {
		return nil, fmt.Errorf("mail: domain %q must be a plain domain name", c.Domain)
	}
	if c.Hello == "" {
		c.Hello = hostName()
	}
	if !messageID("<desk@" + c.Hello + ">") {
		return nil, fmt.Errorf("mail: hello name %q must be a plain host name", c.Hello)
	}
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &SMTP{config: c, host: host, from: *from}, nil
}

// Domain is the domain of the desk's Message-IDs.
func (s *SMTP) Domain() string { return s.config.Domain }

// Send implements Sender.
func (s *SMTP) Send(ctx context.Context, m Message) (Receipt, error) {
	e, err := build(m, s.from, s.config.Now())
	if err != nil {
		return Receipt{}, err
	}
	c := s.resting.take(ctx)
	if c != nil {
		if err = c.deliver(e); beforeAnything(err) {
			c.close()
			c = nil
		}
	}
	if c == nil {
		if c, err = s.connect(ctx); err != nil {
			return Receipt{}, err
		}
		err = c.deliver(e)
	}
	if err != nil {
		c.close()
		return Receipt{}, err
	}
	at := s.config.Now()
	s.resting.keep(c) // the message is theirs now
	return Receipt{At: at, MessageID: e.messageID}, nil
}

func (s *SMTP) tls() *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: s.config.RootCAs, MinVersion: tls.VersionTLS12}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil || !messageID("<desk@"+name+">") {
		return "localhost"
	}
	return name
}
