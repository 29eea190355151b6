package calendar

import "slices"

// merged gives the pauses in order, those that overlap or touch as one, so
// that no time is left out twice.
func merged(pauses []Pause) []Pause {
	sorted := slices.SortedFunc(slices.Values(pauses), func(a, b Pause) int { return a.From.Compare(b.From) })
	var joined []Pause
	for _, pause := range sorted {
		if n := len(joined); n > 0 && !pause.From.After(joined[n-1].To) {
			if pause.To.After(joined[n-1].To) {
				joined[n-1].To = pause.To
			}
			continue
		}
		joined = append(joined, pause)
	}
	return joined
}
