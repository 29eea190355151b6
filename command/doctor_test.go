package command

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestADoctorsExitCodeTellsWhy(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.filed()
		for name, row := range map[string]struct {
			args []string
			code int
			says string
		}{
			"no such number":  {[]string{"--ticket", "DSR-1"}, 2, "--ticket"},
			"no such rate":    {[]string{"--rate", "0"}, 2, "--rate"},
			"no such flag":    {[]string{"--mend"}, 2, "--mend"},
			"nobody is there": {[]string{"--temporal-address", "127.0.0.1:1", "--wait", "1ms"}, 3, "could not look"},
		} {
			t.Run(name, func(t *testing.T) {
				code, said := s.run(append([]string{"doctor"}, row.args...)...)
				require.Equal(t, row.code, code, said)
				require.Contains(t, said, row.says)
				require.NotContains(t, said, "MARK")
				require.NotContains(t, said, "say the same", "it has not looked")
			})
		}
	})
}

func TestADoctorWithoutADatabaseSaysWhichSetting(t *testing.T) {
	s := &server{t: t}
	code, said := s.run("doctor")
	require.Equal(t, 2, code)
	require.Contains(t, said, "RIGHTSDESK_DATABASE")
}

func TestAMistypedFileIsNotTakenForAnEmptyDesk(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "desk.db")
	s := &server{t: t, key: filepath.Join(dir, "master.key"), dsn: "sqlite:" + file}
	s.works("keys", "new", s.key)
	code, said := s.run("doctor", "--json")
	require.Equal(t, 2, code, said)
	require.Contains(t, said, "there is no such file")
	require.NotContains(t, said, "left")
	require.NoFileExists(t, file)
}

func TestADatabaseThatIsAwayIsNotCalledADrift(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.dsn = "mysql:desk:word@tcp(127.0.0.1:1)/rightsdesk?timeout=1s"
		code, said := s.run("doctor", "--wait", "1ms")
		require.Equal(t, 3, code, said)
		require.Contains(t, said, "could not look")
	})
}
