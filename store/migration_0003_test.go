package store

import (
	"path/filepath"
	"testing"

	"github.com/go-gormigrate/gormigrate/v2"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"rightsdesk/store/mariadbtest"
	"rightsdesk/ticket"
)

// Whoever was on the staff of an earlier release is on it after the upgrade: with
// their password, in every queue, and with a second factor still to set up.
func TestStaffOfAnEarlierReleaseAreStillThere(t *testing.T) {
	for name, dsn := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "desk.db"), "mariadb": mariadbtest.Start(t)} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(dsn, newVault(t))
			require.NoError(t, err)
			t.Cleanup(func() { _ = s.Close() })
			first := gormigrate.New(s.db.Session(&gorm.Session{}), &gormigrate.Options{TableName: migrationTable, IDColumnName: "id", IDColumnSize: 32},
				migrations()[:1])
			require.NoError(t, first.Migrate())
			require.ErrorIs(t, s.CheckSchema(ctx), ErrOldSchema)
			email, err := s.vault.Seal([]byte(markedStaff), emailPlace("li.wei"))
			require.NoError(t, err)
			require.NoError(t, s.db.Table("agents").Create(map[string]any{"id": "li.wei", "name": "李伟", "email": email, "role": "lead",
				"password_hash": "hash", "must_change": false, "disabled": false, "created_at": instantOf(noon), "failed_tries": 0}).Error)

			require.NoError(t, s.Migrate(ctx))
			require.NoError(t, s.CheckSchema(ctx))
			a, err := s.Agent(ctx, "li.wei")
			require.NoError(t, err)
			require.Equal(t, Agent{ID: "li.wei", Name: "李伟", Email: markedStaff, Role: ticket.Lead, PasswordHash: "hash", CreatedAt: noon}, a)
			require.NoError(t, s.EnrolFactor(ctx, "li.wei", "SECRET", 1, []string{"a"}, noon))
		})
	}
}
