package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"rightsdesk/ticket"
)

// ErrImplausible says that hardly any of the tickets and workflows belong together:
// this may be the database of another Temporal, and a repair would double every ticket.
var ErrImplausible = errors.New("this does not look like the database of these workflows")

// fewLost is how many may be lost without a word, however few there are.
const fewLost = 10

// plausible compares numbers alone, before anything is repaired.
func (d *Doctor) plausible(ctx context.Context) error {
	open, unlisted := 0, 0
	after := ticket.Number("")
	for {
		numbers, err := d.engine.store.OpenNumbers(ctx, after, listPage)
		if err != nil {
			return err
		}
		if len(numbers) == 0 {
			break
		}
		for _, n := range numbers {
			open++
			if !d.listed[string(n)].there() {
				unlisted++
			}
		}
		after = numbers[len(numbers)-1]
	}
	if most(unlisted, open) {
		return fmt.Errorf("%w: %d of %d open tickets have none", ErrImplausible, unlisted, open)
	}
	var running []ticket.Number
	for _, id := range slices.Sorted(maps.Keys(d.listed)) {
		if number, own, _ := ticketOf(id); own && d.listed[id].running() {
			running = append(running, number)
		}
	}
	unknown := len(running)
	for some := range slices.Chunk(running, listPage) {
		known, err := d.engine.store.Known(ctx, some)
		if err != nil {
			return err
		}
		unknown -= len(known)
	}
	if most(unknown, len(running)) {
		return fmt.Errorf("%w: %d of %d running ones have no ticket", ErrImplausible, unknown, len(running))
	}
	return nil
}

func most(lost, all int) bool { return lost > fewLost && 2*lost > all }
