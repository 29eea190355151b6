// Package samplegateways is the outside services by which people prove who they
// are, in small: a text message gateway, a real-name registry and a bank. It is a
// real HTTP server that keeps the contract of docs/verification.md. Messages, and
// what arrives on companies' accounts, show in the mail catcher beside the mails.
package samplegateways

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"rightsdesk/accounts"
	"rightsdesk/devserver/secretfile"
)

// Deliver shows something where its receiver would see it.
type Deliver func(to, subject, text string) error

// Options of Start.
type Options struct {
	Addr    string // "": a free port of 127.0.0.1
	DataDir string // holds the secret
	Deliver Deliver
	Now     func() time.Time // nil: time.Now
}

// Server is the running services.
type Server struct {
	o      Options
	secret []byte
	http   *http.Server
	addr   string

	mu   sync.Mutex
	done map[string]string // references by idempotency key
	down bool
}

// Citizen is one entry of the registry. All are invented; the identity numbers
// are the examples of the national standard.
type Citizen struct{ Name, IDNumber, Phone string }

// Citizens lists the registry.
func Citizens() []Citizen {
	return []Citizen{
		{"Alice Sample", "11010519491231002X", "+8613800138010"},
		{"赵敏", "440524188001010014", "+8613800138007"},
	}
}

// Start returns when the server listens.
func Start(o Options) (_ *Server, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("sample gateways: %w", err)
		}
	}()
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	s := &Server{o: o, done: map[string]string{}}
	if s.secret, err = secretfile.Kept(filepath.Join(o.DataDir, "gateways.secret")); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, err
	}
	s.addr = listener.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /text", s.signed(s.text))
	mux.HandleFunc("POST /real-name", s.signed(s.realName))
	mux.HandleFunc("POST /payment", s.signed(s.payment))
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go s.http.Serve(listener)
	return s, nil
}

// URL is the base URL of the contract.
func (s *Server) URL() string { return "http://" + s.addr }

// Secret is what the desk signs its requests with.
func (s *Server) Secret() []byte { return s.secret }

// SetDown makes the services answer 503, or work again.
func (s *Server) SetDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// Stop ends the server at once.
func (s *Server) Stop() { _ = s.http.Close() }

// signed lets through what the desk signed just now, and answers a repeated key
// as it did first.
func (s *Server) signed(do func(body []byte) (answer any, status int)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
		if err != nil {
			http.Error(w, "too long", http.StatusRequestEntityTooLarge)
			return
		}
		err = accounts.Verify(r.Header.Get(accounts.HeaderTimestamp), r.Header.Get(accounts.HeaderSignature), body, s.o.Now(), s.secret)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.down {
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		key := r.Header.Get(accounts.HeaderIdempotencyKey)
		if reference, ok := s.done[key]; ok && key != "" {
			write(w, http.StatusOK, map[string]string{"reference": reference})
			return
		}
		answer, status := do(body)
		if m, ok := answer.(map[string]string); ok && status == http.StatusOK && key != "" {
			s.done[key] = m["reference"]
		}
		write(w, status, answer)
	}
}

func write(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

func (s *Server) text(body []byte) (any, int) {
	var m struct{ To, Text string }
	if json.Unmarshal(body, &m) != nil || m.To == "" || m.Text == "" {
		return nil, http.StatusUnprocessableEntity
	}
	if s.o.Deliver(m.To, "SMS", m.Text) != nil {
		return nil, http.StatusServiceUnavailable
	}
	return map[string]string{"reference": "sms-" + rand.Text()[:12]}, http.StatusOK
}

func (s *Server) realName(body []byte) (any, int) {
	var q struct {
		Name     string `json:"name"`
		IDNumber string `json:"id_number"`
		Phone    string `json:"phone"`
	}
	if json.Unmarshal(body, &q) != nil || q.Name == "" || q.IDNumber == "" || q.Phone == "" {
		return nil, http.StatusUnprocessableEntity
	}
	match := false
	for _, c := range Citizens() {
		match = match || c == Citizen{q.Name, q.IDNumber, q.Phone}
	}
	return map[string]any{"match": match, "reference": "rn-" + rand.Text()[:12]}, http.StatusOK
}

func (s *Server) payment(body []byte) (any, int) {
	var p struct {
		Company string `json:"company"`
		Account string `json:"bank_account"`
		Fen     int    `json:"amount_fen"`
	}
	if json.Unmarshal(body, &p) != nil || p.Company == "" || p.Account == "" || p.Fen < 1 {
		return nil, http.StatusUnprocessableEntity
	}
	text := fmt.Sprintf("%s\n%s\n+%d.%02d CNY", p.Company, p.Account, p.Fen/100, p.Fen%100)
	if s.o.Deliver("account-"+p.Account, "Bank statement", text) != nil {
		return nil, http.StatusServiceUnavailable
	}
	return map[string]string{"reference": "pay-" + rand.Text()[:12]}, http.StatusOK
}
