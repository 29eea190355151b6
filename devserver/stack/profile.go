package stack

import (
	"net"
	"net/http"
	"net/http/pprof"
)

// startProfile serves Go's profiles, which tell where time and memory go. They
// show nothing of what is in the desk, but they cost time: only on demand.
func (s *Stack) startProfile() error {
	if !s.options.Profile {
		return nil
	}
	l, err := net.Listen("tcp", loopback(0))
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	s.Profile = "http://" + l.Addr().String() + "/debug/pprof/"
	s.profile = &http.Server{Handler: mux}
	go s.profile.Serve(l)
	return nil
}
