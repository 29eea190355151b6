package report

import (
	"fmt"
	"strings"
)

// Goal is a figure that others have to reach, and says which did not.
type Goal struct {
	Least  float64
	n      int
	missed []string
}

// See takes one figure into account.
func (g *Goal) See(which string, figure float64) {
	g.n++
	if figure < g.Least {
		g.missed = append(g.missed, fmt.Sprintf("%s (%s)", which, Number(figure)))
	}
}

// String says how the goal was met.
func (g Goal) String() string {
	if len(g.missed) == 0 {
		return fmt.Sprintf("the target, %s or better, is met in all %d.", Number(g.Least), g.n)
	}
	return fmt.Sprintf("the target, %s or better, is met in %d of %d; missed by %s.", Number(g.Least), g.n-len(g.missed), g.n,
		strings.Join(g.missed, ", "))
}
