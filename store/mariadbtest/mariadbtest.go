package mariadbtest

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/go-sql-driver/mysql"

	"rightsdesk/seal"
)

// ServerVariable names the environment variable that points to another server.
const ServerVariable = "RIGHTSDESK_TEST_MYSQL_DSN"

// shared is the one server of this test process.
var shared struct {
	once   sync.Once
	server *server
	err    error
}

// Start makes an empty database for the test and returns its address as
// store.Open takes it. The database is dropped when the test ends. The test fails
// if there is no server.
func Start(t testing.TB) (dsn string) {
	t.Helper()
	base, err := serverDSN()
	if err != nil {
		t.Fatalf("this test needs a real MariaDB: %v", err)
	}
	name := "test_" + strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(seal.NewToken()))[:20]
	if err := execute(base, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"); err != nil {
		t.Fatalf("making a database for the test: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(base, "DROP DATABASE "+name); err != nil {
			t.Logf("dropping the test's database: %v", err)
		}
	})
	settings := base.Clone()
	settings.DBName = name
	return "mysql:" + settings.FormatDSN()
}

// Run runs a package's tests and stops the server after them. It returns what
// os.Exit takes.
func Run(m *testing.M) int {
	code := m.Run()
	Stop()
	return code
}

// Stop stops the server, if one was started. Without it the server ends when the
// test process does, and its files are removed by the next one.
func Stop() {
	shared.once.Do(func() {})
	if shared.server != nil {
		shared.server.stop()
	}
}

func serverDSN() (*mysql.Config, error) {
	if dsn := os.Getenv(ServerVariable); dsn != "" {
		settings, err := mysql.ParseDSN(strings.TrimPrefix(dsn, "mysql:"))
		if err != nil {
			return nil, fmt.Errorf("%s can't be read; write user:password@tcp(host:port)/", ServerVariable)
		}
		return settings, nil
	}
	shared.once.Do(func() { shared.server, shared.err = startServer() })
	if shared.err != nil {
		return nil, shared.err
	}
	return shared.server.settings(), nil
}

func (s *server) settings() *mysql.Config {
	settings := mysql.NewConfig()
	settings.User, settings.Net, settings.Addr = "root", "tcp", fmt.Sprintf("127.0.0.1:%d", s.port)
	settings.Logger = quiet{}
	return settings
}

func (s *server) ping() error { return execute(s.settings(), "DO 1") }

// quiet keeps the driver from reporting refused connections while the server
// starts.
type quiet struct{}

func (quiet) Print(...any) {}

func execute(settings *mysql.Config, statement string) error {
	connector, err := mysql.NewConnector(settings)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}

const leftoverPrefix = "rightsdesk-mariadb-"

// removeLeftovers deletes the files of servers whose test process was killed.
func removeLeftovers() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), leftoverPrefix+"*"))
	for _, dir := range dirs {
		id, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), leftoverPrefix), "-")
		pid, err := strconv.Atoi(id)
		if err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = os.RemoveAll(dir)
		}
	}
}
