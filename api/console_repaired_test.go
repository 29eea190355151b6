package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestTheTicketsPageTellsWhatARestoreTook(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, func(_ *store.Filing, s *contract.State) { s.WordsLost = true })
	row, err := o.store.Ticket(t.Context(), n)
	require.NoError(t, err)
	st := row.State
	st.Rev += 3 // two revisions are missing
	require.NoError(t, o.store.Record(t.Context(), contract.Record{Number: n, State: st, Events: []contract.Event{
		{At: monday, Actor: contract.BySystem, Act: contract.ActRepaired, Code: contract.Code(contract.DriftTicketMissing)}}}))
	require.NoError(t, o.store.AddLostMessage(t.Context(), n, 4711, monday))

	p := o.as("li.wei").get(page(n))
	require.Equal(t, http.StatusOK, p.Status)
	for _, want := range []string{"What the requester wrote was lost in a restore", "Put right by the doctor",
		"The record was lost in a restore and was made again from the workflow", "Entries of revisions 2 to 3 were lost in a restore",
		"Lost in a restore of the database"} {
		assert.Contains(t, p.text(), want)
	}
	assert.NotContains(t, p.text(), "[")
}
