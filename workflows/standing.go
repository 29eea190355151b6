package workflows

import (
	"maps"
	"slices"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
)

// answerQueries tells `rightsdesk doctor` how the ticket stands. A query leaves
// nothing in the history, and is answered after the workflow's end too.
func (t *handling) answerQueries() {
	err := workflow.SetQueryHandler(t.ctx, contract.QueryState, func() (contract.Standing, error) {
		s := contract.Standing{Start: t.start, State: t.s, Recorded: t.recorded, Changing: !t.unlocked(), Ended: t.ended != nil}
		for _, step := range t.dispatched {
			if _, heard := t.mailed[step]; !heard {
				s.Sending = append(s.Sending, step)
			}
		}
		for _, step := range slices.Sorted(maps.Keys(t.mailed)) {
			s.Letters = append(s.Letters, contract.Heard{Step: step, Result: t.mailed[step]})
		}
		return s, nil
	})
	if err != nil {
		panic(err) // a programming error: a handler of the wrong shape
	}
}
