package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"
)

// migrations are only ever added to. Each has structs of its own, frozen in its
// file, so that it does the same in ten years.
func migrations() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		{ID: "0001", Migrate: migration0001},
		{ID: "0002", Migrate: migration0002},
		{ID: "0003", Migrate: migration0003},
		{ID: "0004", Migrate: migration0004},
		{ID: "0005", Migrate: migration0005},
		{ID: "0006", Migrate: migration0006},
		{ID: "0007", Migrate: migration0007},
		{ID: "0008", Migrate: migration0008},
		{ID: "0009", Migrate: migration0009},
		{ID: "0010", Migrate: migration0010},
		{ID: "0011", Migrate: migration0011},
	}
}

const migrationTable = "schema_migrations"

// Migrate brings the tables up to date. Several processes may do so at once.
func (s *Store) Migrate(ctx context.Context) error {
	run := func(db *gorm.DB) error {
		return gormigrate.New(db, &gormigrate.Options{
			TableName:      migrationTable,
			IDColumnName:   "id",
			IDColumnSize:   32,
			UseTransaction: s.backend == SQLite, // MySQL commits at every change of a table
		}, migrations()).Migrate()
	}
	if s.backend == MySQL {
		return failed("migrating the database", s.db.WithContext(ctx).Connection(func(db *gorm.DB) error {
			return underMigrationLock(db, run)
		}))
	}
	return s.contend(ctx, s.db, "migrating the database", run)
}

// underMigrationLock keeps other processes from migrating the same database.
func underMigrationLock(db *gorm.DB, run func(db *gorm.DB) error) error {
	db = db.Session(&gorm.Session{}) // a fresh statement each time, on this connection
	var got int
	const name = "CONCAT('rightsdesk-migrate-', DATABASE())"
	if err := db.Raw("SELECT GET_LOCK(LEFT(" + name + ", 64), 120)").Scan(&got).Error; err != nil {
		return err
	}
	if got != 1 {
		return errors.New("another process has been migrating it for two minutes")
	}
	defer db.Exec("DO RELEASE_LOCK(LEFT(" + name + ", 64))")
	options := db.Set("gorm:table_options", "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin")
	return run(options.Session(&gorm.Session{}))
}

// CheckSchema returns ErrOldSchema if Migrate has something to do. Tables that are
// newer than this program are accepted: a newer program may be rolling out.
func (s *Store) CheckSchema(ctx context.Context) error {
	var done []string
	err := s.read(ctx).Table(migrationTable).Pluck("id", &done).Error
	if isMissingTable(err) {
		return ErrOldSchema
	}
	if err != nil {
		return failed("checking the tables' version", err)
	}
	has := map[string]bool{}
	for _, id := range done {
		has[id] = true
	}
	for _, m := range migrations() {
		if !has[m.ID] {
			return fmt.Errorf("%w (migration %s is missing)", ErrOldSchema, m.ID)
		}
	}
	return nil
}
