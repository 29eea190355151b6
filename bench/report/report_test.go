package report

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAPercentileIsADurationOfTheSample(t *testing.T) {
	var s Sample
	for i := 100; i >= 1; i-- {
		s = append(s, time.Duration(i)*time.Millisecond)
	}
	for p, want := range map[float64]time.Duration{0: 1, 1: 1, 50: 50, 50.1: 51, 99: 99, 99.9: 100, 100: 100} {
		assert.Equal(t, want*time.Millisecond, s.Percentile(p), p)
	}
	assert.Equal(t, 100*time.Millisecond, s[0], "the sample is left in its order")
	assert.Equal(t, 7*time.Second, Sample{7 * time.Second}.Median())
	assert.Zero(t, Sample(nil).Percentile(99))
}

func TestRatesAndRatiosOfNothingAreNought(t *testing.T) {
	assert.Equal(t, 2.5, Rate(5, 2*time.Second))
	assert.Zero(t, Rate(5, 0))
	assert.Equal(t, 0.5, Ratio(1, 2))
	assert.Zero(t, Ratio(1, 0))
	assert.Zero(t, Each(3, 0))
}

func TestATableStandsInColumns(t *testing.T) {
	table := NewTable("kind", "#a second", "#ms")
	table.Row("complaint", 12.345, 1500*time.Microsecond)
	table.Row("投诉", 120.6, 2*time.Second)
	assert.Equal(t, `| kind      | a second |   ms |
| --------- | -------: | ---: |
| complaint |     12.3 | 1.50 |
| 投诉        |      121 | 2000 |
`, table.String())
}

func TestAGoalNamesWhatMissedIt(t *testing.T) {
	g := Goal{Least: 0.7}
	g.See("complaint at 1", 0.7)
	assert.Equal(t, "the target, 0.70 or better, is met in all 1.", g.String())
	g.See("complaint at 8", 0.65)
	assert.Equal(t, "the target, 0.70 or better, is met in 1 of 2; missed by complaint at 8 (0.65).", g.String())
}

func TestOnlyWhatStandsBetweenTheMarkersIsReplaced(t *testing.T) {
	file := filepath.Join(t.TempDir(), "performance.md")
	text := "# Title\n\nProse.\n\n<!-- bench:cost -->\nold\n<!-- /bench:cost -->\n\nMore.\n\n<!-- bench:growth -->\n<!-- /bench:growth -->\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	for range 2 {
		require.NoError(t, Put(file, "cost", "| new |\n"))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "# Title\n\nProse.\n\n<!-- bench:cost -->\n\n| new |\n\n<!-- /bench:cost -->\n\nMore.\n\n<!-- bench:growth -->\n<!-- /bench:growth -->\n", string(got))

	assert.ErrorContains(t, Put(file, "intake", "x"), "no place marked intake")
	assert.ErrorContains(t, Put(file+".none", "cost", "x"), "there is no")
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, got, after)
}

func TestThisMachineIsKnown(t *testing.T) {
	m := ThisMachine()
	assert.NotEqual(t, "unknown", m.Processor)
	assert.Positive(t, m.Cores)
	assert.Greater(t, m.Memory, int64(100<<20))
}
