package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"os"
	"syscall"
	"time"
)

// conversation is one connection to the mail server. Every step has a deadline,
// and the end of the context ends it at once.
type conversation struct {
	ctx     context.Context
	timeout time.Duration
	conn    net.Conn // the bare one: its deadline holds for what is layered on it
	client  *smtp.Client
	release func() bool // ends what the end of the context does; false: it has been done
	sent    int         // messages handed over before
}

// connect dials, says hello, protects the line and signs in.
func (s *SMTP) connect(ctx context.Context) (*conversation, error) {
	dial := net.Dialer{Timeout: s.config.Timeout}
	conn, err := dial.DialContext(ctx, "tcp", s.config.Addr)
	if err != nil {
		return nil, temporary(StepConnect, err)
	}
	c := &conversation{timeout: s.config.Timeout, conn: conn}
	c.follow(ctx)
	if err := c.open(s); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// follow makes the end of the context end the conversation.
func (c *conversation) follow(ctx context.Context) {
	c.ctx = ctx
	c.release = context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) })
}

func (c *conversation) open(s *SMTP) error {
	line := c.conn
	if s.config.TLS == TLSFirst {
		secure := tls.Client(c.conn, s.tls())
		if err := c.step(StepTLS, 1, secure.Handshake); err != nil {
			return err
		}
		line = secure
	}
	if err := c.step(StepGreeting, 1, func() (err error) {
		c.client, err = smtp.NewClient(line, s.host)
		return err
	}); err != nil {
		return err
	}
	if err := c.step(StepHello, 1, func() error { return c.client.Hello(s.config.Hello) }); err != nil {
		return err
	}
	if s.config.TLS == STARTTLS {
		if ok, _ := c.client.Extension("STARTTLS"); !ok {
			return &TemporaryError{Step: StepTLS, Reason: "the server does not offer STARTTLS"}
		}
		if err := c.step(StepTLS, 1, func() error { return c.client.StartTLS(s.tls()) }); err != nil {
			return err
		}
	}
	if s.config.User == "" {
		return nil
	}
	if ok, _ := c.client.Extension("AUTH"); !ok {
		return &TemporaryError{Step: StepAuth, Reason: "the server does not offer AUTH"}
	}
	// PlainAuth itself refuses a line that is neither TLS nor to this machine.
	auth := smtp.PlainAuth("", s.config.User, s.config.Password, s.host)
	return c.step(StepAuth, 1, func() error { return c.client.Auth(auth) })
}

// deliver hands the message over. A 5xx to the recipient or to the content is
// final; everything else may work later.
func (c *conversation) deliver(e envelope) error {
	if ok, _ := c.client.Extension("SMTPUTF8"); !ok && !ascii(e.to) {
		return &RefusedError{Step: StepTo, Code: 553}
	}
	if err := c.step(StepFrom, 1, func() error { return c.client.Mail(e.from) }); err != nil {
		return err
	}
	if err := c.step(StepTo, 1, func() error { return c.client.Rcpt(e.to) }); err != nil {
		return refusal(err)
	}
	var body io.WriteCloser
	if err := c.step(StepData, 1, func() (err error) {
		if body, err = c.client.Data(); err != nil {
			return err
		}
		_, err = body.Write(e.raw)
		return err
	}); err != nil {
		return refusal(err)
	}
	return refusal(c.step(StepAccept, 4, body.Close))
}

// part says goodbye, whatever they say to this.
func (c *conversation) part() {
	c.ctx = context.Background()
	_ = c.step(StepAccept, 1, c.client.Quit)
	c.close()
}

func (c *conversation) close() {
	c.release()
	_ = c.conn.Close()
}

// step runs one exchange within so many timeouts.
func (c *conversation) step(at Step, timeouts int, exchange func() error) error {
	_ = c.conn.SetDeadline(time.Now().Add(time.Duration(timeouts) * c.timeout))
	if c.ctx.Err() != nil { // ended before the deadline was set: its own is overwritten
		return &TemporaryError{Step: at, Reason: "given up"}
	}
	if err := exchange(); err != nil {
		return temporary(at, err)
	}
	return nil
}

// refusal makes a 5xx final. 530 and its like ask the desk to sign in first:
// not the recipient's doing.
func refusal(err error) error {
	var t *TemporaryError
	if !errors.As(err, &t) || t.Code < 500 || t.Code > 599 || t.Code == 530 || t.Code == 535 || t.Code == 538 {
		return err
	}
	return &RefusedError{Step: t.Step, Code: t.Code}
}

// temporary keeps of an error what is fit for histories and logs.
func temporary(at Step, err error) error {
	t := &TemporaryError{Step: at, Reason: "connection lost"}
	var (
		reply     *textproto.Error
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		timeout   interface{ Timeout() bool }
	)
	switch {
	case errors.As(err, &reply):
		t.Code, t.Reason = reply.Code, ""
	case errors.As(err, &dns):
		t.Reason = "name not found"
	case errors.As(err, &authority):
		t.Reason = "certificate not trusted"
	case errors.As(err, &name):
		t.Reason = "certificate for another name"
	case errors.As(err, &invalid):
		t.Reason = "certificate not valid"
	case errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout():
		t.Reason = "timeout"
	case errors.Is(err, context.Canceled):
		t.Reason = "given up"
	case errors.Is(err, syscall.ECONNREFUSED):
		t.Reason = "connection refused"
	}
	return t
}
