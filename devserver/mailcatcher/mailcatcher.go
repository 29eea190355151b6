// Package mailcatcher is a real SMTP server that keeps every mail instead of
// delivering it, and an HTTP server that shows them: pages for people, JSON
// for tests.
//
// It says yes to a mail only when the mail is on disk. It keeps the last 2000.
//
// Some recipients are treated as the outside world treats them: a local part
// that begins with "refuse-" is refused for good (550), one with "later-" is
// put off at its first two tries (451, greylisting), one with "never-" always.
package mailcatcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/emersion/go-smtp"
)

// maxMail is the longest mail accepted, in bytes.
const maxMail = 32 << 20

// Options of Start. An empty address is a free port of 127.0.0.1.
type Options struct {
	SMTPAddr string
	HTTPAddr string
	DataDir  string // holds mail.db
}

// Server is a running mail catcher.
type Server struct {
	Behaviour

	box      *box
	smtp     *smtp.Server
	http     *http.Server
	smtpAddr string
	httpAddr string
}

// Start returns when both servers listen.
func Start(o Options) (_ *Server, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("mail catcher: %w", err)
		}
	}()
	if o.DataDir == "" {
		return nil, errors.New("no data directory given")
	}
	b, err := openBox(o.DataDir)
	if err != nil {
		return nil, err
	}
	smtpListener, err := listen(o.SMTPAddr)
	if err != nil {
		b.close()
		return nil, err
	}
	httpListener, err := listen(o.HTTPAddr)
	if err != nil {
		smtpListener.Close()
		b.close()
		return nil, err
	}
	s := &Server{box: b, smtpAddr: smtpListener.Addr().String(), httpAddr: httpListener.Addr().String()}
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c.Conn()}, nil
	}))
	s.smtp.Domain = "localhost"
	s.smtp.MaxMessageBytes = maxMail
	s.smtp.MaxRecipients = 100
	s.smtp.ReadTimeout = time.Minute
	s.smtp.WriteTimeout = time.Minute
	s.smtp.EnableSMTPUTF8 = true
	s.smtp.ErrorLog = log.New(io.Discard, "", 0) // its messages quote addresses
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	go s.smtp.Serve(smtpListener)
	go s.http.Serve(httpListener)
	return s, nil
}

func listen(addr string) (net.Listener, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	return net.Listen("tcp", addr)
}

// SMTPAddr is host:port of the SMTP server.
func (s *Server) SMTPAddr() string { return s.smtpAddr }

// URL is the address of the pages, without a slash at its end.
func (s *Server) URL() string { return "http://" + s.httpAddr }

// Stop ends both servers at once.
func (s *Server) Stop() {
	_ = s.smtp.Close()
	_ = s.http.Close()
	s.box.close()
}

// Show keeps something that did not come by mail, a text message say, beside the
// mails.
func (s *Server) Show(from, to, subject, text string) error {
	return s.box.put(Message{Time: time.Now().UTC(), From: from, To: []string{to}, Subject: subject, Text: text,
		References: []string{}, Headers: map[string][]string{}, Attachments: []Attachment{}}, []byte(text))
}

// Messages lists the mails that were accepted for the address (any, if it is
// empty), newest first, at most limit of them (all, if it is 0).
func (s *Server) Messages(ctx context.Context, to string, limit int) ([]Message, error) {
	return s.box.list(ctx, to, 0, limit)
}

// Await waits until at least n mails have been accepted for the address and
// returns them, newest first.
func (s *Server) Await(ctx context.Context, to string, n int) ([]Message, error) {
	for {
		list, err := s.box.list(ctx, to, 0, 0)
		if err == nil && len(list) >= n {
			return list, nil
		}
		select {
		case <-ctx.Done():
			return list, fmt.Errorf("%d mails of %d came: %w", len(list), n, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
