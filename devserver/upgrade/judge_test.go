package upgrade

import (
	"bytes"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"rightsdesk/devserver/people"
	"rightsdesk/devserver/production"
	"rightsdesk/ticket"
)

// end is how a case ends, and what its account has been through then.
type end struct {
	stage ticket.Stage
	acts  []string
}

func endOf(c *people.Case) end {
	switch {
	case c.Aim == people.Withdrawn:
		return end{ticket.Withdrawn, nil}
	case c.Kind == ticket.AccountCancellation:
		return end{ticket.Retained, []string{"stop-services", "erase"}}
	case c.Kind == ticket.InfoCorrection:
		return end{ticket.Closed, []string{"correct"}}
	}
	return end{ticket.Closed, nil}
}

// movedOn: tickets that began under the release before have taken the step that a
// later release added.
func (w *town) movedOn(list []*people.Case) {
	w.t.Helper()
	taken := map[string]bool{}
	w.events(func(id string, kind enums.EventType, text []byte) {
		if kind == enums.EVENT_TYPE_MARKER_RECORDED && bytes.Contains(text, []byte(addedStep)) {
			taken[id] = true
		}
	})
	for _, c := range list {
		assert.True(w.t, taken[string(c.Number)], "%s %s did not move on", c.Kind, c.Number)
	}
}

// judge holds what is left against what was promised.
func (w *town) judge() {
	w.t.Helper()
	ctx := w.t.Context()
	persons, err := w.Persons(ctx)
	require.NoError(w.t, err)
	for _, c := range w.cases {
		row, err := w.records.Ticket(ctx, c.Number)
		require.NoError(w.t, err)
		assert.True(w.t, c.Due.Equal(row.ReplyDue), "%s: the receipt said %v, the ticket says %v", c.Number, c.Due, row.ReplyDue)
		want := endOf(c)
		assert.Equal(w.t, want.stage, row.Stage, "%s %s", c.Kind, c.Number)
		assert.Equal(w.t, want.acts, persons[c.Account()].Acts, "%s %s: acts at the account", c.Kind, c.Number)
	}
	require.NoError(w.t, production.AwaitSettled(ctx, w.records), "acts that an api of the release before was told of, too: it leaves no note")
	out, err := w.Run(ctx, "audit", "verify")
	assert.NoError(w.t, err, out)
	out, err = w.Run(ctx, "doctor")
	assert.NoError(w.t, err, out)
}
