// Package temporal runs a Temporal server and its Web UI inside this process,
// on one SQLite file, or on MySQL as production does. It is for development,
// tests and small installations on one machine; production uses a cluster (see
// docker/).
//
// Everything listens on 127.0.0.1 alone. What a workflow has reached is in the
// file before anyone is told, so a kill -9 loses nothing: the next Start on the
// same directory goes on, and timers that fell due meanwhile fire at once.
package temporal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/server/temporal"
)

const (
	loopback         = "127.0.0.1"
	defaultNamespace = "rightsdesk"
	defaultRetention = 90 * 24 * time.Hour
	startTimeout     = 60 * time.Second
)

// Options of Start. The ports may differ from one start to the next on the
// same DataDir; the namespace's retention and search attributes are brought
// to what the options say (attributes are only ever added).
type Options struct {
	DataDir          string                            // made if missing; holds temporal.db and temporal.log
	FrontendPort     int                               // gRPC; 0: a free one
	UIPort           int                               // 0: a free one
	Namespace        string                            // "": rightsdesk
	SearchAttributes map[string]enums.IndexedValueType // custom ones, by name
	Retention        time.Duration                     // how long closed workflows stay visible; 0: 90 days
	Logger           *slog.Logger                      // nil: DataDir/temporal.log
	LogLevel         slog.Leveler                      // nil: slog.LevelWarn
	MySQL            *MySQL                            // nil: a file in DataDir
}

// Server is a running Temporal server with its UI.
type Server struct {
	frontend string
	uiURL    string
	server   temporal.Server
	ui       *uiserver.Server
	release  []func() error // in the order of release
	stop     sync.Once
}

// Start returns when workflows can be started in the namespace and the UI
// answers. ctx limits the start, not the server's life. A second server on
// the same DataDir is refused.
func Start(ctx context.Context, o Options) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	s, err := start(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("embedded Temporal: %w", err)
	}
	return s, nil
}

func start(ctx context.Context, o Options) (_ *Server, err error) {
	if o, err = o.withDefaults(); err != nil {
		return nil, err
	}
	s := &Server{}
	defer func() {
		if err != nil {
			s.Stop()
		}
	}()
	lock, err := lockDir(o.DataDir)
	if err != nil {
		return nil, err
	}
	s.release = append(s.release, lock)
	if o.Logger == nil {
		file, err := os.OpenFile(filepath.Join(o.DataDir, "temporal.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		s.release = append([]func() error{file.Close}, s.release...)
		o.Logger = slog.New(slog.NewTextHandler(file, &slog.HandlerOptions{Level: o.LogLevel}))
	}
	ports, err := choosePorts(o.FrontendPort, o.UIPort)
	if err != nil {
		return nil, err
	}
	store, err := prepareStores(o)
	if err != nil {
		return nil, err
	}
	server, err := newServer(store, ports, logger{o.Logger, o.LogLevel})
	if err != nil {
		return nil, err
	}
	if err := server.Start(); err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	s.server = server
	s.frontend = hostPort(ports.frontend)
	if err := settleNamespace(ctx, s.frontend, o); err != nil {
		return nil, err
	}
	if s.ui, err = startUI(ctx, ports, o.Namespace, o.Logger); err != nil {
		return nil, err
	}
	s.uiURL = "http://" + hostPort(ports.ui)
	return s, nil
}

func (o Options) withDefaults() (Options, error) {
	if o.DataDir == "" {
		return o, errors.New("no data directory given")
	}
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return o, err
	}
	o.DataDir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return o, err
	}
	if o.Namespace == "" {
		o.Namespace = defaultNamespace
	}
	if o.Retention == 0 {
		o.Retention = defaultRetention
	}
	if o.LogLevel == nil {
		o.LogLevel = slog.LevelWarn
	}
	return o, nil
}

// HostPort is the address for Temporal clients.
func (s *Server) HostPort() string { return s.frontend }

// UIURL is the address of the Web UI, without a slash at its end.
func (s *Server) UIURL() string { return s.uiURL }

// Stop ends the UI and the server and gives the data directory free. It may
// be called more than once.
func (s *Server) Stop() {
	s.stop.Do(func() {
		if s.ui != nil {
			s.ui.Stop()
		}
		if s.server != nil {
			_ = s.server.Stop()
		}
		for _, release := range s.release {
			_ = release()
		}
	})
}
