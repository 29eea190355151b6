package mariadbtest

import (
	"fmt"
	"os"
	"path/filepath"
)

// Server is a server for a benchmark: it outlives no process, but its files may.
type Server struct{ s *server }

// Serve starts a server whose files are in dir, which is made if it is not there,
// with settings of its own such as "--innodb-buffer-pool-size=1G" in place of those
// of the tests' server.
func Serve(dir string, settings ...string) (*Server, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s, err := startServerIn(dir, settings)
	if err != nil {
		return nil, err
	}
	return &Server{s}, nil
}

// Database returns the address of a database, as store.Open takes it. It is made if
// it is not there.
func (s *Server) Database(name string) (dsn string, err error) {
	if err := execute(s.s.settings(), "CREATE DATABASE IF NOT EXISTS "+name+" CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"); err != nil {
		return "", fmt.Errorf("making a database: %w", err)
	}
	settings := s.s.settings()
	settings.DBName = name
	return "mysql:" + settings.FormatDSN(), nil
}

// Pid is the server's process.
func (s *Server) Pid() int { return s.s.process.Pid }

// Stop shuts the server down and leaves its files.
func (s *Server) Stop() {
	if execute(s.s.settings(), "SHUTDOWN") != nil {
		_ = s.s.process.Kill()
	}
	<-s.s.ended
}

// startServerIn starts a server on the files in dir, and makes them if there are none.
func startServerIn(dir string, settings []string) (*server, error) {
	daemon, err := find("mariadbd", "mysqld")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, ended: make(chan struct{})}
	if _, err := os.Stat(filepath.Join(dir, "data", "mysql")); err != nil {
		if err := s.install(); err != nil {
			return nil, err
		}
	}
	return s, s.start(daemon, append([]string{"--bind-address=127.0.0.1", "--skip-name-resolve"}, settings...))
}
