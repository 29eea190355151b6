// Package sampleaccounts is an operator's account system in small: a real HTTP
// server with a database of its own that keeps the contract of
// docs/account-system.md. Its page shows the people in it, so that one can see
// a cancellation empty an account.
package sampleaccounts

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"rightsdesk/accounts"
	"rightsdesk/devserver/secretfile"
)

// Options of Start.
type Options struct {
	Addr    string           // "": a free port of 127.0.0.1
	DataDir string           // holds accounts.db and, if none is given, the secret
	Secret  []byte           // shared with the desk; nil: made once and kept in DataDir
	Now     func() time.Time // nil: time.Now
}

// Server is a running account system.
type Server struct {
	system *system
	secret []byte
	http   *http.Server
	addr   string

	mu    sync.Mutex
	down  bool
	fail  int
	lose  int
	calls map[string]int
}

// Start returns when the server listens. A new database begins with twelve
// people.
func Start(o Options) (_ *Server, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("sample account system: %w", err)
		}
	}()
	if o.DataDir == "" {
		return nil, errors.New("no data directory given")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	system, err := openSystem(o.DataDir, o.Now)
	if err != nil {
		return nil, err
	}
	s := &Server{system: system, secret: o.Secret, calls: map[string]int{}}
	if s.secret == nil {
		s.secret, err = secretfile.Kept(filepath.Join(o.DataDir, "accounts.secret"))
	}
	if err != nil {
		system.db.Close()
		return nil, err
	}
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		system.db.Close()
		return nil, err
	}
	s.addr = listener.Addr().String()
	s.http = &http.Server{Handler: s.routes(o.Now), ReadHeaderTimeout: 10 * time.Second}
	go s.http.Serve(listener)
	return s, nil
}

// URL is the base URL of the contract, and of the page.
func (s *Server) URL() string { return "http://" + s.addr }

// Secret is what the desk signs its requests with.
func (s *Server) Secret() []byte { return s.secret }

// Stop ends the server at once.
func (s *Server) Stop() {
	_ = s.http.Close()
	s.system.db.Close()
}

// SetDown makes every call of the contract answer 503 until it is set back.
func (s *Server) SetDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// FailNext answers the next n calls with 503 without doing anything.
func (s *Server) FailNext(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = n
}

// LoseAnswers does what the next n calls ask for, but answers 503: the desk
// cannot know that it was done.
func (s *Server) LoseAnswers(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lose = n
}

// Calls tells how often an endpoint ("erase", "lookup", …) was called,
// failures included.
func (s *Server) Calls(endpoint string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[endpoint]
}

// moody serves the contract as the switches say.
func (s *Server) moody(contract http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.calls[r.URL.Path[1:]]++
		fail, lose := s.down || s.fail > 0, false
		if s.fail > 0 {
			s.fail--
		} else if lose = s.lose > 0; lose {
			s.lose--
		}
		s.mu.Unlock()
		if lose && !fail {
			contract.ServeHTTP(nowhere{http.Header{}}, r)
		}
		if fail || lose {
			http.Error(w, `{"code":"temporary"}`, http.StatusServiceUnavailable)
			return
		}
		contract.ServeHTTP(w, r)
	})
}

// nowhere is where lost answers go.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n nowhere) WriteHeader(int)             {}

func (s *Server) routes(now func() time.Time) http.Handler {
	mux := http.NewServeMux()
	contract := s.moody(accounts.NewHandler(s.system, now, s.secret))
	for _, endpoint := range []string{"lookup", "obstacles", "stop-services", "erase", "correct", "purge"} {
		mux.Handle("POST /"+endpoint, contract)
	}
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("GET /style.css", s.style)
	mux.HandleFunc("GET /accounts", s.listJSON)
	mux.Handle("POST /accounts/{ref}/settle", http.NewCrossOriginProtection().Handler(http.HandlerFunc(s.settle)))
	return mux
}
