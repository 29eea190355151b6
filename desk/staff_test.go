package desk

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestWordsOfStaffAreSeenOnceTheWorkflowHasAccepted(t *testing.T) {
	o := newOffice(t)
	number := o.filed(t, complaint()).Number
	require.NoError(t, o.store.SaveDraft(t.Context(), number, agent.ID, "question", "half a quest"))
	o.temporal.answer = func(string, []byte) (contract.Done, error) {
		messages, err := o.store.Messages(t.Context(), number)
		require.NoError(t, err)
		require.Len(t, messages, 1)
		assert.True(t, messages[0].Pending, "unseen until accepted")
		return contract.Done{Rev: 5, Stage: ticket.WaitingOnSubject}, nil
	}
	done, err := o.Ask(t.Context(), agent, number, "请问是哪个号码？")
	require.NoError(t, err)
	assert.Equal(t, ticket.WaitingOnSubject, done.Stage)
	messages, err := o.store.Messages(t.Context(), number)
	require.NoError(t, err)
	assert.False(t, messages[0].Pending)
	drafts, err := o.store.Draft(t.Context(), number, agent.ID)
	require.NoError(t, err)
	assert.Empty(t, drafts)
	require.Len(t, o.temporal.told, 1)
	assert.JSONEq(t, asJSON(t, contract.StaffWords{By: agent, Message: messages[0].ID}), asJSON(t, o.temporal.told[0].Args[0]))
}

func TestRefusedWordsBecomeTheDraftAgain(t *testing.T) {
	o := newOffice(t)
	number := o.filed(t, complaint()).Number
	o.temporal.answer = refuses("lease_lost", "agent", "zhang.min")
	_, err := o.Decide(t.Context(), agent, number, Decision{Outcome: ticket.Accepted, Text: "已经处理。"})
	assert.Equal(t, "zhang.min", refusal(t, err).Facts["agent"])
	_, err = o.Note(t.Context(), agent, number, "问过同事")
	assert.Equal(t, "lease_lost", refusal(t, err).Code)

	messages, err := o.store.Messages(t.Context(), number)
	require.NoError(t, err)
	assert.Empty(t, messages)
	notes, err := o.store.Notes(t.Context(), number)
	require.NoError(t, err)
	assert.Empty(t, notes)
	drafts, err := o.store.Draft(t.Context(), number, agent.ID)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"answer": "已经处理。", "note": "问过同事"}, drafts)
}

func TestStaffAreToldThatTheEngineIsAwayAndKeepTheirWords(t *testing.T) {
	for name, broken := range map[string]func(s *temporalStub){
		"away":   func(s *temporalStub) { s.away = true },
		"silent": func(s *temporalStub) { s.silent = true },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			number := o.filed(t, complaint()).Number
			o.temporal.set(broken)
			began := time.Now()
			_, err := o.Extend(t.Context(), agent, number, "需要更多时间。")
			assert.Less(t, time.Since(began), 2*time.Second)
			assert.ErrorIs(t, err, ErrEngineAway)
			assert.True(t, IsUnavailable(err))
			drafts, err := o.store.Draft(t.Context(), number, agent.ID)
			require.NoError(t, err)
			assert.Equal(t, map[string]string{"extension": "需要更多时间。"}, drafts)
			messages, err := o.store.Messages(t.Context(), number)
			require.NoError(t, err)
			for _, m := range messages {
				assert.True(t, m.Pending, "nobody outside sees it")
			}
		})
	}
}

func TestAnActAcceptedAfterTheDeskGaveUpIsSeen(t *testing.T) {
	o := newOffice(t)
	number := o.filed(t, complaint()).Number
	o.temporal.set(func(s *temporalStub) { s.silent = true })
	_, err := o.Ask(t.Context(), agent, number, "请问？")
	require.ErrorIs(t, err, ErrEngineAway)
	messages, err := o.store.Messages(t.Context(), number)
	require.NoError(t, err)
	require.NoError(t, o.store.Record(t.Context(), contract.Record{Number: number, State: contract.State{Rev: 1, Stage: ticket.WaitingOnSubject},
		Events: []contract.Event{{At: o.clock, Actor: contract.ByStaff, Agent: agent.ID, Act: contract.ActAsked, Object: messages[0].ID}}}))
	messages, err = o.store.Messages(t.Context(), number)
	require.NoError(t, err)
	assert.False(t, messages[0].Pending)
}

