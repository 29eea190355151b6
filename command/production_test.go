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
	"rightsdesk/ticket"
)

// typed runs a command line as typed, and gives its exit code and what it wrote.
func typed(args ...string) (code int, out, complaint string) {
	var stdout, stderr bytes.Buffer
	code = Main(args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func newKey(t *testing.T, mode os.FileMode) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "master.key")
	require.NoError(t, seal.CreateFile(file))
	require.NoError(t, os.Chmod(file, mode))
	return file
}

func TestADeskThatServesPeopleDoesNotStartWithTrialSettings(t *testing.T) {
	const drawn = "q8Zr1mWcX0pT5vLkYb3uHs7dNf2gJe9A+oRi4tEw"
	good := map[string]string{
		"database": "sqlite:" + filepath.Join(t.TempDir(), "desk.db"), "master-key-file": newKey(t, 0o600),
		"base-url": "https://privacy.desk.test", "operator-name": "示例公司", "operator-contact": "010-12345678", "mail-from": "desk@desk.test",
	}
	for name, c := range map[string]struct {
		change  map[string]string
		setting string
		worker  bool
	}{
		"mail from localhost":        {map[string]string{"mail-from": "rightsdesk <desk@localhost.localdomain>"}, "RIGHTSDESK_MAIL_FROM", false},
		"mail from nobody":           {map[string]string{"mail-from": ""}, "RIGHTSDESK_MAIL_FROM", true},
		"a desk of nobody":           {map[string]string{"operator-name": ""}, "RIGHTSDESK_OPERATOR_NAME", false},
		"no contact":                 {map[string]string{"operator-contact": ""}, "RIGHTSDESK_OPERATOR_CONTACT", true},
		"nobody to turn to":          {map[string]string{"operator-contact": "privacy@example.com"}, "RIGHTSDESK_OPERATOR_CONTACT", false},
		"plain http":                 {map[string]string{"base-url": "http://privacy.desk.test"}, "RIGHTSDESK_BASE_URL", false},
		"plain http in the worker":   {map[string]string{"base-url": "http://192.0.2.1"}, "RIGHTSDESK_BASE_URL", true},
		"a key the group reads":      {map[string]string{"master-key-file": newKey(t, 0o640)}, "chmod 600", false},
		"a key everybody reads":      {map[string]string{"master-key-file": newKey(t, 0o644)}, "RIGHTSDESK_MASTER_KEY_FILE", true},
		"half a certificate":         {map[string]string{"tls-cert-file": "c.pem"}, "RIGHTSDESK_TLS_KEY_FILE", false},
		"a certificate not there":    {map[string]string{"tls-cert-file": "none.pem", "tls-key-file": "none.pem"}, "--tls-cert-file", false},
		"secret of 31 bytes":         {map[string]string{"accounts-secret": drawn[:31]}, "RIGHTSDESK_ACCOUNTS_SECRET", true},
		"secret of one letter":       {map[string]string{"accounts-secret": strings.Repeat("a", 40)}, "RIGHTSDESK_ACCOUNTS_SECRET", true},
		"secret of a pattern":        {map[string]string{"accounts-secret": strings.Repeat("0123456789ab", 4)}, "RIGHTSDESK_ACCOUNTS_SECRET", true},
		"secret never drawn":         {map[string]string{"accounts-secret": "ChangeMe-" + drawn}, "RIGHTSDESK_ACCOUNTS_SECRET", true},
		"secret of an example":       {map[string]string{"accounts-secret": "an-example-of-a-secret-0123456789"}, "RIGHTSDESK_ACCOUNTS_SECRET", true},
		"no secret":                  {map[string]string{"accounts-secret": ""}, "RIGHTSDESK_ACCOUNTS_SECRET", true},
		"all right, but no database": {nil, "rightsdesk migrate", false},
		"the worker too":             {nil, "rightsdesk migrate", true},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"api"}
			settings := map[string]string{}
			if c.worker {
				args = []string{"worker"}
				settings["accounts-url"], settings["accounts-secret"] = "https://accounts.desk.test/", drawn
			}
			for _, from := range []map[string]string{good, c.change} {
				for k, v := range from {
					settings[k] = v
				}
			}
			for k, v := range settings {
				args = append(args, "--"+k+"="+v)
			}
			code, _, complaint := typed(args...)
			assert.Equal(t, 1, code)
			assert.Contains(t, complaint, c.setting)
			if s := settings["accounts-secret"]; s != "" {
				assert.NotContains(t, complaint, s)
			}
		})
	}
}

