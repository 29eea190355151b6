package mailcatcher

import (
	"io"
	"net"
	"time"

	"github.com/emersion/go-smtp"
)

// session is one SMTP connection.
type session struct {
	server *Server
	conn   net.Conn
	from   string
	to     []string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.server.recipient(to); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

// Data confirms only what is on disk.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m := parse(raw)
	m.Time = time.Now().UTC()
	m.EnvelopeFrom = s.from
	m.To = s.to
	if err := s.server.box.put(m, raw); err != nil {
		return answer(451, "could not be kept")
	}
	if s.server.confirming() {
		_ = s.conn.Close()
	}
	return nil
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }
