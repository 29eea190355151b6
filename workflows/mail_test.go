package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

func TestADeadMailServerDelaysNeitherTheClockNorTheDesk(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.Complaint, "2026-03-02 10:00")
		s.post = func(contract.MailOrder, int) (contract.MailResult, error) {
			return contract.MailResult{Accepted: s.now()}, s.away("2026-03-05 10:00")
		}
		s.at("2026-03-02 10:05", proves())
		s.at("2026-03-04 10:00", li.claims())
		s.at("2026-03-04 10:05", li.asks(3))
		s.at("2026-03-04 10:10", replies(4))
		s.at("2026-03-04 10:15", li.accepts(7))
		s.refused("2026-03-04 10:16", li.asks(5), "already_decided")
		s.at("2026-03-05 11:00", saysSolved())
		s.run()
		require.Equal(t, []string{
			"03-02 10:05 triage", "03-04 10:00 in_progress", "03-04 10:05 waiting_on_subject", "03-04 10:10 in_progress",
			"03-05 10:00 answered", "03-05 11:00 closed",
		}, s.stages()[2:])
		require.Equal(t, []string{"03-04 09:00 unassigned → lead"}, s.toldOf())
		require.Len(t, s.letters, 3, "each letter leaves once it is back")
		queued := 0
		for _, r := range s.records {
			queued += len(r.Mails)
		}
		require.Equal(t, 3, queued, "and was on record as pending before")
	})
}

func TestALetterThatIsRefusedOrGivenUpIsOnRecord(t *testing.T) {
	s := begin(t, ticket.InfoCorrection, "2026-03-02 10:00")
	s.post = func(o contract.MailOrder, _ int) (contract.MailResult, error) {
		switch o.Letter {
		case contract.LetterReceipt:
			return contract.MailResult{Refused: true, Code: 550}, nil
		case contract.LetterVerified:
			return contract.MailResult{}, temporal.NewApplicationErrorWithOptions("away", "away",
				temporal.ApplicationErrorOptions{NextRetryDelay: 27 * time.Hour})
		}
		return contract.MailResult{Accepted: s.now()}, nil
	}
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-20 10:00", withdraws())
	s.run()
	require.Equal(t, []string{"03-02 10:00 mail_failed receipt", "03-11 10:05 mail_failed verified"}, s.happened(contract.ActMailFailed))
}

func TestAnAnswerThatCannotBeSentForTenDaysLiesWithTheAgent(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.post = func(o contract.MailOrder, _ int) (contract.MailResult, error) {
		if o.Message == 7 {
			return contract.MailResult{}, temporal.NewApplicationErrorWithOptions("away", "away",
				temporal.ApplicationErrorOptions{NextRetryDelay: 27 * time.Hour})
		}
		return contract.MailResult{Accepted: s.now()}, nil
	}
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-02 11:00", li.claims())
	s.at("2026-03-02 11:05", li.accepts(7))
	s.at("2026-03-13 10:00", withdraws())
	s.run()
	require.Equal(t, []string{"03-11 11:05 answer_bounced"}, s.happened(contract.ActAnswerBounced))
	require.Equal(t, "03-11 11:05 answer_bounced → li.wei", s.called()[0])
}

func TestADatabaseThatIsAwayForHoursLosesNothing(t *testing.T) {
	twice(t, func(t *testing.T) {
		s := begin(t, ticket.Complaint, "2026-03-02 10:00")
		s.database = func() error {
			if s.now().After(moment("2026-03-03 09:00")) {
				return s.away("2026-03-03 15:00")
			}
			return nil
		}
		s.at("2026-03-02 10:05", proves())
		s.at("2026-03-03 10:00", li.claims())
		s.refused("2026-03-03 10:05", wang.claims(), "claimed_by_other")
		s.at("2026-03-03 16:00", li.claims())
		s.at("2026-03-03 16:05", li.accepts(7))
		s.at("2026-03-03 17:00", saysSolved())
		s.run()
		require.Equal(t, []string{"03-03 15:00 in_progress", "03-03 16:05 answered", "03-03 17:00 closed"}, s.stages()[3:])
	})
}
