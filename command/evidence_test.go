package command

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEvidenceIsExportedAndCheckedOffline(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		n := s.filed()
		key := strings.TrimSpace(s.works("evidence", "key"))
		require.Len(t, key, 64)
		require.Equal(t, key, strings.TrimSpace(s.works("evidence", "key")))
		path := filepath.Join(s.dir, "evidence.json")
		require.NoError(t, s.running.Purge(context.Background(), n, time.Now()))
		code, printed := s.run("evidence", "export", string(n), "--out", path, "--temporal-address", "127.0.0.1:1")
		require.Equal(t, 3, code, "the workflow was not looked at")
		require.Contains(t, printed, "wrote "+path)
		require.Contains(t, printed, "no digest of the workflow's history")
		require.Contains(t, s.fails("evidence", "export", string(n), "--out", path, "--temporal-address", "127.0.0.1:1"), "exists")
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NotContains(t, string(text), "MARK")

		s.running.Close() // offline
		said := s.works("evidence", "verify", path, "--key", key)
		require.Contains(t, said, "evidence of ticket "+string(n))
		require.Contains(t, said, "by command line")
		require.Contains(t, said, "that is the key you gave")
		require.Contains(t, said, "the 3 entries of the trail are chained without a gap")
		require.Contains(t, said, "there is no digest of the workflow's history: the workflow engine did not answer")
		require.Contains(t, said, "it holds")
		require.Contains(t, s.works("evidence", "verify", path), "compare it")
		require.Contains(t, s.fails("evidence", "verify", path, "--key", strings.Repeat("0", 64)), "another key")
		require.Contains(t, s.fails("evidence", "verify", path, "--key", "no"), "64 hexadecimal digits")

		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), `"received"`, `"receivef"`, 1)), 0o600))
		said = s.fails("evidence", "verify", path)
		require.Contains(t, said, "the file was changed")
		require.NotContains(t, said, "it holds")
	})
}
