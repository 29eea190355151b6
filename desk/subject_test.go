package desk

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestAReplyIsStoredAndTold(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, complaint())
	token := seal.NewToken()
	_, err := o.store.AddUpload(t.Context(), token, "a.pdf", "application/pdf", []byte("%PDF-"))
	require.NoError(t, err)
	words := Words{Text: " 这是补充。\r\n", FormToken: token}
	for range 2 { // pressed twice
		outcome, err := o.Reply(t.Context(), receipt.Number, words)
		require.NoError(t, err)
		assert.False(t, outcome.Pending)
		assert.Nil(t, outcome.Refused)
	}
	messages, err := o.store.Messages(t.Context(), receipt.Number)
	require.NoError(t, err)
	require.Len(t, messages, 1)
	assert.Equal(t, "这是补充。", messages[0].Text)
	assert.Len(t, messages[0].Files, 1)
	require.Len(t, o.temporal.told, 1)
	assert.JSONEq(t, asJSON(t, contract.Words{Message: messages[0].ID, Files: 1}), asJSON(t, o.temporal.told[0].Args[0]))
}

func TestARefusedReplyIsNotKept(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, complaint())
	o.temporal.answer = refuses("already_appealed", "at", "2026-03-03T10:00:00+08:00")
	outcome, err := o.NotSolved(t.Context(), receipt.Number, Words{Text: "没有解决"})
	require.NoError(t, err)
	require.NotNil(t, outcome.Refused)
	assert.Equal(t, "already_appealed", outcome.Refused.Code)
	assert.Equal(t, "2026-03-03T10:00:00+08:00", outcome.Refused.Facts["at"])
	messages, err := o.store.Messages(t.Context(), receipt.Number)
	require.NoError(t, err)
	assert.Empty(t, messages)
}

func TestWordsHaveLimits(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, complaint())
	for name, row := range map[string]struct {
		send func() (Outcome, error)
		code string
	}{
		"nothing": {func() (Outcome, error) { return o.Reply(t.Context(), receipt.Number, Words{Text: " "}) }, CodeWordsOrFile},
		"an appeal without words": {func() (Outcome, error) {
			return o.NotSolved(t.Context(), receipt.Number, Words{Files: []store.NewFile{{Name: "a", Type: "image/png", Content: []byte("x")}}})
		}, CodeRequired},
		"a book": {func() (Outcome, error) {
			return o.Reply(t.Context(), receipt.Number, Words{Text: strings.Repeat("字", 5001)})
		}, CodeTooLong},
		"six files": {func() (Outcome, error) {
			return o.Reply(t.Context(), receipt.Number, Words{Files: make([]store.NewFile, 6)})
		}, CodeTooManyFiles},
	} {
		t.Run(name, func(t *testing.T) {
			outcome, err := row.send()
			require.NoError(t, err)
			require.NotNil(t, outcome.Refused)
			assert.Equal(t, row.code, outcome.Refused.Code)
		})
	}
	assert.Empty(t, o.temporal.told)
}

func TestATicketTakesInSoMuchAndNoMore(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, complaint())
	for range o.Policy().Limits.Messages {
		_, err := o.store.AddMessage(t.Context(), store.NewMessage{Number: receipt.Number, Kind: store.MessageReply, At: o.clock, Text: "x"})
		require.NoError(t, err)
	}
	outcome, err := o.Reply(t.Context(), receipt.Number, Words{Text: "one more"})
	require.NoError(t, err)
	assert.Equal(t, CodeTooManyMessages, outcome.Refused.Code)
}

func TestActsInAHurryAreSlowedDown(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, complaint())
	var last Outcome
	for range limitActs.max + 1 {
		outcome, err := o.ResendCode(t.Context(), receipt.Number)
		require.NoError(t, err)
		last = outcome
	}
	require.NotNil(t, last.Refused)
	assert.Equal(t, CodeTooManyTries, last.Refused.Code)
	at, err := time.Parse(time.RFC3339, last.Refused.Facts["retry_at"])
	require.NoError(t, err)
	assert.True(t, at.After(o.clock))
	assert.Len(t, o.temporal.told, limitActs.max)
}

