package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

func TestAComplaintIsVerifiedTakenUpAnsweredAndClosed(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.Complaint, "2026-02-13 10:00")
		s.at("2026-02-13 10:05", proves())
		s.at("2026-02-14 09:30", li.claims())
		s.at("2026-02-14 09:40", li.accepts(7))
		s.at("2026-02-15 20:00", saysSolved())
		s.run()

		require.Equal(t, []string{
			"02-13 10:00 received", "02-13 10:00 verifying", "02-13 10:05 triage", "02-14 09:30 in_progress",
			"02-14 09:40 answered", "02-15 20:00 closed",
		}, s.stages())
		require.Equal(t, []string{
			"02-13 10:00 receipt with code", "02-14 09:40 answer",
		}, s.posted())
		require.Equal(t, []string{"02-13 10:00 started", "02-14 09:40 stopped, stands"}, s.ledger())
		require.Empty(t, s.toldOf())
		require.Equal(t, ticket.InTime, s.last().Clock.SLA)
		require.Equal(t, ticket.Accepted, s.last().Outcome)
		require.Equal(t, []ticket.AgentID{"li.wei"}, s.last().Handlers)
	})
}

func TestARefusalIsAnAnswerWithItsReason(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.Complaint, "2026-03-02 10:00")
		s.at("2026-03-02 10:05", proves())
		s.at("2026-03-03 09:30", li.claims())
		s.refused("2026-03-03 09:35", li.declines(7, ""), "reason_missing")
		s.at("2026-03-03 09:40", li.declines(7, ticket.ReasonUnfounded))
		s.run()

		require.Equal(t, "03-03 09:40 refused", s.stages()[4])
		require.Equal(t, "03-19 00:00 closed", s.stages()[5], "silence closes after 15 days")
		require.Equal(t, "03-03 09:40 answer", s.posted()[1])
		require.Equal(t, ticket.Declined, s.last().Outcome)
		require.Equal(t, ticket.ReasonUnfounded, s.last().Reason)
		require.Equal(t, ticket.InTime, s.last().Clock.SLA)
		require.Len(t, s.happened(contract.ActClosed), 1)
	})
}

func TestAQuestionIsWaitedForWithRemindersWhileTheClockRunsOn(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.Complaint, "2026-03-02 10:00")
		s.at("2026-03-02 10:05", proves())
		s.at("2026-03-02 11:00", li.claims())
		s.at("2026-03-02 11:10", li.asks(3))
		s.refused("2026-03-02 11:11", li.asks(4), "already_asked")
		s.at("2026-03-10 22:00", replies(5)) // li's claim has long ended, and the ticket is still li's
		s.refused("2026-03-11 09:00:30", li.accepts(6), "claim_lost")
		s.at("2026-03-11 09:05", li.claims())
		s.at("2026-03-11 09:10", li.accepts(6))
		s.at("2026-03-11 12:00", saysSolved())
		s.run()

		require.Equal(t, []string{
			"03-02 11:10 waiting_on_subject", "03-10 22:00 in_progress", "03-11 09:10 answered", "03-11 12:00 closed",
		}, s.stages()[4:8])
		require.Equal(t, []string{
			"03-02 11:10 question", "03-05 09:00 wait_reminder", "03-09 09:00 wait_reminder", "03-11 09:10 answer",
		}, s.posted(contract.LetterReceipt))
		require.Equal(t, []string{"03-10 22:00 replied → li.wei"}, s.called())
		require.Equal(t, []string{"03-02 10:00 started", "03-11 09:10 stopped, stands"}, s.ledger()[:2])
	})
}

func TestSilenceAfterAQuestionCloses(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.Complaint, "2026-03-02 10:00")
		s.at("2026-03-02 10:05", proves())
		s.at("2026-03-02 11:00", li.claims())
		s.at("2026-03-02 11:10", li.asks(3))
		s.run()

		require.Equal(t, "03-18 00:00 closed", s.stages()[5])
		require.Equal(t, "03-18 00:00 closed_no_reply", s.posted()[4])
		require.Equal(t, ticket.NoReply, s.last().Outcome)
		require.Equal(t, ticket.StoppedSLA, s.last().Clock.SLA, "closed by silence is not answered")
		require.Equal(t, []string{"03-18 00:00 closed no_reply"}, s.happened(contract.ActClosed))
	})
}

