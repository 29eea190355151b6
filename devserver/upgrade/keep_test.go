package upgrade

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"rightsdesk/contract"
	"rightsdesk/devserver/people"
	"rightsdesk/ticket"
)

// year is for how long the account of keepForShort is kept: through both upgrades
// and the way back, on a machine that is busy too.
const year = 5 * time.Minute

// keepForShort is an account that is cancelled and kept, for a year that ends within
// the test: its Retention is begun before the ticket would begin it itself.
func (w *town) keepForShort() *people.Case {
	w.t.Helper()
	c := w.office.New(ticket.AccountCancellation, people.Decided)
	w.lead([]*people.Case{c})
	_, err := w.engine.ExecuteWorkflow(w.t.Context(), client.StartWorkflowOptions{ID: contract.RetentionID(c.Number), TaskQueue: contract.TaskQueue},
		contract.WorkflowRetention, contract.RetentionStart{Number: c.Number, Until: time.Now().Add(year), Account: true})
	require.NoError(w.t, err)
	w.lead(people.Toward([]*people.Case{c}, people.Closed))
	return c
}

// purged: it was purged when its time was over, by workers of a revision.
func (w *town) purged(c *people.Case, revision int) {
	w.t.Helper()
	id := contract.RetentionID(c.Number)
	require.NoError(w.t, w.engine.GetWorkflow(w.t.Context(), id, "").Get(w.t.Context(), nil))
	by := ""
	for it := w.engine.GetWorkflowHistory(w.t.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		event, err := it.Next()
		require.NoError(w.t, err)
		if done := event.GetWorkflowTaskCompletedEventAttributes(); done != nil {
			by = done.GetDeploymentVersion().GetBuildId()
		}
	}
	assert.Equal(w.t, fmt.Sprint(revision), by, "revision of the worker that purged; with a slow machine the year has to be longer")
	row, err := w.records.Ticket(w.t.Context(), c.Number)
	require.NoError(w.t, err)
	assert.Equal(w.t, ticket.Purged, row.Stage)
	assert.True(w.t, c.Due.Equal(row.ReplyDue), "%s: the receipt said %v, the ticket says %v", c.Number, c.Due, row.ReplyDue)
}
