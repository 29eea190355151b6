package api

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestTheAnswerOnThePageSaysWhatBecameOfEachItemAndWhenItWasDelivered(t *testing.T) {
	w := newWeb(t)
	b := w.browser(en)
	_, n := b.fileOne(ticket.InfoCorrection)
	written := w.now
	w.now = w.now.Add(26 * time.Hour)
	w.proved(b, n)
	id := w.answered(n, "The address was corrected.")
	w.record(n, func(r *contract.Record) {
		r.State.Answer.ReadAt, r.State.Answer.Delivered = w.now, w.now
		r.State.Account.Applied = []contract.FieldName{"address"}
		r.State.Decision = &contract.Decision{By: "li.wei", At: written, Outcome: ticket.Partly, Message: id, Fields: []contract.FieldDecision{
			{Field: "address", Accept: true}, {Field: "name", Reason: ticket.ReasonEvidenceMissing}}}
	})
	p := b.get("/ticket").text()
	assert.Contains(t, p, "Postal address: changed to 北京市西城区新址 2 号")
	assert.Contains(t, p, "Name or nickname: not changed (Necessary evidence is missing)")
	assert.Contains(t, p, "Our answer 6 January 2026, 12:00")

	w.record(n, func(r *contract.Record) { r.State.Appealed, r.State.Reopened = true, true })
	assert.Contains(t, b.get("/ticket").text(), "Our answer to your appeal")
}

func TestAnObstacleThatIsStillThereIsSaidWithTheTime(t *testing.T) {
	w := newWeb(t)
	b := w.browser(en)
	_, n := b.fileOne(ticket.AccountCancellation)
	w.proved(b, n)
	require.NoError(t, w.store.SaveAccount(t.Context(), n, store.AccountSnapshot{Ref: "a-1", LookedAt: w.now.Add(time.Minute),
		Obstacles: []store.ObstacleWords{{ZH: "有一张未支付的账单。", EN: "One bill has not been paid."}}}))
	w.record(n, func(r *contract.Record) {
		r.State.Stage, r.State.Level, r.State.Account.Obstacles = ticket.WaitingOnSubject, ticket.LevelAccount, 1
	})
	assert.NotContains(t, b.get("/ticket").text(), "We looked again")
	w.record(n, func(r *contract.Record) {
		r.Events = []contract.Event{{At: w.now, Actor: contract.BySubject, Act: contract.ActObstaclesSettled}}
	})
	assert.Contains(t, b.get("/ticket").text(), "We looked again on 5 January 2026, 10:01: this is still open.")
}

func TestAfterARightCodeThePageDoesNotAskForItAgain(t *testing.T) {
	w := newWeb(t)
	b := w.browser(en)
	_, n := b.fileOne(ticket.Complaint)
	assert.Contains(t, b.get("/ticket?done=code").text(), "Enter the code", "the address alone proves nothing")
	p := b.post(b.ofTicket("/ticket/code"), url.Values{"code": {"  "}})
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Contains(t, p.text(), "Enter the code of 6 digits")

	w.proved(b, n)
	p = b.get("/ticket?done=code")
	assert.Contains(t, p.text(), "The code was right and is being taken in.")
	assert.NotContains(t, p.text(), "Enter the code")
	go func() {
		time.Sleep(200 * time.Millisecond)
		w.stage(n, ticket.Triage, ticket.LevelContact)
	}()
	assert.Contains(t, b.get("/ticket?done=code").text(), "Waiting to be taken up", "it waits a moment for the record")
}

func TestBeforeACancellationIsConfirmedItWaitsForNobodyOfStaff(t *testing.T) {
	w := newWeb(t)
	b := w.browser(en)
	_, n := b.fileOne(ticket.AccountCancellation)
	w.stage(n, ticket.Triage, ticket.LevelAccount)
	w.proved(b, n)
	assert.Contains(t, b.get("/ticket").text(), "are looking up the account")
	w.record(n, func(r *contract.Record) { r.State.Account.Checked, r.State.Account.Confirmed = true, true })
	assert.Contains(t, b.get("/ticket").text(), "Your request is waiting for a member of staff.")
	assert.NotContains(t, b.get("/ticket").text(), "looking up")
}
