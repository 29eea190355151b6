package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

func errorsIsAny(err error, of ...error) bool {
	return slices.ContainsFunc(of, func(target error) bool { return errors.Is(err, target) })
}

func TestASurveyPassesByEveryTicketThatIsNotPurged(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		var all []ticket.Number
		for range 7 {
			all = append(all, file(t, s).Number)
		}
		slices.Sort(all)
		require.NoError(t, s.Purge(ctx, all[3], noon))
		var seen []ticket.Number
		after := ticket.Number("")
		for {
			page, err := s.Survey(ctx, after, 2)
			require.NoError(t, err)
			if len(page) == 0 {
				break
			}
			for _, one := range page {
				require.Empty(t, one.Skewed)
				require.True(t, one.Ordered)
				seen = append(seen, one.Number)
			}
			after = page[len(page)-1].Number
		}
		require.Equal(t, slices.Delete(slices.Clone(all), 3, 4), seen)
		known, err := s.Known(ctx, append(all, "DSR-20261123-00000000"))
		require.NoError(t, err)
		require.Len(t, known, 7)
		require.True(t, known[all[3]])
	})
}

func TestASurveySeesARowThatWasEditedByHand(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		require.NoError(t, s.Record(ctx, aRecord(n, 1)))
		one, err := s.SurveyOf(ctx, n)
		require.NoError(t, err)
		require.Empty(t, one.Skewed)
		require.NoError(t, s.db.Model(&ticketRow{}).Where("number = ?", n).
			Updates(map[string]any{"reply_due": instantOf(noon), "assignee": "wang.fang"}).Error)
		one, err = s.SurveyOf(ctx, n)
		require.NoError(t, err)
		require.Equal(t, []string{"reply_due", "assignee"}, one.Skewed)

		require.NoError(t, s.Repaired(ctx, repairOf(t, s, n, contract.DriftProjection)))
		one, err = s.SurveyOf(ctx, n)
		require.NoError(t, err)
		require.Empty(t, one.Skewed)
		require.Equal(t, aState(1).Clock.Due, one.ReplyDue)
	})
}

func TestASurveySeesWhatTheStateNamesAndIsGone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		message, err := s.AddMessage(ctx, NewMessage{Number: n, Kind: MessageAnswer, Agent: "li.wei", At: noon, Text: "x"})
		require.NoError(t, err)
		proof, _, err := s.AddProof(ctx, n, ticket.ProofIdentity, "k", nil, noon, contract.UpdateProofSent, func(int64) []byte { return []byte("{}") })
		require.NoError(t, err)
		require.NoError(t, s.SaveAccount(ctx, n, AccountSnapshot{Ref: "a-1"}))
		r := aRecord(n, 1)
		r.State.Decision = &contract.Decision{Message: message}
		r.State.Answer.Message = message
		r.State.Proofs = []contract.Proof{{ID: proof, Kind: ticket.ProofIdentity}, {ID: 99, Done: true}}
		r.State.Account.Looked = true
		require.NoError(t, s.Record(ctx, r))
		one, err := s.SurveyOf(ctx, n)
		require.NoError(t, err)
		require.Empty(t, one.LostWords)
		require.Empty(t, one.LostProofs)
		require.False(t, one.LostAccount)
		require.Len(t, one.Pending, 1)

		for _, row := range []any{&messageRow{}, &proofRow{}} {
			require.NoError(t, s.db.Delete(row, "number = ?", n).Error)
		}
		require.NoError(t, s.db.Model(&secretRow{}).Where("number = ?", n).Update("account", nil).Error)
		one, err = s.SurveyOf(ctx, n)
		require.NoError(t, err)
		require.Equal(t, []int64{message}, one.LostWords)
		require.Equal(t, []int64{proof}, one.LostProofs)
		require.True(t, one.LostAccount)
	})
}

func TestMailsInTheAirAreThoseAWorkflowMayWaitFor(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		order := func(letter contract.Letter, no int, message int64) contract.MailOrder {
			return contract.MailOrder{Number: n, Step: contract.StepOf(letter, no), Letter: letter, To: contract.ToProved, Message: message}
		}
		asked := contract.Event{At: noon, Actor: contract.ByStaff, Agent: "sun.mei", Act: contract.ActExtensionAsked, Object: 8}
		record := func(rev int64, events []contract.Event, mails ...contract.MailOrder) {
			require.NoError(t, s.Record(ctx, contract.Record{Number: n, State: aState(rev), Events: events, Mails: mails}))
		}
		old := contract.Event{At: noon.Add(-11 * 24 * time.Hour), Actor: contract.BySystem, Act: contract.ActReminded}
		record(1, []contract.Event{old}, order(contract.LetterVerifyReminder, 1, 0))
		record(2, []contract.Event{asked}, order(contract.LetterReceipt, 2, 0), order(contract.LetterAnswer, 3, 5), order(contract.LetterAnswer, 4, 6),
			order(contract.LetterExtension, 5, 8))
		require.NoError(t, s.MailAccepted(ctx, contract.MailOrder{Number: n, Step: "answer-3"}, "m-1", noon))
		require.NoError(t, s.MailRefused(ctx, n, "answer-4", 550, noon))
		require.NoError(t, s.MailAccepted(ctx, contract.MailOrder{Number: n, Step: "extension-5"}, "m-2", noon.Add(time.Minute)))

		air, err := s.MailsInTheAir(ctx, n, noon.Add(-10*24*time.Hour))
		require.NoError(t, err)
		require.Equal(t, []contract.LetterInTheAir{
			{Order: order(contract.LetterReceipt, 2, 0)},
			{Order: order(contract.LetterAnswer, 4, 6), Settled: true, Result: contract.MailResult{Refused: true, Code: 550}},
			{Order: order(contract.LetterExtension, 5, 8), Settled: true, Result: contract.MailResult{Accepted: noon.Add(time.Minute)}, Agent: "sun.mei"},
		}, air.Letters, "what was given up, and answers that were replaced, are not in the air")

		record(3, []contract.Event{{At: noon, Actor: contract.ByStaff, Act: contract.ActExtended, Object: 8}})
		air, err = s.MailsInTheAir(ctx, n, noon.Add(-10*24*time.Hour))
		require.NoError(t, err)
		require.Len(t, air.Letters, 2, "the extension has been judged")
	})
}
