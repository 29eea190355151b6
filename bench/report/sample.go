// Package report turns measurements into figures and tables.
package report

import (
	"math"
	"slices"
	"time"
)

// Sample is a set of durations.
type Sample []time.Duration

// Percentile is the smallest duration that so many percent of the sample do not
// exceed (nearest rank); 0 of an empty sample.
func (s Sample) Percentile(p float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// Median is the 50th percentile.
func (s Sample) Median() time.Duration { return s.Percentile(50) }

// Rate is how many of something there were in a second.
func Rate(n int, in time.Duration) float64 {
	if in <= 0 {
		return 0
	}
	return float64(n) / in.Seconds()
}

// Ratio is a/b; 0 where there is no b.
func Ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// Each is a/n; 0 of none.
func Each(a float64, n int) float64 { return Ratio(a, float64(n)) }
