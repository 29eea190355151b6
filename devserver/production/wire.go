package production

import (
	"errors"
	"io"
	"net"
	"sync"

	"rightsdesk/devserver/process"
)

// Wire is what workers reach Temporal by, where a test wants to cut in: while it is
// held, they still hear from Temporal, and Temporal hears nothing from them.
type Wire struct {
	Addr string

	listener net.Listener
	to       string
	open     sync.RWMutex // whoever passes bytes on to Temporal has it for reading
}

// Lay lays a wire to an address.
func Lay(to string) (*Wire, error) {
	l, err := net.Listen("tcp", process.Loopback(0))
	if err != nil {
		return nil, err
	}
	w := &Wire{Addr: l.Addr().String(), listener: l, to: to}
	go w.serve()
	return w, nil
}

func (w *Wire) serve() {
	for {
		from, err := w.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			panic(err)
		}
		go w.join(from)
	}
}

func (w *Wire) join(from net.Conn) {
	defer from.Close()
	to, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer to.Close()
	go func() {
		_, _ = io.Copy(from, to)
		from.Close()
	}()
	bytes := make([]byte, 1<<16)
	for {
		n, err := from.Read(bytes)
		if n > 0 && w.pass(to, bytes[:n]) != nil || err != nil {
			return
		}
	}
}

func (w *Wire) pass(to net.Conn, bytes []byte) error {
	w.open.RLock()
	defer w.open.RUnlock()
	_, err := to.Write(bytes)
	return err
}

// Hold keeps what workers say from Temporal until Release.
func (w *Wire) Hold() { w.open.Lock() }

// Release lets through what was held of the connections that are still there.
func (w *Wire) Release() { w.open.Unlock() }

// Stop ends it.
func (w *Wire) Stop() { _ = w.listener.Close() }
