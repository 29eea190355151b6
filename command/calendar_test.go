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
	large := filepath.Join(t.TempDir(), "large")
	require.NoError(t, os.WriteFile(large, make([]byte, mostSchedule+1), 0o600))
	for path, why := range map[string]string{"/dev/zero": "is no file", t.TempDir(): "is no file", large: "larger than 1 MB"} {
		assert.ErrorContains(t, (&calendarLoad{File: path, Name: "cn", DryRun: true}).Run(t.Context(), streams{out: io.Discard}), why)
	}
	whole, err := os.ReadFile(filepath.Join("..", "calendar", "cn-workdays.tsv"))
	require.NoError(t, err)
	assert.Equal(t, "nothing is loaded; published years: 2023, 2024, 2025, 2026\n", said(string(whole)))
}
