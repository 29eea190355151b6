// Package mailtest is a real SMTP server for tests, on a port of its own.
package mailtest

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Message is one message the server took.
type Message struct {
	From, To, User string
	Raw            []byte
}

// Server takes mail, except where an answer has been ordered first.
type Server struct {
	Addr string

	mu       sync.Mutex
	messages []Message
	lines    []net.Conn
	atMail   []int
	atRcpt   []int
	atData   []int
	before   func()
	user     string
	password string
}

// Option changes the server before it starts.
type Option func(*Server, *smtp.Server)

// WithTLS offers STARTTLS.
func WithTLS(c *tls.Config) Option {
	return func(_ *Server, s *smtp.Server) { s.TLSConfig = c }
}

// WithUTF8 offers SMTPUTF8.
func WithUTF8() Option {
	return func(_ *Server, s *smtp.Server) { s.EnableSMTPUTF8 = true }
}

// WithUser takes mail from those signed in only. Plain allows that without TLS.
func WithUser(user, password string, plain bool) Option {
	return func(m *Server, s *smtp.Server) {
		m.user, m.password = user, password
		s.AllowInsecureAuth = plain
	}
}

// Start runs a server until the test ends.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	m := &Server{}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.lines = append(m.lines, c.Conn())
		return &session{server: m}, nil
	}))
	s.Domain = "mail.test"
	s.ErrorLog = quiet{}
	for _, o := range options {
		o(m, s)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.Addr = listener.Addr().String()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = s.Close()
		_ = listener.Close() // the server does not know it yet if the test was very short
		<-done
	})
	return m
}

// Messages are those taken so far.
func (m *Server) Messages() []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.messages)
}

// Calls is how often the server was called.
func (m *Server) Calls() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.lines)
}

// HangUp cuts all lines there are.
func (m *Server) HangUp() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.lines {
		_ = l.Close()
	}
}

// AnswerMail orders the answers to the next senders; 0 is yes.
func (m *Server) AnswerMail(codes ...int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.atMail = append(m.atMail, codes...)
}

// AnswerRcpt orders the answers to the next recipients; 0 is yes.
func (m *Server) AnswerRcpt(codes ...int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.atRcpt = append(m.atRcpt, codes...)
}

// AnswerData orders the answers to the next messages; 0 is yes.
func (m *Server) AnswerData(codes ...int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.atData = append(m.atData, codes...)
}

// BeforeAccept calls f when a message has been kept and before that is said.
func (m *Server) BeforeAccept(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before = f
}

func (m *Server) next(queue *[]int, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(*queue) == 0 {
		return nil
	}
	code := (*queue)[0]
	*queue = (*queue)[1:]
	if code == 0 {
		return nil
	}
	// Real servers quote the address: no error may repeat it.
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCodeNotSet, Message: "<" + to + ">: as ordered by the test"}
}

type session struct {
	server   *Server
	from, to string
	user     string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if s.server.user == "" || user != s.server.user || password != s.server.password {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.user != "" && s.user == "" {
		return &smtp.SMTPError{Code: 530, Message: "sign in first"}
	}
	s.from = from
	return s.server.next(&s.server.atMail, from)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.to != "" {
		return errors.New("one recipient is enough")
	}
	s.to = to
	return s.server.next(&s.server.atRcpt, to)
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.server.next(&s.server.atData, s.to); err != nil {
		return err
	}
	s.server.mu.Lock()
	s.server.messages = append(s.server.messages, Message{From: s.from, To: s.to, User: s.user, Raw: raw})
	before := s.server.before
	s.server.mu.Unlock()
	if before != nil {
		before()
	}
	return nil
}

func (s *session) Reset()        { s.from, s.to = "", "" }
func (s *session) Logout() error { return nil }

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}
