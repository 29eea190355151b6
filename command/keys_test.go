package command

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/seal"
	"rightsdesk/ticket"
)

func TestKeysAreRotatedUnderARunningDeskAndRetired(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ctx := context.Background()
		before := s.filed()
		require.Contains(t, s.fails("keys", "retire", "--settle", "0s"), "no old key")
		said := s.works("keys", "rotate")
		require.Contains(t, said, "seals from now on")
		require.Contains(t, said, "sealed 1 values anew")
		after := s.filed() // by a process that was running all the while

		require.Contains(t, s.fails("keys", "retire"), "try again after")
		require.Contains(t, s.works("keys", "retire", "--settle", "0s"), "retired key")
		require.NotContains(t, s.works("keys", "list", s.key), "old")
		for _, n := range []ticket.Number{before, after} {
			content, err := s.running.Content(ctx, n)
			require.NoError(t, err)
			require.Equal(t, "MARK", content.Text)
		}
		there, err := os.ReadDir(filepath.Dir(s.key))
		require.NoError(t, err)
		require.Len(t, there, 1, "no copy of the key is left")

		// A rotation that was cut off after the key was made.
		waiting := s.works("keys", "add", s.key)
		require.Contains(t, waiting, "which waits")
		id, err := seal.Rotate(s.key)
		require.NoError(t, err)
		require.Contains(t, waiting, id.String())
		said = s.fails("keys", "retire", "--settle", "0s")
		require.Contains(t, said, "still needed for ticket_secrets.data_key (2): run rightsdesk keys rotate")
		said = s.works("keys", "rotate")
		require.Contains(t, said, "going on with it")
		require.Contains(t, said, "sealed 2 values anew")
		require.Regexp(t, `[0-9a-f]{8} +old\n`+id.String()+` +primary\n`, s.works("keys", "list", s.key))
		s.works("keys", "retire", "--settle", "0s")
		_, err = s.running.Content(ctx, after)
		require.NoError(t, err)
	})
}

func TestARotationNeedsAKeyFile(t *testing.T) {
	var out, log strings.Builder
	code := Main([]string{"keys", "rotate", "--database", "sqlite:" + filepath.Join(t.TempDir(), "x.db"), "--master-key", seal.NewMasterKey()}, &out, &log)
	require.Equal(t, 1, code)
	require.Contains(t, log.String(), "in a file")
}
