package temporal

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"go.temporal.io/server/common/config"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	sqliteschema "go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

const databaseName = "temporal.db"

// stores are where the server keeps what it knows.
type stores struct {
	main       *config.SQL
	visibility *config.SQL
	shards     int32 // fixed for the life of the databases
}

func prepareStores(o Options) (stores, error) {
	if o.MySQL != nil {
		return prepareMySQL(*o.MySQL)
	}
	file, err := prepareFile(o)
	return stores{main: file, visibility: file, shards: 1}, err
}

// prepareFile makes the database with schema and namespace if there is none
// yet, and returns how to connect to it. The schema is made under another name
// first: a database that was begun and not finished is never taken for one.
func prepareFile(o Options) (*config.SQL, error) {
	file := filepath.Join(o.DataDir, databaseName)
	_, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		err = createDatabase(file)
	}
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	conn := connection(file, "wal")
	namespace, err := sqliteschema.NewNamespaceConfig(clusterName, o.Namespace, false, o.SearchAttributes)
	if err != nil {
		return nil, err
	}
	namespace.Detail.Config.Retention = durationpb.New(o.Retention)
	if err := sqliteschema.CreateNamespaces(conn, namespace); err != nil {
		return nil, err
	}
	return conn, nil
}

// createDatabase uses a rollback journal, which leaves nothing beside the file
// that a renaming would cut off; the server switches to WAL afterwards.
func createDatabase(file string) error {
	begun := file + ".begun"
	for _, name := range []string{begun, begun + "-journal", file + "-wal", file + "-shm"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := sqliteschema.SetupSchema(connection(begun, "delete")); err != nil {
		return err
	}
	return os.Rename(begun, file)
}

func connection(file, journal string) *config.SQL {
	return &config.SQL{
		PluginName:   sqliteplugin.PluginName,
		DatabaseName: (&url.URL{Path: file}).EscapedPath(),
		ConnectAttributes: map[string]string{
			"mode":         "rwc",
			"journal_mode": journal,
			"busy_timeout": "10000",
		},
	}
}