func TestOnlyWordsOfTheVocabularyReachTheWorkflow(t *testing.T) {
	o := newOffice(t)
	number := o.filed(t, complaint()).Number
	ctx := t.Context()
	for name, act := range map[string]func() error{
		"category": func() error { _, err := o.Categorise(ctx, agent, number, "my neighbour"); return err },
		"outcome": func() error {
			_, err := o.Decide(ctx, agent, number, Decision{Outcome: "maybe", Text: "x"})
			return err
		},
		"reason": func() error {
			_, err := o.Decide(ctx, agent, number, Decision{Outcome: ticket.Declined, Reason: "because", Text: "x"})
			return err
		},
		"field": func() error {
			_, err := o.Decide(ctx, agent, number, Decision{Outcome: ticket.Accepted, Text: "x", Fields: []contract.FieldDecision{{Field: "王小明"}}})
			return err
		},
		"step":   func() error { _, err := o.TaskDone(ctx, agent, number, "burn"); return err },
		"nobody": func() error { _, err := o.Assign(ctx, agent, number, "王小明"); return err },
	} {
		t.Run(name, func(t *testing.T) { assert.NotEmpty(t, refusal(t, act()).Field) })
	}
	assert.Empty(t, o.temporal.told)
}

func TestARefusalNeedsAReasonAndAnAnswerWords(t *testing.T) {
	o := newOffice(t)
	number := o.filed(t, complaint()).Number
	_, err := o.Decide(t.Context(), agent, number, Decision{Outcome: ticket.Declined, Text: "x"})
	assert.Equal(t, ticket.RefuseField(InputReason, CodeRequired), refusal(t, err))
	_, err = o.Decide(t.Context(), agent, number, Decision{Outcome: ticket.Accepted, Text: "\u200b "})
	assert.Equal(t, ticket.RefuseField(InputText, CodeRequired), refusal(t, err))
	_, err = o.Approve(t.Context(), agent, number, false, "")
	assert.Equal(t, ticket.RefuseField(InputReason, CodeRequired), refusal(t, err))
	_, err = o.Approve(t.Context(), agent, number, true, "")
	assert.NoError(t, err)
}

func TestAssigningNamesTheRole(t *testing.T) {
	o := newOffice(t)
	number := o.filed(t, complaint()).Number
	require.NoError(t, o.store.CreateAgent(t.Context(), store.Agent{ID: "zhang.min", Role: ticket.Lead, PasswordHash: "x"}))
	_, err := o.Assign(t.Context(), agent, number, "zhang.min")
	require.NoError(t, err)
	assert.Equal(t, contract.Assign{By: agent, To: "zhang.min", ToRole: ticket.Lead}, o.temporal.told[0].Args[0])
}

func TestWhatIsRetainedIsForThePrivacyOfficerWithAReason(t *testing.T) {
	o := newOffice(t)
	number := o.filed(t, complaint()).Number
	officer := Staff{ID: "chen.yu", Role: ticket.PrivacyOfficer}
	_, err := o.OpenRetained(t.Context(), agent, number, "curiosity")
	assert.Equal(t, CodeNotAllowed, refusal(t, err).Code)
	_, err = o.OpenRetained(t.Context(), officer, number, " ")
	assert.Equal(t, CodeRequired, refusal(t, err).Code)
	_, err = o.OpenRetained(t.Context(), officer, number, "a court order")
	assert.Equal(t, CodeNotRetained, refusal(t, err).Code, "nothing is locked away yet")

	require.NoError(t, o.store.LockAway(t.Context(), number, nil, o.clock.AddDate(1, 0, 0)))
	kept, err := o.OpenRetained(t.Context(), officer, number, "a court order")
	require.NoError(t, err)
	assert.Equal(t, "王小明", kept.Content.Person.Name)
	_, err = o.Ask(t.Context(), agent, number, "still there?")
	assert.Equal(t, CodeTicketClosed, refusal(t, err).Code)
	outcome, err := o.Reply(t.Context(), number, Words{Text: "still there?"})
	require.NoError(t, err)
	assert.Equal(t, CodeTicketClosed, outcome.Refused.Code)
}
