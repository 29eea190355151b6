package production

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/go-sql-driver/mysql"

	"rightsdesk/devserver/process"
)

// MySQLRoot names the environment variable that says in which folder a system
// with MySQL's server is (see `make test-production`). Where it is set, the
// production shape runs on MySQL, Temporal's databases included; else on the
// machine's MariaDB, with Temporal on a file, since it refuses MariaDB.
const MySQLRoot = "RIGHTSDESK_TEST_MYSQL_ROOT"

// durable are the settings of a server that keeps what it has confirmed through
// any kill, and is small.
var durable = []string{
	"--bind-address=127.0.0.1", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=1",
	"--innodb-buffer-pool-size=128M", "--max-connections=400", "--max-allowed-packet=64M",
	"--character-set-server=utf8mb4", "--performance-schema=0",
}

// databaseServer is a database server as a process of its own, on a folder of
// its own.
type databaseServer struct {
	process *process.Process
	port    int
	mysql   bool   // the real one
	outside string // a folder to delete at the end; empty: none
}

func newDatabaseServer(dir string, port int) (*databaseServer, error) {
	s := &databaseServer{port: port}
	spec := process.Spec{Name: "database", LogFile: filepath.Join(dir, "database.log"), Ready: s.ping}
	var err error
	if root := os.Getenv(MySQLRoot); root != "" {
		err = s.prepareMySQL(&spec, root)
	} else {
		err = s.prepareMariaDB(&spec, filepath.Join(dir, "database"))
	}
	s.process = process.New(spec)
	return s, err
}

func (s *databaseServer) prepareMariaDB(spec *process.Spec, data string) error {
	daemon, err := program("mariadbd", "mysqld")
	if err != nil {
		return err
	}
	installer, err := program("mariadb-install-db", "mysql_install_db")
	if err != nil {
		return err
	}
	install := exec.Command(installer, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal",
		"--skip-test-db", "--skip-name-resolve", "--user=root")
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	spec.Path = daemon
	spec.Args = append([]string{"--no-defaults", "--user=root", "--datadir=" + data, fmt.Sprintf("--port=%d", s.port),
		"--socket=" + filepath.Join(data, "s"), "--pid-file=" + filepath.Join(data, "pid"), "--skip-log-bin"}, durable...)
	return nil
}

// prepareMySQL has the server run inside the folder, where its libraries are.
func (s *databaseServer) prepareMySQL(spec *process.Spec, root string) error {
	s.mysql = true
	chroot, err := program("chroot")
	if err != nil {
		return err
	}
	s.outside, err = os.MkdirTemp(filepath.Join(root, "var/lib"), "rightsdesk-")
	if err != nil {
		return err
	}
	data := filepath.Join("/var/lib", filepath.Base(s.outside), "data")
	initialise := exec.Command(chroot, root, "/usr/sbin/mysqld", "--no-defaults", "--initialize-insecure", "--user=root", "--datadir="+data)
	if out, err := initialise.CombinedOutput(); err != nil {
		return fmt.Errorf("initialising MySQL: %w\n%s", err, out)
	}
	// The server looks no names up, so that localhost's root is nobody by TCP.
	const access = "CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';\nGRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n"
	if err := os.WriteFile(filepath.Join(s.outside, "access.sql"), []byte(access), 0o600); err != nil {
		return err
	}
	spec.Path = chroot
	spec.Args = append([]string{root, "/usr/sbin/mysqld", "--no-defaults", "--user=root", "--datadir=" + data,
		fmt.Sprintf("--port=%d", s.port), "--socket=" + data + "/s", "--pid-file=" + data + "/pid", "--mysqlx=OFF",
		"--secure-file-priv=", "--skip-log-bin",
		"--init-file=" + filepath.Join("/var/lib", filepath.Base(s.outside), "access.sql")}, durable...)
	return nil
}

func program(names ...string) (string, error) {
	for _, name := range names {
		for _, at := range []string{name, "/usr/sbin/" + name, "/usr/bin/" + name} {
			if path, err := exec.LookPath(at); err == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("%s is not on this machine", names[0])
}

func (s *databaseServer) settings(database string) *mysql.Config {
	c := mysql.NewConfig()
	c.User, c.Net, c.Addr, c.DBName = "root", "tcp", process.Loopback(s.port), database
	c.Logger = log.New(io.Discard, "", 0)
	return c
}

// dsn is how the desk is told of one of its databases.
func (s *databaseServer) dsn(database string) string {
	return "mysql:" + s.settings(database).FormatDSN()
}

func (s *databaseServer) ping(ctx context.Context) error { return s.do(ctx, "DO 1") }

// create makes an empty database.
func (s *databaseServer) create(ctx context.Context, database string) error {
	return s.do(ctx, "CREATE DATABASE "+database+" CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
}

func (s *databaseServer) do(ctx context.Context, statement string) error {
	connector, err := mysql.NewConnector(s.settings(""))
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	_, err = db.ExecContext(ctx, statement)
	return err
}

// version is what the server says of itself, e.g. "9.7.4".
func (s *databaseServer) version(ctx context.Context) (version string, err error) {
	connector, err := mysql.NewConnector(s.settings(""))
	if err != nil {
		return "", err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	err = db.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version)
	return strings.TrimSpace(version), err
}

// end kills it for good and deletes its files.
func (s *databaseServer) end() {
	s.process.Kill()
	if s.outside != "" {
		_ = os.RemoveAll(s.outside)
	}
}
