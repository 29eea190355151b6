package command

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWrongSettingsOfOperationStopTheStartByName(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	file, database := newKey(t, 0o600), "sqlite:"+filepath.Join(t.TempDir(), "desk.db")
	code, _, complaint := typed("migrate", "--database", database, "--master-key-file", file)
	require.Equal(t, 0, code, complaint)
	for setting, args := range map[string][]string{
		"--otlp-endpoint":  {"--otlp-endpoint", "collector:4317"},
		"--trace-share":    {"--otlp-endpoint", "http://127.0.0.1:1", "--trace-share", "3"},
		"--metrics-listen": {"--metrics-listen", taken.Addr().String()},
		"--drain":          {"--drain", "soon"},
	} {
		for _, part := range []string{"api", "worker"} {
			code, _, complaint := typed(append([]string{part, "--database", database, "--master-key-file", file, "--base-url", "https://privacy.desk.test",
				"--operator-name", "示例公司", "--operator-contact", "010-12345678", "--mail-from", "desk@desk.test", "--temporal-address", "127.0.0.1:1"}, args...)...)
			assert.NotEqual(t, 0, code, setting)
			assert.Contains(t, complaint, setting, part)
		}
	}
}
