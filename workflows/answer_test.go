package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// answeredOn is a complaint received on 13 February and due on 12 March.
func answeredOn(t *testing.T, claim, answer string) *story {
	s := begin(t, ticket.Complaint, "2026-02-13 10:00")
	s.at("2026-02-13 10:05", proves())
	s.at("2026-02-14 10:00", zhao.assigns(li))
	s.at(claim, li.claims())
	s.at(answer, li.accepts(7))
	return s
}

func TestAnAnswerThatTheMailServerRefusesNeverStoppedTheClock(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := answeredOn(t, "2026-03-11 10:00", "2026-03-11 10:05")
		s.post = func(o contract.MailOrder, _ int) (contract.MailResult, error) {
			return contract.MailResult{Accepted: s.now(), Refused: o.Message == 7, Code: 550}, nil
		}
		s.at("2026-03-11 10:20", li.accepts(8))
		s.at("2026-03-11 11:00", saysSolved())
		s.run()
		require.Equal(t, []string{"03-11 10:05 answer refused", "03-11 10:20 answer"}, s.postedOnly(contract.LetterAnswer))
		require.Equal(t, "03-11 10:05 answer_bounced → li.wei", s.called()[1])
		require.Equal(t, []string{"03-10 09:00 rung at_risk", "03-11 10:20 stopped, stands"}, s.ledger()[2:])
		require.Equal(t, 2, s.last().Answer.Sent)
		require.Equal(t, int64(8), s.last().Answer.Message)
	})
}

func TestAnAnswerThatBouncesLaterPutsTheTicketBackWithTheTrueStateOfTheClock(t *testing.T) {
	t.Run("in time", func(t *testing.T) {
		anyhow(t, func(t *testing.T) {
			s := answeredOn(t, "2026-03-03 10:00", "2026-03-03 10:05")
			s.refused("2026-03-03 10:04", li.sawBounce(20), "not_answered_yet")
			s.at("2026-03-05 14:00", li.sawBounce(20))
			s.refused("2026-03-05 14:01", li.sawBounce(20), "not_answered_yet")
			s.at("2026-03-05 14:30", li.claims())
			s.at("2026-03-05 14:40", li.accepts(8))
			s.at("2026-03-05 15:00", saysSolved())
			s.refused("2026-03-05 15:00", li.sawBounce(20), "already_solved")
			s.run()
			require.Equal(t, []string{
				"02-13 10:00 started", "03-03 10:05 stopped, stands", "03-05 14:00 reopened", "03-05 14:40 stopped, stands",
			}, s.ledger(), "half of the time went by meanwhile: its notice would have left the next morning")
			require.Equal(t, []string{"03-05 14:00 answer_bounced by li.wei"}, s.happened(contract.ActAnswerBounced))
			require.Equal(t, ticket.InTime, s.last().Clock.SLA)
		})
	})
	t.Run("too late", func(t *testing.T) {
		anyhow(t, func(t *testing.T) {
			s := answeredOn(t, "2026-03-12 10:00", "2026-03-12 10:05")
			s.at("2026-03-16 14:00", li.sawBounce(20))
			s.at("2026-03-18 10:00", li.claims())
			s.at("2026-03-18 10:05", li.accepts(8))
			s.at("2026-03-18 11:00", saysSolved())
			s.run()
			require.Equal(t, []string{
				"03-12 10:05 stopped, stands", "03-16 14:00 reopened", "03-16 14:00 breached",
				"03-17 09:00 rung overdue", "03-18 09:00 rung overdue", "03-18 10:05 stopped, stands",
			}, s.ledger()[4:])
			require.Equal(t, "03-13 00:00", day(s.last().Clock.BreachedAt))
			require.Equal(t, ticket.Late, s.last().Clock.SLA)
		})
	})
	t.Run("after silence closed it", func(t *testing.T) {
		anyhow(t, func(t *testing.T) {
			s := answeredOn(t, "2026-03-03 10:00", "2026-03-03 10:05")
			s.at("2026-03-20 14:00", li.sawBounce(20))
			s.at("2026-03-20 14:30", li.claims())
			s.at("2026-03-20 14:40", li.accepts(8))
			s.at("2026-03-20 15:00", saysSolved())
			s.run()
			require.Equal(t, []string{
				"03-03 10:05 answered", "03-19 00:00 closed", "03-20 14:00 in_progress", "03-20 14:40 answered", "03-20 15:00 closed",
			}, s.stages()[4:])
			require.Equal(t, "03-20 15:00", day(s.last().ClosedAt))
		})
	})
	t.Run("in the instant in which silence closes it", func(t *testing.T) {
		s := answeredOn(t, "2026-03-03 10:00", "2026-03-03 10:05")
		s.at("2026-03-19 00:00", li.sawBounce(20))
		s.at("2026-03-20 14:30", li.claims())
		s.at("2026-03-20 14:40", li.accepts(8))
		s.at("2026-03-20 15:00", saysSolved())
		s.run()
	})
}

func TestAnAnswerOpenedOnTheTrackingPageIsAnswered(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := answeredOn(t, "2026-03-12 10:00", "2026-03-12 10:05")
		s.post = func(o contract.MailOrder, _ int) (contract.MailResult, error) {
			if o.Letter == contract.LetterAnswer {
				return contract.MailResult{Refused: true}, s.away("2026-03-14 10:00")
			}
			return contract.MailResult{Accepted: s.now()}, nil
		}
		s.refused("2026-03-12 20:00", reads(6), "not_answered_yet")
		s.at("2026-03-12 20:01", reads(7))
		s.refused("2026-03-15 10:00", li.sawBounce(20), "answer_was_read")
		s.at("2026-03-15 15:00", saysSolved())
		s.run()
		require.Equal(t, "03-12 20:01 answered", s.stages()[4])
		require.Equal(t, "03-12 20:01 stopped, stands", s.ledger()[4])
		require.Equal(t, ticket.InTime, s.last().Clock.SLA)
	})
}

func TestSilenceClosesAndAnAppealIsHeardUntilDay30AndNotAfter(t *testing.T) {
	t.Run("until", func(t *testing.T) {
		anyhow(t, func(t *testing.T) {
			s := answeredOn(t, "2026-03-03 10:00", "2026-03-03 10:05")
			s.at("2026-04-02 23:59:59", appeals(9))
			s.at("2026-04-10 10:00", withdraws())
			s.run()
			require.Equal(t, []string{"03-19 00:00 closed", "04-02 23:59:59 triage", "04-10 10:00 withdrawn"}, s.stages()[5:])
		})
	})
	t.Run("not after", func(t *testing.T) {
		s := answeredOn(t, "2026-03-03 10:00", "2026-03-03 10:05")
		s.run()
		require.Equal(t, "04-03 00:00", day(s.workflowEnded), "nothing takes an appeal any more")
		require.Len(t, s.happened(contract.ActClosed), 1)
	})
	t.Run("in that instant one or the other", func(t *testing.T) {
		s := answeredOn(t, "2026-03-03 10:00", "2026-03-03 10:05")
		taken := false
		s.plan(moment("2026-04-03 00:00"), appeals(9), func(refused *ticket.Error, err error) {
			require.NoError(t, err)
			taken = refused == nil
		})
		s.plan(moment("2026-04-08 10:00"), withdraws(), func(refused *ticket.Error, err error) { require.Nil(t, refused) })
		s.run()
		require.Equal(t, taken, s.last().Reopened)
	})
}
