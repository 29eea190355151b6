package desk

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestAFiledTicketIsStoredAndStarted(t *testing.T) {
	o := newOffice(t)
	o.clock = time.Date(2026, 2, 13, 2, 0, 0, 0, time.UTC) // 10:00 in Shanghai
	receipt := o.filed(t, complaint())
	assert.True(t, strings.HasPrefix(string(receipt.Number), "DSR-20260213-"))
	assert.Equal(t, "2026-03-12T23:59:59+08:00", receipt.ReplyDue.Format(time.RFC3339))
	assert.Equal(t, 15, receipt.DaysLeft)
	assert.False(t, receipt.Provisional)
	assert.Equal(t, "wang@example.com", receipt.Email)

	row, err := o.store.Ticket(t.Context(), receipt.Number)
	require.NoError(t, err)
	assert.False(t, row.Starting)
	require.Len(t, o.temporal.started, 1)
	options := o.temporal.started[0]
	assert.Equal(t, string(receipt.Number), options.ID)
	assert.Equal(t, contract.TaskQueue, options.TaskQueue)
	assert.Equal(t, "complaint · privacy · due 2026-03-12", options.StaticSummary)
	assert.Equal(t, enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE, options.WorkflowIDReusePolicy)
	assert.Equal(t, enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL, options.WorkflowIDConflictPolicy)
	attributes := options.TypedSearchAttributes
	due, ok := attributes.GetTime(contract.AttrReplyDue)
	assert.True(t, ok)
	assert.True(t, due.Equal(receipt.ReplyDue))
	for key, want := range map[string]string{"TicketKind": "complaint", "TicketStage": "received", "SLAState": "on_track"} {
		for k, v := range attributes.GetUntypedValues() {
			if k.GetName() == key {
				assert.Equal(t, want, v)
			}
		}
	}
	assert.False(t, attributes.ContainsKey(contract.AttrAssignee))
	n, err := o.store.PendingCount(t.Context())
	require.NoError(t, err)
	assert.Zero(t, n)
}

func TestADoubleSubmitIsOneTicket(t *testing.T) {
	o := newOffice(t)
	r := complaint()
	first := o.filed(t, r)
	r.Person.Email = "another@example.com"
	second := o.filed(t, r)
	assert.Equal(t, first, second)
	assert.Len(t, o.temporal.started, 1)

	again, err := o.Receipt(t.Context(), first.Number)
	require.NoError(t, err)
	assert.Equal(t, first, again)
}

func TestTheReceiptDoesNotWaitForTemporal(t *testing.T) {
	for name, broken := range map[string]func(s *temporalStub){
		"away":   func(s *temporalStub) { s.away = true },
		"silent": func(s *temporalStub) { s.silent = true },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.temporal.set(broken)
			began := time.Now()
			receipt, errs, err := o.File(t.Context(), complaint())
			assert.Less(t, time.Since(began), 900*time.Millisecond, "and not until the start gives up")
			require.NoError(t, err)
			require.Empty(t, errs)
			row, err := o.store.Ticket(t.Context(), receipt.Number)
			require.NoError(t, err)
			assert.True(t, row.Starting)
		})
	}
}

// The clock in here moves only while everybody waits: however busy the machine is,
// what is measured is what the receipt waited for Temporal, and nothing else. The
// desk has the budget that it has when none is set.
func TestAReceiptWaitsForTemporal50MillisecondsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		o.temporal.set(func(s *temporalStub) { s.silent = true })
		began := time.Now()
		receipt, errs, err := o.File(t.Context(), complaint())
		waited := time.Since(began)
		require.NoError(t, err)
		require.Empty(t, errs)
		assert.LessOrEqual(t, waited, 50*time.Millisecond)
		assert.Positive(t, waited, "it did wait")
		row, err := o.store.Ticket(t.Context(), receipt.Number)
		require.NoError(t, err)
		assert.True(t, row.Starting)
	})
}

func TestOnceTemporalKeptAReceiptWaitingTheNextDoNotWaitUntilItIsBack(t *testing.T) {
	o := newOffice(t)
	o.temporal.set(func(s *temporalStub) { s.silent = true })
	first := o.filed(t, complaint())
	assert.True(t, o.slow.Load())

	o.temporal.set(func(s *temporalStub) { s.silent = false })
	second := o.filed(t, complaint())
	o.Wait() // it is started all the same, behind its receipt
	assert.False(t, o.slow.Load())
	for _, receipt := range []Receipt{first, second} {
		row, err := o.store.Ticket(t.Context(), receipt.Number)
		require.NoError(t, err)
		assert.Equal(t, receipt == first, row.Starting)
	}
}

func TestARequestWithErrorsIsNotStored(t *testing.T) {
	o := newOffice(t)
	r := complaint()
	r.Text = ""
	receipt, errs, err := o.File(t.Context(), r)
	require.NoError(t, err)
	assert.Len(t, errs, 1)
	assert.Zero(t, receipt)
	numbers, err := o.store.OpenNumbers(t.Context(), "", 10)
	require.NoError(t, err)
	assert.Empty(t, numbers)
}

