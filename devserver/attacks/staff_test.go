package attacks

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestNobodyIsTheirOwnSecondPerson(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	onFile := a.account("victim20")
	f := a.file(c, cancellation("own20@filers.example", "victim20"))
	link := a.proved(c, f, onFile)
	a.stage(f.Number, ticket.WaitingOnSubject)
	a.into(a.api(c, "POST", "/ticket/consequences", link, map[string]bool{"understood": true}), http.StatusOK, nil)
	one, two := a.staff("a.first", ticket.Manager), a.staff("a.second", ticket.Agent)
	lease := a.claimed(c, one, f.Number)
	path := "/tickets/" + string(f.Number)
	a.into(a.api(c, "POST", path+"/decide", one, map[string]any{"lease": lease, "outcome": "accepted", "text": "Cancelled."}), http.StatusOK, nil)
	assert.Equal(t, http.StatusConflict, a.api(c, "POST", path+"/approve", one, map[string]any{"approve": true}).status)
	assert.Nil(t, a.erased(f.Number), "nothing is erased on one person's word")
	a.into(a.api(c, "POST", path+"/approve", two, map[string]any{"approve": true}), http.StatusOK, nil)
	a.eventually("erased", func() bool { return a.erased(f.Number) != nil })
}

func (a *attack) erased(n ticket.Number) *contract.Event {
	events, err := a.records.Events(a.Context(), n)
	require.NoError(a, err)
	for _, e := range events {
		if e.Act == contract.ActErased {
			return &e
		}
	}
	return nil
}

func TestADocumentIsNotReviewedTwiceByOnePerson(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	onFile := a.account("victim21", "real_name", "Old Name")
	f := a.file(c, correction("own21@filers.example", "victim21", "real_name", "New Name"))
	a.proved(c, f, onFile)
	d, delivery, err := a.records.AddProof(t.Context(), f.Number, ticket.ProofIdentity, "k", []store.NewFile{{Name: "id.png", Type: "image/png", Content: []byte("x")}},
		a.ticket(f.Number).ReceivedAt, contract.UpdateProofSent, func(id int64) []byte { return []byte(`{"proof":` + itoa(id) + `,"kind":"id_document"}`) })
	require.NoError(t, err)
	require.NotZero(t, delivery.ID)
	a.eventually("the workflow has it", func() bool { return len(a.ticket(f.Number).State.Proofs) == 1 })
	one, two := a.staff("a.look1", ticket.Agent), a.staff("a.look2", ticket.Agent)
	path := "/tickets/" + string(f.Number) + "/review-proof"
	yes := map[string]any{"proof": d, "passed": true}
	a.into(a.api(c, "POST", path, one, yes), http.StatusOK, nil)
	assert.Equal(t, http.StatusConflict, a.api(c, "POST", path, one, yes).status)
	assert.Equal(t, ticket.LevelAccount, a.ticket(f.Number).Level)
	a.into(a.api(c, "POST", path, two, yes), http.StatusOK, nil)
	a.eventually("proved", func() bool { return a.ticket(f.Number).Level == ticket.LevelReal })
	proofs, err := a.records.Proofs(t.Context(), f.Number)
	require.NoError(t, err)
	require.Len(t, proofs, 1)
	assert.Empty(t, proofs[0].Files, "destroyed with the decision")
	assert.False(t, proofs[0].DestroyedAt.IsZero())
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestARoleTakenAwayIsGoneAtTheNextCall(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	manager := a.staff("a.manager", ticket.Manager)
	assert.Equal(t, http.StatusOK, a.api(c, "GET", "/team", manager, nil).status)
	agent, err := a.records.Agent(t.Context(), "a.manager")
	require.NoError(t, err)
	agent.Role = ticket.Agent
	require.NoError(t, a.records.UpdateAgent(t.Context(), agent))
	assert.Equal(t, http.StatusForbidden, a.api(c, "GET", "/team", manager, nil).status)
	agent.Disabled = true
	require.NoError(t, a.records.UpdateAgent(t.Context(), agent))
	assert.Equal(t, http.StatusUnauthorized, a.api(c, "GET", "/me", manager, nil).status)
}
