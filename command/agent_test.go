package command

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var oneTime = regexp.MustCompile(`one-time password: (\S{19})\n$`)

func TestAMemberOfStaffIsAddedListedAndReset(t *testing.T) {
	at := []string{"--database", "sqlite:" + filepath.Join(t.TempDir(), "desk.db"), "--master-key-file", newKey(t, 0o600)}
	do := func(args ...string) (int, string, string) { return typed(append(args, at...)...) }

	code, _, complaint := do("agent", "list")
	assert.Equal(t, 1, code)
	assert.Contains(t, complaint, "rightsdesk migrate", "a database without tables says what to do")
	code, out, complaint := do("migrate")
	require.Zero(t, code, complaint)
	assert.Equal(t, "the schema is up to date\n", out)

	add := []string{"agent", "add", "li.wei", "--name", "李伟", "--email", "li.wei@desk.test", "--role", "lead"}
	code, out, complaint = do(add...)
	require.Zero(t, code, complaint)
	first := oneTime.FindStringSubmatch(out)
	require.NotNil(t, first, out)
	code, _, complaint = do(add...)
	assert.Equal(t, 1, code)
	assert.Contains(t, complaint, "rightsdesk agent reset li.wei")

	_, out, _ = do("agent", "list")
	assert.Regexp(t, `li\.wei +lead +李伟 .*one-time password not used yet`, out)
	assert.NotContains(t, out, first[1])

	_, out, _ = do("agent", "reset", "li.wei")
	second := oneTime.FindStringSubmatch(out)
	require.NotNil(t, second, out)
	assert.NotEqual(t, first[1], second[1])
	code, _, complaint = do("agent", "reset", "nobody")
	assert.Equal(t, 1, code)
	assert.Contains(t, complaint, "rightsdesk agent list")
	code, _, complaint = do("agent", "add", "Li Wei!", "--name", "x", "--email", "x@desk.test")
	assert.Equal(t, 1, code)
	assert.Contains(t, complaint, "sign-in name")
}