func TestStaffFileForSomeoneAndTheClockRunsFromReceipt(t *testing.T) {
	o := newOffice(t)
	o.clock = time.Date(2026, 3, 16, 2, 0, 0, 0, time.UTC)
	r := complaint()
	byPhone(&r, agent, time.Date(2026, 3, 12, 18, 0, 0, 0, time.UTC)) // Friday the 13th, 02:00 in Shanghai
	receipt := o.filed(t, r)
	assert.True(t, strings.HasPrefix(string(receipt.Number), "DSR-20260313-"), "the local day of receipt")
	assert.Equal(t, "2026-04-03", receipt.ReplyDue.Format(time.DateOnly))
	row, err := o.store.Ticket(t.Context(), receipt.Number)
	require.NoError(t, err)
	assert.Equal(t, agent.ID, row.FiledBy)
	assert.Equal(t, ticket.ChannelPhone, row.Channel)
	events, err := o.store.Events(t.Context(), receipt.Number)
	require.NoError(t, err)
	require.Len(t, events, 1)
	assert.Equal(t, row.ReceivedAt, events[0].At, "the trail says when it came, not when it was typed")
	assert.Equal(t, o.clock, row.FiledAt)
}

func TestStagedFilesBecomeTheTickets(t *testing.T) {
	o := newOffice(t)
	r := complaint()
	_, err := o.store.AddUpload(t.Context(), r.FormToken, "身份证.png", "image/png", []byte("content"))
	require.NoError(t, err)
	receipt := o.filed(t, r)
	files, err := o.store.Attachments(t.Context(), receipt.Number)
	require.NoError(t, err)
	require.Len(t, files, 1)
	assert.Equal(t, "身份证.png", files[0].Name)
}

// marked fills every text of a request with a mark.
func marked() Request {
	r := complaint()
	r.Kind, r.Category = ticket.InfoCorrection, ""
	r.Relation, r.RelationNote = ticket.Guardian, "MARKnote"
	r.Person = store.Person{Name: "MARKname", Email: "MARKmail@mark.example", Phone: "+8613812345678", Account: "MARKaccount"}
	r.OnBehalfOf = store.Person{Name: "MARKchild", Email: "MARKchild@mark.example", Phone: "+8613987654321"}
	r.Subject, r.Text = "MARKsubject", "MARKtext and more of it"
	r.Changes = []store.Change{
		{Field: "real_name", Old: "MARKold", Proposed: "MARKnew"},
		{Field: "email", Old: "MARKold@mark.example", Proposed: "MARKnew@mark.example"},
	}
	return r
}

func TestNothingPersonalReachesTemporalOrTheLog(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, marked())
	_, err := o.Reply(t.Context(), receipt.Number, Words{Text: "MARKreply"})
	require.NoError(t, err)
	_, err = o.Ask(t.Context(), agent, receipt.Number, "MARKquestion")
	require.NoError(t, err)
	_, err = o.Decide(t.Context(), agent, receipt.Number, Decision{Outcome: ticket.Accepted, Text: "MARKanswer",
		Fields: []contract.FieldDecision{{Field: "real_name", Accept: true}}})
	require.NoError(t, err)
	o.temporal.set(func(s *temporalStub) { s.away = true })
	_, err = o.Note(t.Context(), agent, receipt.Number, "MARKremark")
	require.ErrorIs(t, err, ErrEngineAway)
	assert.NotContains(t, err.Error(), "MARK")
	_, err = o.Reply(t.Context(), receipt.Number, Words{Text: "MARKmore"})
	require.NoError(t, err)

	require.Len(t, o.temporal.started, 1)
	sent := asJSON(t, o.temporal.starts) + asJSON(t, o.temporal.started[0].StaticSummary) +
		asJSON(t, o.temporal.started[0].ID)
	for _, u := range o.temporal.told {
		sent += asJSON(t, u)
	}
	for _, d := range pending(t, o) {
		sent += string(d.Payload)
	}
	for _, mark := range []string{"MARK", "mark.example", "13812345678", "13987654321"} {
		assert.NotContains(t, sent, mark)
		assert.NotContains(t, o.log.String(), mark)
	}
	var start contract.Start
	require.NoError(t, json.Unmarshal([]byte(asJSON(t, o.temporal.starts[0])), &start))
	assert.Equal(t, []contract.FieldTask{
		{Field: "real_name", Level: ticket.LevelReal, FourEyes: true},
		{Field: "email", Level: ticket.LevelAccount},
	}, start.Fields)
	assert.Equal(t, o.Policy().Limits.Messages, start.Messages)
	assert.True(t, reflect.DeepEqual(o.Policy().Kinds[ticket.InfoCorrection].Deadline, start.Terms.Deadline))
}

func pending(t *testing.T, o *office) []store.Delivery {
	t.Helper()
	rows, err := o.store.PendingDeliveries(t.Context(), time.Now().Add(time.Hour), 100)
	require.NoError(t, err)
	return rows
}
