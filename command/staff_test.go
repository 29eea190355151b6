package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestSettingsOfTheSignOnSayWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte("from a file\n"), 0o600))
	good := Staff{StaffOIDCIssuer: "https://id.example.com", StaffOIDCClientID: "desk", StaffOIDCClientSecretFile: file,
		StaffOIDCRoleClaim: "groups", StaffOIDCRolePrefix: "desk-"}
	on, err := good.signOn()
	require.NoError(t, err)
	assert.Equal(t, "from a file", on.ClientSecret)
	assert.Equal(t, "groups", on.RoleClaim)
	on, err = Staff{StaffPasswordSignIn: true, StaffOIDCRoleClaim: "roles"}.signOn()
	require.NoError(t, err)
	assert.Nil(t, on)
	for name, change := range map[string]func(*Staff){
		"STAFF_OIDC_CLIENT_ID":          func(s *Staff) { s.StaffOIDCClientID = "" },
		"STAFF_OIDC_CLIENT_SECRET_FILE": func(s *Staff) { s.StaffOIDCClientSecret = "both" },
		"STAFF_OIDC_ISSUER":             func(s *Staff) { s.StaffOIDCIssuer = "http://id.example.com" },
		"is not set, but other":         func(s *Staff) { s.StaffOIDCIssuer = "" },
		"nobody could sign in":          func(s *Staff) { *s = Staff{} },
		"no such file":                  func(s *Staff) { s.StaffOIDCClientSecretFile = file + "x" },
	} {
		bad := good
		change(&bad)
		_, err := bad.signOn()
		assert.ErrorContains(t, err, name)
		assert.NotContains(t, err.Error(), "both")
	}
}

// run runs a command on a desk of its own.
func run(t *testing.T, dsn, key string, args ...string) (out, complaint string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Main(append(args, "--database", dsn, "--master-key-file", key), &stdout, &stderr)
	return stdout.String(), stderr.String(), code
}

func TestStaffAreAddedLimitedAndResetByCommand(t *testing.T) {
	dir := t.TempDir()
	dsn, key := "sqlite:"+filepath.Join(dir, "desk.db"), filepath.Join(dir, "key")
	require.NoError(t, seal.CreateFile(key))
	_, complaint, code := run(t, dsn, key, "migrate")
	require.Zero(t, code, complaint)
	add := []string{"agent", "add", "li.wei", "--name", "Li Wei", "--email", "li.wei@desk.example"}
	out, complaint, code := run(t, dsn, key, append(add, "--queue", "complaint.privacy", "--queue", "info_correction")...)
	require.Zero(t, code, complaint)
	assert.Contains(t, out, "li.wei agent, one-time password: ")
	for _, wrong := range [][]string{{"--role", "emperor"}, {"--queue", "complaint.privcy"}} {
		_, complaint, code = run(t, dsn, key, append([]string{"agent", "add", "no.one", "--name", "x", "--email", "x@desk.example"}, wrong...)...)
		assert.NotZero(t, code)
		assert.Contains(t, complaint, strings.TrimPrefix(wrong[0], "--"))
	}
	_, complaint, code = run(t, dsn, key, "agent", "add", "wu.auditor", "--name", "Wu", "--email", "wu@desk.example", "--role", "auditor")
	require.Zero(t, code, complaint)

	vault, err := seal.OpenFile(key)
	require.NoError(t, err)
	records, err := store.Open(dsn, vault)
	require.NoError(t, err)
	t.Cleanup(func() { _ = records.Close() })
	a, err := records.Agent(t.Context(), "li.wei")
	require.NoError(t, err)
	assert.Equal(t, ticket.Queues{"complaint.privacy", "info_correction"}, a.Queues)
	require.NoError(t, records.EnrolFactor(t.Context(), "li.wei", "SECRET", 1, []string{"a-code"}, a.CreatedAt))

	out, complaint, code = run(t, dsn, key, "agent", "reset", "li.wei")
	require.Zero(t, code, complaint)
	assert.Contains(t, out, "li.wei, one-time password: ")
	was := a
	a, err = records.Agent(t.Context(), "li.wei")
	require.NoError(t, err)
	assert.True(t, a.MustChange)
	assert.True(t, a.FactorAt.IsZero(), "the second factor is reset too")
	assert.Greater(t, a.Epoch, was.Epoch, "and every session ended")
	_, complaint, code = run(t, dsn, key, "agent", "reset", "no.one")
	assert.NotZero(t, code)
	assert.Contains(t, complaint, "agent list")

	events, err := records.StaffEvents(t.Context(), 0, 10)
	require.NoError(t, err)
	var told []string
	for _, e := range events {
		assert.Equal(t, store.ByCommandLine, e.Actor)
		told = append(told, string(e.Subject)+" "+string(e.Act)+" "+e.Code)
	}
	assert.Equal(t, []string{"li.wei factor_reset ", "li.wei password_reset ", "wu.auditor added auditor",
		"li.wei queues_changed complaint.privacy,info_correction", "li.wei added agent"}, told)
}
