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

	"github.com/go-sql-driver/mysql"

	"rightsdesk/devserver/process"
	"rightsdesk/store/smalldisk"
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

// Database is a database server as a process of its own, on a folder of its own.
type Database struct {
	Process *process.Process
	Real    bool // MySQL; else MariaDB
	port    int
	outside string          // a folder to delete at the end; empty: none
	disk    *smalldisk.Disk // its own; nil: it has none
}

// NewDatabase prepares a server, which then has to be started. diskMB is how large a
// disk of its own it lies on, which only root can mount; 0: it lies where dir does.
func NewDatabase(dir string, port, diskMB int) (*Database, error) {
	s := &Database{port: port}
	spec := process.Spec{Name: "database", LogFile: filepath.Join(dir, "database.log"), Ready: s.ping}
	var err error
	if root := os.Getenv(MySQLRoot); root != "" {
		err = s.prepareMySQL(&spec, root, diskMB)
	} else {
		err = s.prepareMariaDB(&spec, filepath.Join(dir, "database"), diskMB)
	}
	s.Process = process.New(spec)
	return s, err
}

// onDisk has a folder be a disk of so many megabytes; 0: it stays what it is.
func (s *Database) onDisk(folder string, mb int) (err error) {
	if mb > 0 {
		s.disk, err = smalldisk.Mount(folder, mb)
	}
	return err
}

func (s *Database) prepareMariaDB(spec *process.Spec, folder string, diskMB int) error {
	if err := s.onDisk(folder, diskMB); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	data := filepath.Join(folder, "data")
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
	// A server that starts deletes the temporary tables of others in their common folder.
	temporary := folder + "-tmp"
	if err := os.MkdirAll(temporary, 0o700); err != nil {
		return err
	}
	spec.Path = daemon
	spec.Args = append([]string{"--no-defaults", "--user=root", "--datadir=" + data, "--tmpdir=" + temporary, fmt.Sprintf("--port=%d", s.port),
		"--socket=" + filepath.Join(data, "s"), "--pid-file=" + filepath.Join(data, "pid"), "--skip-log-bin"}, durable...)
	return nil
}

// prepareMySQL has the server run inside the folder, where its libraries are.
func (s *Database) prepareMySQL(spec *process.Spec, root string, diskMB int) error {
	s.Real = true
	chroot, err := program("chroot")
	if err != nil {
		return err
	}
	s.outside, err = os.MkdirTemp(filepath.Join(root, "var/lib"), "rightsdesk-")
	if err != nil {
		return err
	}
	if err := s.onDisk(s.outside, diskMB); err != nil {
		return err
	}
	data := filepath.Join("/var/lib", filepath.Base(s.outside), "data")
	initialise := exec.Command(chroot, root, "/usr/sbin/mysqld", "--no-defaults", "--initialize-insecure", "--user=root", "--tmpdir=/tmp", "--datadir="+data)
	if out, err := initialise.CombinedOutput(); err != nil {
		return fmt.Errorf("initialising MySQL: %w\n%s", err, out)
	}
	// The server looks no names up, so that localhost's root is nobody by TCP.
	const access = "CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';\nGRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n"
	if err := os.WriteFile(filepath.Join(s.outside, "access.sql"), []byte(access), 0o600); err != nil {
		return err
	}
	spec.Path = chroot
	spec.Args = append([]string{root, "/usr/sbin/mysqld", "--no-defaults", "--user=root", "--tmpdir=/tmp", "--datadir=" + data,
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

func (s *Database) settings(database string) *mysql.Config {
	c := mysql.NewConfig()
	c.User, c.Net, c.Addr, c.DBName = "root", "tcp", process.Loopback(s.port), database
	c.Logger = log.New(io.Discard, "", 0)
	return c
}

// DSN is how the desk is told of one of its databases.
func (s *Database) DSN(database string) string {
	return "mysql:" + s.settings(database).FormatDSN()
}

func (s *Database) ping(ctx context.Context) error { return s.do(ctx, "DO 1") }

// Create makes an empty database.
func (s *Database) Create(ctx context.Context, database string) error {
	return s.do(ctx, "CREATE DATABASE "+database+" CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
}

func (s *Database) open(database string) (*sql.DB, error) {
	connector, err := mysql.NewConnector(s.settings(database))
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

func (s *Database) do(ctx context.Context, statement string) error {
	db, err := s.open("")
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, statement)
	return err
}

// Addr is where it listens.
func (s *Database) Addr() string { return process.Loopback(s.port) }

// End kills it for good and deletes its files.
func (s *Database) End() {
	s.Process.Kill()
	if s.disk != nil {
		_ = s.disk.Unmount()
	}
	if s.outside != "" {
		_ = os.RemoveAll(s.outside)
	}
}
