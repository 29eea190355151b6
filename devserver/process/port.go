package process

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// FreePort finds a port of 127.0.0.1 that nobody listens on, below the range from
// which systems lend ports to outgoing connections: one from there could be lent
// again while the part that has it is down.
func FreePort() (int, error) {
	for range 200 {
		port := 20000 + rand.IntN(12000)
		if PortIsFree(port) {
			return port, nil
		}
	}
	return 0, errors.New("found no free port")
}

// PortIsFree reports that nobody listens on a port of 127.0.0.1.
func PortIsFree(port int) bool {
	l, err := net.Listen("tcp", Loopback(port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// Loopback is host:port of this machine alone.
func Loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
