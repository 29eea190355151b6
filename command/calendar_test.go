package command

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAScheduleCanBeLookedAtWithoutBeingLoaded(t *testing.T) {
	said := func(schedule string) string {
		file := filepath.Join(t.TempDir(), "schedule.tsv")
		require.NoError(t, os.WriteFile(file, []byte(schedule), 0o600))
		var out bytes.Buffer
		load := calendarLoad{File: file, Name: "cn", DryRun: true} // no database: none is asked
		require.NoError(t, load.Run(t.Context(), streams{out: &out}))
		return out.String()
	}
	assert.Equal(t, "nothing is loaded; published years: none\n2029 is not published by this file: it lacks 2029-02-12, 2029-02-13, 2029-02-14, "+
		"2029-02-15, 2029-04-04, 2029-05-01, 2029-05-02, 2029-06-16, 2029-09-22, 2029-10-01, 2029-10-02, 2029-10-03\n", said("2029-01-01\tholiday\t元旦\n"))
	assert.Contains(t, said("# covers: 2029\n2029-01-01\tholiday\t元旦\n"), "is the file whole? It says that it covers 2029, and has no day off on 2029-02-12")
	assert.Contains(t, said("# covers: 2029\n2029-01-01\tholiday\t元旦\n"), "2029-10-01 Mon would be worked: working day\n")
	assert.NotContains(t, said("# covers: 2029\n2029-01-01\tholiday\t元旦\n"), "2029-01-01 Mon would", "it is off without the file too")
	large := filepath.Join(t.TempDir(), "large")
	require.NoError(t, os.WriteFile(large, make([]byte, mostSchedule+1), 0o600))
	for path, why := range map[string]string{"/dev/zero": "is no file", t.TempDir(): "is no file", large: "larger than 1 MB"} {
		assert.ErrorContains(t, (&calendarLoad{File: path, Name: "cn", DryRun: true}).Run(t.Context(), streams{out: io.Discard}), why)
	}
	whole, err := os.ReadFile(filepath.Join("..", "calendar", "cn-workdays.tsv"))
	require.NoError(t, err)
	assert.Equal(t, "nothing is loaded; published years: 2023, 2024, 2025, 2026\n", said(string(whole)))
}

func TestAHalfScheduleIsNotLoadedUnlessOneSaysSo(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		file := filepath.Join(s.dir, "half.tsv")
		require.NoError(t, os.WriteFile(file, []byte("# covers: 2029\n2029-01-01\tholiday\t元旦\n"), 0o600))
		said := s.fails("calendar", "load", file)
		require.Contains(t, said, "says that it covers 2029, and has no day off on 2029-02-12")
		require.Contains(t, said, "--as-it-is")
		require.Contains(t, s.works("calendar", "show", "2029"), "not published", "nothing was loaded")

		_, said = s.run("calendar", "load", file, "--as-it-is", "--wait", "1ms", "--temporal-address", "127.0.0.1:1")
		require.Contains(t, said, "loaded into cn as version 1; published years: 2029")
		require.Contains(t, s.works("calendar", "show", "2029"), "these festival days are worked: 2029-02-12")

		whole := filepath.Join(s.dir, "day.tsv")
		require.NoError(t, os.WriteFile(whole, []byte("2029-10-01\tholiday\t国庆节\n2029-10-08\tholiday\t国庆节\n"), 0o600))
		said = s.works("calendar", "load", whole, "--dry-run")
		require.Contains(t, said, "2029-10-01 Mon would be off: day off (国庆节)", "as the desk counts now")
		require.Contains(t, said, "2029-10-08 Mon would be off")
		require.NotContains(t, said, "2029-01-01 Mon")
	})
}
