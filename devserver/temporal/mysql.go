package temporal

import (
	"fmt"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	_ "go.temporal.io/server/common/persistence/sql/sqlplugin/mysql" // registers the plugin mysql8
	schemaversion "go.temporal.io/server/schema/mysql/v8"
	"go.temporal.io/server/tools/common/schema"
	"go.temporal.io/server/tools/sql"
)

// MySQL says which server keeps what Temporal knows, in two databases of its own:
// temporal and temporal_visibility. They are made and brought up to date at the
// start.
type MySQL struct {
	Addr     string // host:port
	User     string // may make databases
	Password string
}

// mysqlShards is how many history shards a new installation on MySQL gets.
const mysqlShards = 4

func prepareMySQL(m MySQL) (stores, error) {
	s := stores{main: m.connection("temporal"), visibility: m.connection("temporal_visibility"), shards: mysqlShards}
	if err := upToDate(*s.main, "mysql/v8/temporal", schemaversion.Version); err != nil {
		return s, fmt.Errorf("database temporal: %w", err)
	}
	if err := upToDate(*s.visibility, "mysql/v8/visibility", schemaversion.VisibilityVersion); err != nil {
		return s, fmt.Errorf("database temporal_visibility: %w", err)
	}
	return s, nil
}

func (m MySQL) connection(database string) *config.SQL {
	return &config.SQL{
		PluginName: "mysql8", ConnectProtocol: "tcp", ConnectAddr: m.Addr, User: m.User, Password: m.Password,
		DatabaseName: database, MaxConns: 20, MaxIdleConns: 20,
		ConnectAttributes: map[string]string{"timeout": "5s"},
	}
}

// upToDate makes the database, and brings its schema to this server's version.
func upToDate(at config.SQL, name, version string) error {
	create := at
	if err := sql.DoCreateDatabase(&create, "", log.NewNoopLogger()); err != nil {
		return err
	}
	db, err := sql.NewConnection(&at, log.NewNoopLogger())
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ReadSchemaVersion(); err != nil {
		first := &schema.SetupConfig{InitialVersion: "0.0"}
		if err := schema.NewSetupSchemaTask(db, first, log.NewNoopLogger()).Run(); err != nil {
			return err
		}
	}
	return schema.NewUpdateSchemaTask(db, &schema.UpdateConfig{
		DBName: at.DatabaseName, TargetVersion: version, SchemaName: name}, log.NewNoopLogger()).Run()
}