func TestAnUnknownTicketIsNotFound(t *testing.T) {
	o := newOffice(t)
	_, err := o.Withdraw(t.Context(), "DSR-20260101-00000000")
	assert.ErrorIs(t, err, store.ErrNotFound)
	_, err = o.Reply(t.Context(), "DSR-20260101-00000000", Words{Text: "x"})
	assert.ErrorIs(t, err, store.ErrNotFound)
	assert.Empty(t, pending(t, o))
}

func TestProving(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, complaint())
	id, typed, err := o.store.IssueCode(t.Context(), receipt.Number, "code-1", ticket.LevelContact, contract.ToTyped, "wang@example.com", o.clock, 10*time.Minute)
	require.NoError(t, err)

	wrong, err := o.Prove(t.Context(), receipt.Number, "000", "192.0.2.1")
	require.NoError(t, err)
	assert.Equal(t, Proof{Result: store.CodeWrong}, wrong)
	unknown, err := o.Prove(t.Context(), "DSR-20260101-00000000", typed, "192.0.2.1")
	require.NoError(t, err)
	assert.Equal(t, wrong, unknown, "an unknown ticket is answered like a wrong code")

	sloppy := typed[:3] + " - " + strings.Map(func(r rune) rune { return r - '0' + '０' }, typed[3:])
	proof, err := o.Prove(t.Context(), receipt.Number, sloppy, "192.0.2.1")
	require.NoError(t, err)
	assert.Equal(t, store.CodeOK, proof.Result)
	assert.Equal(t, ticket.LevelContact, proof.Level)
	require.Len(t, o.temporal.told, 1)
	assert.JSONEq(t, asJSON(t, contract.IdentityProved{Verification: id, Level: ticket.LevelContact, Method: ticket.MethodMailCode}),
		asJSON(t, o.temporal.told[0].Args[0]))
}

func TestProvingWhileTemporalIsAwayIsNotLost(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, complaint())
	_, typed, err := o.store.IssueCode(t.Context(), receipt.Number, "code-1", ticket.LevelContact, contract.ToTyped, "wang@example.com", o.clock, 10*time.Minute)
	require.NoError(t, err)
	o.temporal.set(func(s *temporalStub) { s.away = true })
	proof, err := o.Prove(t.Context(), receipt.Number, typed, "192.0.2.1")
	require.NoError(t, err)
	assert.True(t, proof.Pending)
	o.temporal.set(func(s *temporalStub) { s.away = false })
	drain(t, o)
	require.Len(t, o.temporal.told, 1)
	assert.Equal(t, contract.UpdateIdentityProved, o.temporal.told[0].UpdateName)
}

func TestTriesAreLimitedByTicketAndByNetwork(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, complaint())
	for range limitCodeTicket.max {
		proof, err := o.Prove(t.Context(), receipt.Number, "000000", "192.0.2.1")
		require.NoError(t, err)
		assert.Nil(t, proof.Refused)
	}
	proof, err := o.Prove(t.Context(), receipt.Number, "000000", "192.0.2.2")
	require.NoError(t, err)
	assert.Equal(t, CodeTooManyTries, proof.Refused.Code)
}

func TestAnAnswerIsReadOnce(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, complaint())
	require.NoError(t, o.store.Record(t.Context(), contract.Record{Number: receipt.Number, State: contract.State{
		Rev: 1, Stage: ticket.Answered, Answer: contract.AnswerMail{Message: 7, Sent: 1}}}))
	for range 3 {
		_, err := o.AnswerRead(t.Context(), receipt.Number, 7)
		require.NoError(t, err)
	}
	_, err := o.AnswerRead(t.Context(), receipt.Number, 8)
	require.NoError(t, err)
	assert.Len(t, o.temporal.told, 1)
}
