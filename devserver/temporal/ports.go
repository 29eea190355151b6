package temporal

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

type ports struct{ frontend, ui, history, matching, worker int }

func hostPort(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }

// choosePorts checks the ports that were asked for and finds free ones for
// the rest. Temporal and its UI end the whole process when a port is taken, so
// this has to be known before.
func choosePorts(frontend, ui int) (ports, error) {
	p := ports{frontend: frontend, ui: ui}
	taken := map[int]bool{}
	for _, port := range []*int{&p.frontend, &p.ui, &p.history, &p.matching, &p.worker} {
		if *port != 0 {
			if !free(*port) || taken[*port] {
				return p, fmt.Errorf("port %d is in use by another program", *port)
			}
		} else if !findFree(port, taken) {
			return p, errors.New("found no free port")
		}
		taken[*port] = true
	}
	return p, nil
}

// findFree looks below the range from which systems lend ports to outgoing
// connections: one from there could be lent again before it is listened on.
func findFree(port *int, taken map[int]bool) bool {
	for range 200 {
		*port = 20000 + rand.IntN(12000)
		if !taken[*port] && free(*port) {
			return true
		}
	}
	return false
}

func free(port int) bool {
	l, err := net.Listen("tcp", hostPort(port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}
