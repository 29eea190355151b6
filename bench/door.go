package main

import (
	"io"
	"net"
	"sync"
)

// door stands between the desk and Temporal, so that Temporal can be taken away
// from the same running processes and given back.
type door struct {
	address string
	behind  string

	mu       sync.Mutex
	listener net.Listener
	through  map[net.Conn]bool
	silent   *sync.Cond // with mu
	mute     bool
}

func openDoor(behind string) (*door, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	d := &door{address: address, behind: behind, through: map[net.Conn]bool{}}
	d.silent = sync.NewCond(&d.mu)
	return d, d.open()
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// open lets everything through.
func (d *door) open() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mute = false
	d.silent.Broadcast()
	if d.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", d.address)
	if err != nil {
		return err
	}
	d.listener = l
	go d.serve(l)
	return nil
}

// shut refuses new connections and cuts those there are: Temporal is down.
func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.listener != nil {
		d.listener.Close()
		d.listener = nil
	}
	for c := range d.through {
		c.Close()
	}
	d.mute = false
	d.silent.Broadcast()
}

// hush lets nothing through and cuts nothing: Temporal does not answer.
func (d *door) hush() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mute = true
}

func (d *door) close() { d.shut() }

func (d *door) serve(l net.Listener) {
	for {
		in, err := l.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", d.behind)
		if err != nil {
			in.Close()
			continue
		}
		d.mu.Lock()
		d.through[in], d.through[out] = true, true
		d.mu.Unlock()
		go d.carry(in, out)
		go d.carry(out, in)
	}
}

func (d *door) carry(to, from net.Conn) {
	_, _ = io.Copy(muted{to, d}, from)
	to.Close()
	from.Close()
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.through, from)
}

// muted waits while the door is hushed.
type muted struct {
	net.Conn
	door *door
}

func (m muted) Write(b []byte) (int, error) {
	m.door.mu.Lock()
	for m.door.mute {
		m.door.silent.Wait()
	}
	m.door.mu.Unlock()
	return m.Conn.Write(b)
}
