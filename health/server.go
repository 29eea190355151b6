package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Server serves /metrics, /healthz and /readyz on a port of their own: they are
// for those who operate the desk, and stand open to nobody else.
type Server struct {
	server *http.Server
	addr   string
}

// Listen begins to serve. It serves until Close, also while the process stops.
func Listen(address string, h *Health, from prometheus.Gatherer, log *slog.Logger) (*Server, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", h.ServeAlive)
	mux.HandleFunc("GET /readyz", h.ServeReady)
	mux.Handle("GET /metrics", promhttp.HandlerFor(from, promhttp.HandlerOpts{
		ErrorLog: journal{log}, ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4, Timeout: 10 * time.Second}))
	s := &Server{addr: l.Addr().String(), server: &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout: 10 * time.Second, WriteTimeout: 20 * time.Second, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}}
	go func() {
		if err := s.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics are no longer served", "error", err)
		}
	}()
	log.Info("serving metrics", "address", s.addr)
	return s, nil
}

// Addr is where it listens.
func (s *Server) Addr() string { return s.addr }

// Close ends it.
func (s *Server) Close() {
	if s == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.server.Shutdown(ctx) != nil {
		_ = s.server.Close()
	}
}

// journal takes what can't be gathered into the log.
type journal struct{ log *slog.Logger }

func (j journal) Println(v ...any) { j.log.Warn("a metric can't be given", "error", fmt.Sprint(v...)) }
