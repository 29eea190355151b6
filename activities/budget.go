package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/temporal"
)

// How many letters reach one address, and text messages one telephone, from people
// who have not proved themselves, however many tickets they file: the desk is
// nobody's mail bomb, and codes can't be had in such numbers that guessing them
// pays. What is over waits for its turn.
var budgets = []struct {
	name   string
	most   int
	window time.Duration
}{
	{"hour", 6, time.Hour},
	{"day", 20, 24 * time.Hour},
}

// errBudget is the type of the error of a letter that waits for its turn.
const errBudget = "too_many_to_one_address"

// withinBudget counts a letter to an address, or puts it off.
func (p Post) withinBudget(ctx context.Context, address string) error {
	for _, b := range budgets {
		ok, again, err := p.Store.Allow(ctx, "letters/"+b.name+"/"+address, b.most, b.window, p.Now())
		if err != nil {
			return err
		}
		if !ok {
			return later(again.Sub(p.Now()))
		}
	}
	return nil
}

func later(wait time.Duration) error {
	return temporal.NewApplicationErrorWithOptions("many letters went to this address already: this one waits", errBudget,
		temporal.ApplicationErrorOptions{NextRetryDelay: max(wait, time.Second)})
}
