package activities

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
)

// How many letters reach one address, and text messages one telephone, from people
// who have not proved themselves, however many tickets they file: the desk is
// nobody's mail bomb, and codes can't be had in such numbers that guessing them
// pays. A receipt that is over waits for its turn. A code to a contact on file that
// is over looks sent and is not, as for an account that there isn't: else the
// surplus would tell customers from strangers. Codes may be more, so that a
// stranger who asks for them in a customer's name does not use the customer's up.
var (
	typedBudget  = []allowance{{"hour", 6, time.Hour}, {"day", 20, 24 * time.Hour}}
	onFileBudget = []allowance{{"hour", 20, time.Hour}, {"day", 60, 24 * time.Hour}}
)

type allowance struct {
	name   string
	most   int
	window time.Duration
}

// errOverBudget: a code to a contact on file is not sent.
var errOverBudget = errors.New("too many codes to one contact")

// withinBudget counts a letter to an address, or puts it off.
func (p Post) withinBudget(ctx context.Context, address string) error {
	again, err := p.count(ctx, "letters", typedBudget, address)
	if err == nil && !again.IsZero() {
		err = later(again.Sub(p.Now()))
	}
	return err
}

// codeWithinBudget counts a code to a contact on file, or is errOverBudget.
func (p Post) codeWithinBudget(ctx context.Context, contact string) error {
	again, err := p.count(ctx, "codes", onFileBudget, contact)
	if err == nil && !again.IsZero() {
		err = errOverBudget
	}
	return err
}

// count is when there is room again; zero: there is now. Addresses that differ in
// case only are one.
func (p Post) count(ctx context.Context, what string, budget []allowance, contact string) (again time.Time, err error) {
	for _, b := range budget {
		ok, next, err := p.Store.Allow(ctx, what+"/"+b.name+"/"+strings.ToLower(contact), b.most, b.window, p.Now())
		if err != nil || !ok {
			return next, err
		}
	}
	return again, nil
}

func later(wait time.Duration) error {
	return temporal.NewApplicationErrorWithOptions("many letters went to this address already: this one waits", errBudget,
		temporal.ApplicationErrorOptions{NextRetryDelay: max(wait, time.Second)})
}
