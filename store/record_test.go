package store

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

func aRecord(number ticket.Number, rev int64) contract.Record {
	at := noon.Add(time.Duration(rev) * time.Minute)
	return contract.Record{Number: number, State: aState(rev),
		Events: []contract.Event{
			{At: at, Actor: contract.BySystem, Act: contract.ActStage, Code: "in_progress"},
			{At: at, Actor: contract.ByStaff, Agent: "li.wei", Act: contract.ActClaimed, Object: rev}},
		Ledger: []contract.LedgerEntry{{At: at, Event: ticket.ClockRung, Running: true, Due: noon.Add(time.Hour), Rung: ticket.RungHalf,
			Actor: contract.BySystem}},
		Mails: []contract.MailOrder{{Number: number, Step: contract.StepOf(contract.LetterQuestion, int(rev)), Letter: contract.LetterQuestion,
			To: contract.ToProved, Message: rev}},
	}
}

func TestARecordIsWrittenOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		require.NoError(t, s.Record(ctx, aRecord(n, 1)))
		require.NoError(t, s.Record(ctx, aRecord(n, 2)))
		require.NoError(t, s.Record(ctx, aRecord(n, 2)))
		events, err := s.Events(ctx, n)
		require.NoError(t, err)
		require.Len(t, events, 5)
		require.Equal(t, aRecord(n, 1).Events, events[1:3])
		require.Equal(t, aRecord(n, 2).Events, events[3:])
		ledger, err := s.Ledger(ctx, n)
		require.NoError(t, err)
		require.Equal(t, append(aRecord(n, 1).Ledger, aRecord(n, 2).Ledger...), ledger)
		mails, err := s.Mails(ctx, n)
		require.NoError(t, err)
		require.Len(t, mails, 2)
		require.Equal(t, MailPending, mails[0].Status)
		require.Zero(t, mails[0].Attempts)
		read, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		require.EqualValues(t, 2, read.Rev)
		require.False(t, read.Starting)
	})
}

func TestTheSameRecordAtOnceIsWrittenOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				if err := s.Record(ctx, aRecord(n, 1)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.Equal(t, 3, count(t, s, &eventRow{}))
		require.Equal(t, 1, count(t, s, &ledgerRow{}))
		require.Equal(t, 1, count(t, s, &mailRow{}))
	})
}

func TestTheRowSaysWhatTheStateSays(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		at := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
		st := contract.State{
			Rev: 7, Stage: ticket.Answered, Awaiting: ticket.AwaitingSubject, Category: ticket.CategoryPrivacy, Outcome: ticket.Declined,
			Reason: ticket.ReasonUnfounded, Assignee: "li.wei", Lease: contract.Lease{Number: 3, Holder: "wang.fang", Until: at(1)},
			Handlers: []ticket.AgentID{"li.wei"}, Level: ticket.LevelAccount, VerifiedAt: at(2), Appealed: true, ClosedAt: at(3),
			Clock: contract.Clock{From: noon, Due: at(4), Provisional: true, Calendar: 2, SLA: ticket.InTime, Escalation: 2,
				BreachedAt: at(5), StoppedAt: at(6)},
			Answer:  contract.AnswerMail{Message: 9, Sent: 1, Delivered: at(7)},
			Account: contract.Account{KeptUntil: at(8)},
		}
		require.NoError(t, s.Record(ctx, contract.Record{Number: n, State: st}))
		got, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		require.Equal(t, st, got.State)
		require.Equal(t, []any{st.Stage, st.Awaiting, st.Category, st.Outcome, st.Reason, st.Assignee},
			[]any{got.Stage, got.Awaiting, got.Category, got.Outcome, got.Reason, got.Assignee})
		require.Equal(t, []any{3, ticket.AgentID("wang.fang"), at(1), ticket.LevelAccount, at(2), at(3), true},
			[]any{got.LeaseNumber, got.LeaseHolder, got.LeaseUntil, got.Level, got.VerifiedAt, got.ClosedAt, got.Appealed})
		require.Equal(t, []any{at(4), true, contract.CalendarVersion(2), ticket.InTime, 2, at(5), at(6), at(7), at(8)},
			[]any{got.ReplyDue, got.Provisional, got.Calendar, got.SLA, got.Escalation, got.BreachedAt, got.StoppedAt, got.AnsweredAt, got.KeptUntil})
		open, err := s.OpenNumbers(ctx, "", 10)
		require.NoError(t, err)
		require.Empty(t, open)

		st.Rev, st.Stage, st.Answer, st.Clock.StoppedAt = 8, ticket.InProgress, contract.AnswerMail{Bounced: true}, time.Time{}
		require.NoError(t, s.Record(ctx, contract.Record{Number: n, State: st}))
		got, err = s.Ticket(ctx, n)
		require.NoError(t, err)
		require.True(t, got.AnsweredAt.IsZero(), "a bounced answer was not delivered")
		require.True(t, got.StoppedAt.IsZero())
		open, err = s.OpenNumbers(ctx, "", 10)
		require.NoError(t, err)
		require.Equal(t, []ticket.Number{n}, open)
	})
}

func TestAnEventOfItsOwnChangesNothingElse(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		before, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		shown := contract.Event{At: noon.Add(time.Hour), Actor: contract.ByStaff, Agent: "li.wei", Act: contract.ActPersonalDataShown}
		require.NoError(t, s.AppendEvent(ctx, n, shown))
		require.ErrorIs(t, s.AppendEvent(ctx, "DSR-20261123-00000000", shown), ErrNotFound)
		events, err := s.Events(ctx, n)
		require.NoError(t, err)
		require.Equal(t, shown, events[1])
		after, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		require.Equal(t, before, after)
	})
}

func TestAMailThatIsSettledStaysSo(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		order := contract.MailOrder{Number: n, Step: "answer-1", Letter: contract.LetterAnswer, To: contract.ToProved, Message: 5, Due: noon}
		_, err := s.MailOf(ctx, n, order.Step)
		require.ErrorIs(t, err, ErrNotFound)
		mail, err := s.TryMail(ctx, order, noon)
		require.NoError(t, err)
		require.Equal(t, 1, mail.Attempts)
		require.NoError(t, s.MailDeferred(ctx, n, order.Step, 451, noon.Add(time.Second)))
		mail, err = s.TryMail(ctx, order, noon.Add(time.Minute))
		require.NoError(t, err)
		require.Equal(t, []any{2, 451, MailPending, noon.Add(time.Minute), noon}, []any{mail.Attempts, mail.LastCode, mail.Status, mail.LastTriedAt, mail.QueuedAt})
		require.NoError(t, s.MailAccepted(ctx, contract.MailOrder{Number: n, Step: order.Step}, "<a@desk>", noon.Add(2*time.Minute)))
		require.NoError(t, s.MailRefused(ctx, n, order.Step, 550, noon.Add(time.Hour)))
		mail, err = s.TryMail(ctx, order, noon.Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, []any{2, MailAccepted, "<a@desk>", noon.Add(2 * time.Minute), int64(5)},
			[]any{mail.Attempts, mail.Status, mail.MessageID, mail.AcceptedAt, mail.Message})

		require.NoError(t, s.MarkStaffMailSent(ctx, n, "half-1", "li.wei", noon))
		require.NoError(t, s.MarkStaffMailSent(ctx, n, "half-1", "li.wei", noon))
		sent, err := s.StaffMailSent(ctx, n, "half-1", "li.wei")
		require.NoError(t, err)
		require.True(t, sent)
		sent, err = s.StaffMailSent(ctx, n, "half-1", "wang.fang")
		require.NoError(t, err)
		require.False(t, sent)
	})
}
