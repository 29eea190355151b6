package desk

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// A process is killed between storing a note and telling the workflow; it is asked for
// again under its key, and once more when the workflow has taken it.
func TestANoteAskedForAgainUnderItsKeyStandsOnce(t *testing.T) {
	o := newOffice(t)
	number := o.filed(t, complaint()).Number
	ctx := UnderKey(t.Context(), "3f0c9d8e-drawn-at-random")
	cut, err := o.store.AddNoteOnce(ctx, number, agent.ID, time.Now(), "Called back at ten.", keyOf(ctx, contract.UpdateNote))
	require.NoError(t, err)

	o.temporal.answer = func(string, []byte) (contract.Done, error) {
		return contract.Done{Rev: 5, Stage: ticket.Triage}, o.store.AppendEvent(t.Context(), number,
			contract.Event{At: time.Now(), Actor: contract.ByStaff, Agent: agent.ID, Act: contract.ActNoted, Object: cut})
	}
	_, err = o.Note(ctx, agent, number, "Called back at ten.")
	require.NoError(t, err)
	require.Len(t, o.temporal.told, 1)
	assert.JSONEq(t, asJSON(t, contract.StaffWords{By: agent, Message: cut}), asJSON(t, o.temporal.told[0].Args[0]), "the note that was there")

	_, err = o.Note(ctx, agent, number, "Called back at ten.")
	require.NoError(t, err)
	assert.Len(t, o.temporal.told, 1, "the trail has it: nothing is left to tell")
	notes, err := o.store.Notes(t.Context(), number)
	require.NoError(t, err)
	require.Len(t, notes, 1)

	_, err = o.Note(UnderKey(t.Context(), "another-key"), agent, number, "Called back at ten.")
	require.NoError(t, err)
	notes, err = o.store.Notes(t.Context(), number)
	require.NoError(t, err)
	assert.Len(t, notes, 2, "under another key it is another note")
}
