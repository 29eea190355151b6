package production

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"time"

	"rightsdesk/devserver/process"
)

// Balancer stands in front of several api processes, as a load balancer does: it
// sends nothing to one that is known to be down. A request that was under way when
// its process died is answered 502 and not sent again: whether it was carried out
// is not known.
type Balancer struct {
	server   *http.Server
	backends []backend
	next     atomic.Uint64
}

type backend struct {
	process *process.Process
	proxy   *httputil.ReverseProxy
}

// Balance listens on a port of this machine and shares what comes among the
// processes, each listening on its own port.
func Balance(port int, among []*process.Process, ports []int) (*Balancer, error) {
	b := &Balancer{}
	for i, p := range among {
		at := &url.URL{Scheme: "http", Host: process.Loopback(ports[i])}
		proxy := &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(at)
				r.Out.Host = r.In.Host
				r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"] // a client's is believed: this is a test
				r.SetXForwarded()
			},
			Transport: &http.Transport{DialContext: (&net.Dialer{Timeout: 2 * time.Second}).DialContext, MaxIdleConnsPerHost: 64},
			ErrorLog:  log.New(io.Discard, "", 0),
			ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
				w.WriteHeader(http.StatusBadGateway)
			},
		}
		b.backends = append(b.backends, backend{p, proxy})
	}
	l, err := net.Listen("tcp", process.Loopback(port))
	if err != nil {
		return nil, err
	}
	b.server = &http.Server{Handler: b, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	go func() {
		if err := b.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			panic(err)
		}
	}()
	return b, nil
}

func (b *Balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	first := b.next.Add(1)
	for i := range b.backends {
		one := b.backends[(int(first)+i)%len(b.backends)]
		if one.process.Running() && !one.process.Paused() {
			one.proxy.ServeHTTP(w, r)
			return
		}
	}
	w.WriteHeader(http.StatusBadGateway)
}

// Stop ends it at once.
func (b *Balancer) Stop() { _ = b.server.Close() }