func TestASecurityIncidentIsBeforeThePrivacyOfficerAtOnce(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 23:00")
	s.start.Category = ticket.CategorySecurityIncident
	s.at("2026-03-03 10:00", withdraws())
	s.run()
	require.Equal(t, []string{"03-02 23:00 escalated → privacy_officer"}, s.called())

	s = begin(t, ticket.Complaint, "2026-03-02 23:00")
	s.start.Category = ticket.CategoryOther
	s.at("2026-03-02 23:05", proves())
	s.at("2026-03-03 10:00", li.claims())
	s.refused("2026-03-03 10:01", li.categorises("nonsense"), "unknown_choice")
	s.at("2026-03-03 10:02", li.categorises(ticket.CategorySecurityIncident))
	s.at("2026-03-03 10:03", li.categorises(ticket.CategorySecurityIncident))
	s.at("2026-03-03 12:00", withdraws())
	s.run()
	require.Equal(t, []string{"03-03 10:02 escalated → privacy_officer", "03-03 12:00 withdrawn → li.wei"}, s.called())
}

func TestAPersonMayWithdrawWhileTheTicketIsOpen(t *testing.T) {
	steps := []struct {
		when string
		act
	}{
		{"2026-03-02 10:05", proves()}, {"2026-03-02 11:00", li.claims()}, {"2026-03-02 11:10", li.asks(3)},
	}
	for n := range len(steps) + 1 {
		s := begin(t, ticket.Complaint, "2026-03-02 10:00")
		for _, step := range steps[:n] {
			s.at(step.when, step.act)
		}
		s.at("2026-03-02 11:11", withdraws())
		s.run()
		require.Equal(t, ticket.Withdrawn, s.last().Stage)
		require.Equal(t, ticket.PulledOut, s.last().Outcome)
		require.Equal(t, ticket.StoppedSLA, s.last().Clock.SLA)
		require.Equal(t, []string{"03-02 11:11 withdrawn"}, s.postedOnly(contract.LetterWithdrawn))
		require.Equal(t, []string{"03-02 11:11 withdrawn withdrawn"}, s.happened(contract.ActWithdrawn))
	}
}

func TestAnAnsweredTicketIsNotWithdrawnNorRepliedTo(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-02 11:00", li.claims())
	s.refused("2026-03-02 11:04", saysSolved(), "not_answered_yet")
	s.refused("2026-03-02 11:04:30", appeals(9), "not_answered_yet")
	s.refused("2026-03-02 11:04:40", confirms(), "nothing_to_confirm")
	s.at("2026-03-02 11:05", li.accepts(7))
	for _, a := range []act{withdraws(), replies(8), li.claims(), zhao.assigns(wang), li.asks(3), sun.extends(4), zhao.acknowledges()} {
		s.refused("2026-03-02 12:00", a, "already_answered")
	}
	s.at("2026-03-02 12:01", li.notes(4))
	s.at("2026-03-02 12:10", saysSolved())
	s.run()
	require.Equal(t, ticket.Closed, s.last().Stage)
}

func TestATicketWithdrawnWhileItsAnswerIsUnderWayEndsAtOnceAndWaitsForItsMails(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.Complaint, "2026-03-02 10:00")
		s.post = func(o contract.MailOrder, _ int) (contract.MailResult, error) {
			if o.Letter == contract.LetterAnswer || o.Letter == contract.LetterWithdrawn {
				return contract.MailResult{Accepted: s.now()}, s.away("2026-03-05 10:00")
			}
			return contract.MailResult{Accepted: s.now()}, nil
		}
		s.at("2026-03-02 10:05", proves())
		s.at("2026-03-02 11:00", li.claims())
		s.at("2026-03-02 11:05", li.accepts(7))
		s.at("2026-03-03 10:00", withdraws())
		s.run()
		require.Equal(t, "03-03 10:00 withdrawn", s.stages()[4])
		require.Equal(t, []string{"03-05 10:00 answer", "03-05 10:00 withdrawn"}, s.posted()[1:])
		require.Equal(t, "03-05 10:00", day(s.workflowEnded))
		require.Empty(t, s.happened(contract.ActAnswered))
	})
}

func TestThePersonsMessagesAreLimited(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.start.Messages = 2
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-02 10:06", replies(1))
	s.at("2026-03-02 10:07", replies(2))
	s.refused("2026-03-02 10:08", replies(3), "too_many_messages")
	s.at("2026-03-02 10:09", withdraws())
	s.run()
	require.Equal(t, []string{"03-02 10:07 replied → lead"}, s.called(), "the last one allowed is told")
}

func TestAnActThatComesTogetherWithTheStartIsTakenAfterTheReceipt(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.at("2026-03-02 10:00", li.claims())
	s.refused("2026-03-02 10:00", sun.extends(3), "extension_not_allowed")
	s.at("2026-03-02 10:01", withdraws())
	s.run()
	require.Equal(t, []string{"03-02 10:00 started", "03-02 10:01 stopped, stands"}, s.ledger())
	require.Equal(t, "03-02 10:00 receipt with code", s.posted()[0])
}
