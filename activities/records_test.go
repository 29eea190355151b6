package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/activities"
	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestAChangeIsRecordedOnce(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.Complaint)
	records := activities.NewRecords(d.store)
	change := contract.Record{Number: number, State: contract.State{Rev: 1, Stage: ticket.Triage, Awaiting: ticket.AwaitingAgent},
		Events: []contract.Event{{At: d.now, Actor: contract.BySystem, Act: contract.ActStage, Code: "triage"}},
		Mails:  []contract.MailOrder{{Number: number, Step: "verified-1", Letter: contract.LetterVerified, To: contract.ToProved}}}
	for range 2 {
		require.NoError(t, records.Record(t.Context(), change))
	}
	events, err := d.store.Events(t.Context(), number)
	require.NoError(t, err)
	assert.Len(t, events, 2, "the receipt and the stage")
	mails, err := d.store.Mails(t.Context(), number)
	require.NoError(t, err)
	assert.Len(t, mails, 1)
}

func TestARecordThatCanNotBeWrittenIsTriedAgain(t *testing.T) {
	d := newDesktop(t)
	number := ticket.Number("DSR-20260302-00000000")
	d.retryable(activities.NewRecords(d.store).Record(t.Context(), contract.Record{Number: number, State: contract.State{Rev: 1, Stage: ticket.Triage}}))
}

func TestARecordOfAWorkflowThatIsBehindWaitsForTheDoctor(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.Complaint)
	records := activities.NewRecords(d.store)
	at := func(rev int64, stage ticket.Stage) contract.Record {
		return contract.Record{Number: number, State: contract.State{Rev: rev, Stage: stage, Awaiting: ticket.AwaitingAgent}}
	}
	require.NoError(t, records.Record(t.Context(), at(1, ticket.Triage)))
	require.NoError(t, records.Record(t.Context(), at(2, ticket.InProgress)))
	err := records.Record(t.Context(), at(2, ticket.Triage))
	d.retryable(err)
	assert.ErrorContains(t, err, "rightsdesk doctor")
}

func TestBecomingRetainedLocksThePersonalDataAway(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.AccountCancellation)
	until := d.now.AddDate(1, 0, 0)
	require.NoError(t, d.store.SaveAccount(t.Context(), number, store.AccountSnapshot{Ref: "a-1",
		Fields: map[string]string{"phone": markedPhone, "name": markedName},
		Kept:   []store.KeptField{{Field: "phone", Until: until, Basis: "5.4.1"}}}))
	change := contract.Record{Number: number, State: contract.State{Rev: 1, Stage: ticket.Retained,
		Account: contract.Account{KeptUntil: until}}}
	records := activities.NewRecords(d.store)
	for range 2 {
		require.NoError(t, records.Record(t.Context(), change))
	}
	_, err := d.store.Content(t.Context(), number)
	assert.ErrorIs(t, err, store.ErrLocked)
	kept, err := d.store.OpenRetained(t.Context(), number, "privacy.officer", "a court asked", d.now)
	require.NoError(t, err)
	require.Len(t, kept.Fields, 1)
	assert.Equal(t, markedPhone, kept.Fields[0].Value)
	assert.True(t, until.Equal(kept.Until))

	for range 2 {
		require.NoError(t, records.PurgeRecords(t.Context(), contract.PurgeRecords{Number: number, At: until}))
	}
	_, err = d.store.OpenRetained(t.Context(), number, "privacy.officer", "a court asked", until)
	assert.ErrorIs(t, err, store.ErrPurged)
	events, err := d.store.Events(t.Context(), number)
	require.NoError(t, err)
	purges := 0
	for _, e := range events {
		if e.Act == contract.ActPurged {
			purges++
		}
	}
	assert.Equal(t, 1, purges)
}

func TestPresenceAndOpenTickets(t *testing.T) {
	d := newDesktop(t)
	a, b := d.file(ticket.Complaint), d.file(ticket.InfoCorrection)
	records := activities.NewRecords(d.store)
	seen, err := records.CheckPresence(t.Context(), contract.CheckPresence{Number: a, Agent: "li.wei"})
	require.NoError(t, err)
	assert.True(t, seen.Seen.IsZero())
	d.staff("li.wei", ticket.Agent, nil)
	require.NoError(t, d.store.Touch(t.Context(), a, "li.wei", d.now))
	seen, err = records.CheckPresence(t.Context(), contract.CheckPresence{Number: a, Agent: "li.wei"})
	require.NoError(t, err)
	assert.True(t, d.now.Equal(seen.Seen))

	page, err := records.OpenTickets(t.Context(), contract.OpenTickets{Limit: 10})
	require.NoError(t, err)
	assert.ElementsMatch(t, []ticket.Number{a, b}, page.Numbers)
	_, err = records.OpenTickets(t.Context(), contract.OpenTickets{})
	d.final(err)
}

func TestTheClockIsPlannedByThePolicyOfTheTicket(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.Complaint)
	filed, err := d.store.Ticket(t.Context(), number)
	require.NoError(t, err)
	clock := activities.NewClock(d.planner)
	ask := contract.PlanClock{Number: number, Policy: filed.Policy, From: time.Date(2026, 2, 13, 10, 0, 0, 0, shanghai),
		Term: ticket.Term{Count: 15, Unit: ticket.WorkingDay}}
	for range 2 {
		plan, err := clock.PlanClock(t.Context(), ask)
		require.NoError(t, err)
		assert.Equal(t, "2026-03-12T23:59:59", plan.Due.In(shanghai).Format("2006-01-02T15:04:05"))
	}
	ask.Policy.Digest = "unknown"
	_, err = clock.PlanClock(t.Context(), ask)
	d.retryable(err)
}
