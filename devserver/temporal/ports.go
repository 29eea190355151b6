package temporal

import (
	"fmt"

	"rightsdesk/devserver/process"
)

type ports struct{ frontend, ui, history, matching, worker int }

func hostPort(port int) string { return process.Loopback(port) }

// choosePorts checks the ports that were asked for and finds free ones for
// the rest. Temporal and its UI end the whole process when a port is taken, so
// this has to be known before.
func choosePorts(frontend, ui int) (ports, error) {
	p := ports{frontend: frontend, ui: ui}
	taken := map[int]bool{}
	for _, port := range []*int{&p.frontend, &p.ui, &p.history, &p.matching, &p.worker} {
		if *port != 0 {
			if !process.PortIsFree(*port) || taken[*port] {
				return p, fmt.Errorf("port %d is in use by another program", *port)
			}
			taken[*port] = true
			continue
		}
		for *port == 0 || taken[*port] {
			var err error
			if *port, err = process.FreePort(); err != nil {
				return p, err
			}
		}
		taken[*port] = true
	}
	return p, nil
}
