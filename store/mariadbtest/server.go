// Package mariadbtest gives tests a real MariaDB: one private server for a test
// process, on a free loopback port, with a database of its own for each test.
//
// A test package that uses it stops the server in its TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(mariadbtest.Run(m)) }
//
// RIGHTSDESK_TEST_MYSQL_DSN may name a server that is already there instead, as a
// go-sql-driver DSN of a user who may create databases, e.g.
// "root:secret@tcp(127.0.0.1:3306)/".
package mariadbtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Install says how to mend a missing server.
const Install = "install it with: apt-get install mariadb-server"

// settings make a server fast and small that needs to survive nothing.
var settings = []string{
	"--bind-address=127.0.0.1", "--skip-name-resolve", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0",
	"--innodb-flush-method=nosync", "--innodb-doublewrite=0", "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M",
	"--innodb-file-per-table=0", "--innodb-stats-persistent=0", "--performance-schema=0", "--max-connections=400",
	"--max-allowed-packet=64M", "--character-set-server=utf8mb4",
}

type server struct {
	process *os.Process
	ended   chan struct{} // closed when the process has ended
	dir     string
	port    int
}

func startServer() (*server, error) {
	daemon, err := find("mariadbd", "mysqld")
	if err != nil {
		return nil, err
	}
	removeLeftovers()
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", leftoverPrefix, os.Getpid()))
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, ended: make(chan struct{})}
	err = s.install()
	if err == nil {
		err = s.start(daemon, settings)
	}
	if err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

// install makes the files of a new server.
func (s *server) install() error {
	installer, err := find("mariadb-install-db", "mysql_install_db")
	if err != nil {
		return err
	}
	install := exec.Command(installer, append([]string{"--no-defaults", "--datadir=" + filepath.Join(s.dir, "data"),
		"--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"}, asRoot()...)...)
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	return nil
}

// start starts the daemon on a free port, and returns when it answers.
func (s *server) start(daemon string, settings []string) (err error) {
	if s.port, err = freePort(); err != nil {
		return err
	}
	args := append([]string{"--no-defaults", "--datadir=" + filepath.Join(s.dir, "data"), fmt.Sprintf("--port=%d", s.port),
		"--socket=" + filepath.Join(s.dir, "s"), "--pid-file=" + filepath.Join(s.dir, "pid"),
		"--tmpdir=" + s.dir}, settings...) // a server that starts deletes what others have under /tmp
	if err := s.run(daemon, append(args, asRoot()...)); err != nil {
		return err
	}
	if err := s.waitUntilUp(30 * time.Second); err != nil {
		log := s.log()
		_ = s.process.Kill()
		<-s.ended
		return fmt.Errorf("%w; its log says:\n%s", err, log)
	}
	return nil
}

// asRoot is what the server asks to hear from root, and from nobody else.
func asRoot() []string {
	if os.Geteuid() == 0 {
		return []string{"--user=root"}
	}
	return nil
}

func find(names ...string) (string, error) {
	for _, name := range names {
		for _, at := range []string{name, "/usr/sbin/" + name, "/usr/bin/" + name} {
			if path, err := exec.LookPath(at); err == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("%s is not on this machine; %s", names[0], Install)
}

// run starts the server so that it dies with this process, whatever ends it.
func (s *server) run(daemon string, args []string) error {
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	started := make(chan error)
	go func() {
		// The kernel sends the signal when the thread that started the child ends,
		// so this goroutine keeps its thread until then.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		cmd := exec.Command(daemon, args...)
		cmd.Stdout, cmd.Stderr = log, log
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		err := cmd.Start()
		s.process = cmd.Process
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(s.ended)
		}
	}()
	return <-started
}

func (s *server) waitUntilUp(limit time.Duration) error {
	deadline := time.Now().Add(limit)
	for {
		select {
		case <-s.ended:
			return errors.New("the MariaDB server ended at its start")
		case <-time.After(20 * time.Millisecond):
		}
		if err := s.ping(); err == nil {
			return nil
		} else if time.Now().After(deadline) {
			return fmt.Errorf("the MariaDB server does not answer: %w", err)
		}
	}
}

func (s *server) stop() {
	if s.process != nil {
		_ = s.process.Kill() // nothing of it is needed again
		<-s.ended
	}
	s.remove()
}

func (s *server) remove() { _ = os.RemoveAll(s.dir) }

func (s *server) log() string {
	text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return strings.TrimSpace(string(text))
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
