package process

import (
	"errors"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
)

// Ports are taken below the range from which systems lend them to outgoing
// connections: one from there could be lent again while the part that has it is
// down.

// FreePort finds a port of 127.0.0.1 that nobody listens on, for a part that
// listens at once.
func FreePort() (int, error) {
	ports, err := free(1, 20000, 32000)
	if err != nil {
		return 0, err
	}
	return ports[0], nil
}

// FreePorts finds several different ones that are kept for parts which come and
// go. FreePort gives none of them to anybody else.
func FreePorts(n int) ([]int, error) { return free(n, 10000, 20000) }

func free(n, from, to int) ([]int, error) {
	var ports []int
	for range 200 * n {
		port := from + rand.IntN(to-from)
		if !slices.Contains(ports, port) && PortIsFree(port) {
			ports = append(ports, port)
		}
		if len(ports) == n {
			return ports, nil
		}
	}
	return nil, errors.New("found no free port")
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