func TestTheGroupReadsTheKeyOnlyWhereRootHandsItToAProgram(t *testing.T) {
	for _, c := range []struct {
		mode            os.FileMode
		rootsFile, root bool
		refused         bool
	}{
		{0o400, true, false, false},
		{0o440, true, false, false}, // a mounted secret
		{0o640, true, false, false},
		{0o444, true, false, true},
		{0o460, true, false, true},
		{0o440, true, true, true},
		{0o440, false, false, true},
		{0o600, false, false, false},
	} {
		assert.Equal(t, c.refused, c.mode&forbidden(c.rootsFile, c.root) != 0, "%#o of root's: %v, to root: %v", c.mode, c.rootsFile, c.root)
	}
}

func TestPlainHTTPIsAllowedOnThisMachineOrWhenSaidSo(t *testing.T) {
	for _, o := range []Operator{{BaseURL: "http://127.0.0.1:8080"}, {BaseURL: "http://localhost"}, {BaseURL: "http://[::1]:80"},
		{BaseURL: "https://desk.test"}, {BaseURL: "http://desk.test", AllowPlainHTTP: true}} {
		o.OperatorName, o.OperatorContact = "示例公司", "010-12345678"
		assert.NoError(t, o.check(), o.BaseURL)
	}
}

func TestTheOperatorHasOneNameAtLeast(t *testing.T) {
	o := Operator{OperatorContact: "010-12345678", BaseURL: "https://desk.test"}
	assert.ErrorContains(t, o.check(), "RIGHTSDESK_OPERATOR_NAME")
	o.OperatorName = "示例公司"
	set, err := o.load()
	require.NoError(t, err)
	assert.Equal(t, "示例公司", set.Operator().NameIn(ticket.English), "nobody else's")
}

func TestAMisspeltSettingIsRefusedAndItsNeighboursNamed(t *testing.T) {
	t.Setenv("RIGHTSDESK_MASTER_KEY_FLIE", "/keys/master.key")
	code, _, complaint := typed("deadline", "--received", "2026-01-05T10:00:00+08:00")
	assert.Equal(t, 2, code)
	assert.Contains(t, complaint, "RIGHTSDESK_MASTER_KEY_FLIE: there is no such setting")
	assert.Contains(t, complaint, "RIGHTSDESK_MASTER_KEY_FILE")
	assert.NotContains(t, complaint, "/keys/master.key")
}

func TestAPolicyOfOnesOwnTakesNoNameAndVersionThatStandForAnother(t *testing.T) {
	cn, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)
	own := func(text []byte) (Policy, *ticket.Policy) {
		p := Policy{Policy: filepath.Join(t.TempDir(), "own.yaml")}
		require.NoError(t, os.WriteFile(p.Policy, text, 0o600))
		policy, _, err := p.read()
		require.NoError(t, err)
		return p, policy
	}
	p, same := own(text)
	require.NoError(t, p.isOwn(same, []ticket.PolicyRef{cn.Ref()}))
	p, changed := own(append(text, "# changed\n"...))
	require.ErrorContains(t, p.isOwn(changed, nil), "there is another policy cn "+cn.Version+" with other words")
	p, next := own(bytes.Replace(text, []byte(cn.Version), []byte("2030.1"), 1))
	require.NoError(t, p.isOwn(next, []ticket.PolicyRef{cn.Ref()}))
	require.ErrorContains(t, p.isOwn(next, []ticket.PolicyRef{{Name: "cn", Version: "2030.1", Digest: "another"}}), "a version of its own")
	require.NoError(t, Policy{Policy: "cn"}.isOwn(cn, []ticket.PolicyRef{{Name: "cn", Version: cn.Version, Digest: "of an earlier release"}}))
}
