package stack

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"rightsdesk/command"
	"rightsdesk/devserver/process"
	"rightsdesk/devserver/production"
)

// shape is the production shape: two api processes behind a balancer, two workers,
// Temporal and the database server, each a process of its own. Mail catcher, account
// system and gateways stay in this process, so that tests can look into them.
type shape struct {
	binaries production.Binaries
	dir      string
	database *production.Database
	temporal *process.Process
	ports    []int // database, Temporal, its UI, and one of each api
	apis     []*process.Process
	workers  []*process.Process
	balancer *production.Balancer
}

const (
	copies  = 2              // api processes, and workers
	contact = "010-00000000" // the product's own commands refuse the one for trying out
)

func newShape(ctx context.Context, o Options) (_ *shape, err error) {
	s := &shape{binaries: *o.Production, dir: o.DataDir}
	defer func() {
		if err != nil {
			s.end()
		}
	}()
	if s.ports, err = process.FreePorts(3 + copies); err != nil {
		return nil, err
	}
	if s.database, err = production.NewDatabase(o.DataDir, s.ports[0], 0); err != nil {
		return nil, err
	}
	if err = s.database.Process.Start(ctx); err != nil {
		return nil, err
	}
	if err = s.database.Create(ctx, "rightsdesk"); err != nil {
		return nil, err
	}
	s.temporal = production.NewTemporal(s.binaries.Devserver, filepath.Join(o.DataDir, "temporal"), s.ports[1], s.ports[2], s.database)
	return s, nil
}

func (s *shape) addresses() (temporal, ui string) {
	return process.Loopback(s.ports[1]), "http://" + process.Loopback(s.ports[2])
}

// startWeb has the api processes listen behind the address that the one of this
// process would have.
func (s *shape) startWeb(web command.API) error {
	front := web.BaseURL
	web.TrustedProxies, web.OperatorContact = []string{"127.0.0.1"}, contact
	s.apis = nil
	for i := range copies {
		web.Listen = process.Loopback(s.ports[3+i])
		p, err := production.NewAPI(fmt.Sprint("api-", i+1), s.binaries.Rightsdesk, s.dir, web)
		if err != nil {
			return err
		}
		web.MetricsListen = "" // the first one's
		s.apis = append(s.apis, p)
		if err := p.Start(context.Background()); err != nil {
			return err
		}
	}
	var port int
	if _, err := fmt.Sscanf(front, "http://127.0.0.1:%d", &port); err != nil {
		return fmt.Errorf("%s: %w", front, err)
	}
	var err error
	s.balancer, err = production.Balance(port, s.apis, s.ports[3:])
	return err
}

func (s *shape) stopWeb() {
	if s.balancer != nil {
		s.balancer.Stop()
	}
	kill(s.apis)
}

func (s *shape) startWorkers(w command.Worker) error {
	s.workers = nil
	w.OperatorContact = contact
	for i := range copies {
		p, err := production.NewWorker(fmt.Sprint("worker-", i+1), s.binaries.Rightsdesk, s.dir, w)
		if err != nil {
			return err
		}
		w.MetricsListen = "" // the first one's
		s.workers = append(s.workers, p)
		if err := p.Start(context.Background()); err != nil {
			return errors.Join(err, errors.New(p.Tail(5)))
		}
	}
	return nil
}

// OneWorker ends all workers but the one whose metrics are at WorkerMetrics, so that it
// does all there is to do.
func (s *Stack) OneWorker() {
	if s.shape != nil {
		kill(s.shape.workers[1:])
		s.shape.workers = s.shape.workers[:1]
	}
}

func (s *shape) stopWorkers() { kill(s.workers) }

func kill(all []*process.Process) {
	for _, p := range all {
		p.Kill()
	}
}

func (s *shape) end() {
	kill(s.apis)
	kill(s.workers)
	if s.temporal != nil {
		s.temporal.Kill()
	}
	if s.database != nil {
		s.database.End()
	}
}
