package upgrade

import (
	"slices"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/devserver/people"
	"rightsdesk/ticket"
)

// stage is a kind of ticket and how far its people take it before they leave it.
type stage struct {
	kind ticket.Kind
	aim  people.Aim
}

func (s stage) ended() bool { return s.aim == people.Closed || s.aim == people.Withdrawn }

var kinds = []ticket.Kind{ticket.Complaint, ticket.AccountCancellation, ticket.InfoCorrection}

// stages is every kind at every stage that its people can bring it to and leave it
// at. Those at which something outside must be away come from amid.
func stages() (list []stage) {
	for _, kind := range kinds {
		for _, aim := range []people.Aim{people.Filed, people.Verified, people.Claimed, people.Asked, people.Answered, people.Refused, people.Appealed} {
			list = append(list, stage{kind, aim})
		}
	}
	return append(list, stage{ticket.AccountCancellation, people.Triaged},
		stage{ticket.AccountCancellation, people.Decided}, stage{ticket.InfoCorrection, people.Decided},
		stage{ticket.AccountCancellation, people.Closed}, stage{ticket.Complaint, people.Closed}, stage{ticket.Complaint, people.Withdrawn})
}

// few is some of them, where the point is that the desk works.
func few() (list []stage) {
	for _, kind := range kinds {
		list = append(list, stage{kind, people.Filed}, stage{kind, people.Answered})
	}
	return append(list, stage{ticket.Complaint, people.Asked}, stage{ticket.InfoCorrection, people.Claimed})
}

// stand is where open tickets of a kind can stand, and whom they wait for. A
// complaint is carried out by its answer, and under this policy decided by one.
func stand(kind ticket.Kind) map[ticket.Stage][]ticket.Awaiting {
	places := map[ticket.Stage][]ticket.Awaiting{
		ticket.Received:         {ticket.AwaitingTime}, // to be started
		ticket.Verifying:        {ticket.AwaitingSubject},
		ticket.Triage:           {ticket.AwaitingAgent},
		ticket.InProgress:       {ticket.AwaitingAgent},
		ticket.WaitingOnSubject: {ticket.AwaitingSubject},
		ticket.Answered:         {ticket.AwaitingSubject},
		ticket.Refused:          {ticket.AwaitingSubject},
	}
	if kind != ticket.Complaint {
		places[ticket.InProgress] = append(places[ticket.InProgress], ticket.AwaitingApprover)
		places[ticket.Fulfilling] = []ticket.Awaiting{ticket.AwaitingAccounts}
	}
	return places
}

// stoodEverywhere: among the open tickets is one of each kind at each stage, those
// included that have yet to be started, are appeals, or are kept after their end.
func (w *town) stoodEverywhere() {
	w.t.Helper()
	type place struct {
		kind     ticket.Kind
		stage    ticket.Stage
		awaiting ticket.Awaiting
	}
	there, appeals, kept := map[place]bool{}, map[ticket.Kind]bool{}, 0
	for _, c := range w.cases {
		row, err := w.records.Ticket(w.t.Context(), c.Number)
		require.NoError(w.t, err)
		there[place{c.Kind, row.Stage, row.State.Awaiting}] = true
		if row.Stage == ticket.Received {
			assert.True(w.t, row.Starting, "%s has been started", c.Number)
		}
		if row.State.Reopened && row.Stage == ticket.Triage {
			appeals[c.Kind] = true
		}
		if row.Stage == ticket.Retained {
			kept++
		}
	}
	for _, kind := range kinds {
		for stage, waits := range stand(kind) {
			for _, awaiting := range waits {
				assert.True(w.t, there[place{kind, stage, awaiting}], "no %s stands at %s and waits for %s", kind, stage, awaiting)
			}
		}
		assert.True(w.t, appeals[kind], "no appeal of a %s is open", kind)
	}
	assert.NotZero(w.t, kept, "nothing is kept")
}

// amid has something done while tickets stand where they only stand when parts are
// away: the account system does not answer what has been decided, and Temporal has
// not heard of what was filed. It returns those tickets.
func (w *town) amid(do func()) []*people.Case {
	w.t.Helper()
	carried := w.bring(stage{ticket.AccountCancellation, people.Decided}, stage{ticket.InfoCorrection, people.Claimed})
	w.People.Kill()
	w.lead(people.Toward(carried, people.Fulfilling))
	w.Engine.Kill()
	var filed []stage
	for _, kind := range kinds {
		filed = append(filed, stage{kind, people.Sent})
	}
	waiting := w.bring(filed...)
	w.stoodEverywhere()
	do()
	require.NoError(w.t, w.People.Start(w.t.Context()))
	return slices.Concat(carried, waiting)
}
