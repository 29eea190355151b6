package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

func TestVerificationIsRemindedOfOnDays1And3And7AndExpiresAfter14(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.Complaint, "2026-03-02 22:00")
		s.at("2026-03-02 22:30", resends())
		s.at("2026-03-06 22:30", resends())
		s.run()
		require.Equal(t, []string{
			"03-03 09:00 verify_reminder", "03-05 09:00 verify_reminder", "03-09 09:00 verify_reminder", "03-17 00:00 verify_expired",
		}, s.posted(contract.LetterReceipt, contract.LetterCode))
		require.Equal(t, "03-17 00:00 verification_expired", s.stages()[2])
		require.Equal(t, ticket.Unproved, s.last().Outcome)
		require.Equal(t, ticket.StoppedSLA, s.last().Clock.SLA)
	})
}

func TestNoReminderLeavesInTheSpringFestival(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.Complaint, "2026-02-13 10:00")
		s.at("2026-02-18 10:00", resends())
		s.run()
		require.Equal(t, []string{
			"02-14 09:00 verify_reminder", // a Saturday that is made up
			"02-24 09:00 verify_reminder", // days 3 and 7 are holidays: the first morning after them, once
		}, s.postedOnly(contract.LetterVerifyReminder))
		require.Equal(t, "02-28 00:00 verification_expired", s.stages()[2])
	})
}

func TestACodeIsSentAgainAfterWaitsThatGrow(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.refused("2026-03-02 10:00:59", resends(), "code_wait")
	s.at("2026-03-02 10:01", resends())
	s.refused("2026-03-02 10:02:59", resends(), "code_wait")
	s.at("2026-03-02 10:03", resends())
	s.at("2026-03-02 10:07", resends())
	s.at("2026-03-02 10:15", resends())
	s.refused("2026-03-02 10:30", resends(), "code_wait")
	s.at("2026-03-02 10:31", resends())
	s.refused("2026-03-02 20:00", resends(), "too_many_codes")
	s.at("2026-03-02 20:05", proves())
	s.refused("2026-03-02 20:06", resends(), "already_verified")
	s.refused("2026-03-02 20:06", proves(), "already_verified")
	s.at("2026-03-02 20:07", withdraws())
	s.run()
	require.Len(t, s.postedOnly(contract.LetterCode), 5, "and the first came with the receipt")
}

func TestTheCodeGoesToTheContactOnFileWhereAnAccountIsTouched(t *testing.T) {
	for kind, to := range map[ticket.Kind]contract.Recipient{
		ticket.Complaint: contract.ToTyped, ticket.AccountCancellation: contract.ToOnFile, ticket.InfoCorrection: contract.ToOnFile,
	} {
		s := begin(t, kind, "2026-03-02 10:00")
		s.at("2026-03-04 10:00", withdraws())
		s.run()
		i := slices.IndexFunc(s.letters, func(l sent) bool { return l.Code })
		require.Equal(t, to, s.letters[i].To, kind)
		require.Equal(t, contract.LetterVerifyReminder, s.letters[i+1].Letter)
		require.Equal(t, to, s.letters[i+1].To, kind)
	}
}

func TestWhetherThereIsAnAccountShowsNowhere(t *testing.T) {
	tell := func(found bool) *story {
		s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
		s.account = func() (contract.AccountFound, error) { return contract.AccountFound{Found: found}, nil }
		s.run()
		return s
	}
	there, not := tell(true), tell(false)
	require.Equal(t, there.stages(), not.stages())
	require.Equal(t, there.posted(), not.posted())
}

func TestACodeProvesNoMoreThanItsLevel(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.refused("2026-03-02 10:01", plain(contract.UpdateIdentityProved, contract.IdentityProved{Level: ticket.LevelReal}), "level_not_for_codes")
	s.at("2026-03-02 10:02", li.claims())
	s.refused("2026-03-02 10:03", li.accepts(7), "not_verified_yet")
	s.refused("2026-03-02 10:03", li.asks(7), "not_verified_yet")
	s.refused("2026-03-02 10:03", li.checks(ticket.LevelReal, true), "not_verified_yet")
	s.at("2026-03-02 10:04", proves())
	s.refused("2026-03-02 10:05", li.checks(ticket.LevelReal, true), "check_not_needed")
	s.at("2026-03-02 10:06", withdraws())
	s.run()
	require.Equal(t, []string{"03-02 10:04 verified → li.wei", "03-02 10:06 withdrawn → li.wei"}, s.called())
	require.Equal(t, []string{"03-02 10:04 in_progress", "03-02 10:06 withdrawn"}, s.stages()[2:], "claimed before: no triage")
}

func TestWhoDoesNotProveThemselvesMayBeRefusedInTime(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
		s.at("2026-03-04 10:00", li.claims())
		s.refused("2026-03-04 10:01", li.declines(7, ticket.ReasonUnfounded), "not_verified_yet")
		s.at("2026-03-04 10:02", li.declines(7, ticket.ReasonNotVerified))
		s.run()
		require.Equal(t, []string{"03-04 10:02 in_progress", "03-04 10:02 refused", "03-20 00:00 closed"}, s.stages()[2:])
		require.Empty(t, s.didAtAccount())
	})
}

func TestAnAccountSystemThatIsAwayHoldsUpNeitherClockNorDesk(t *testing.T) {
	away := func(s *story, until string) {
		s.account = func() (contract.AccountFound, error) { return contract.AccountFound{Found: true}, s.away(until) }
	}
	t.Run("the code leaves when it is back", func(t *testing.T) {
		s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
		away(s, "2026-03-20 10:00")
		s.at("2026-03-20 12:00", proves())
		s.at("2026-03-20 12:01", withdraws())
		s.run()
		require.Contains(t, s.toldOf(), "03-04 09:00 unassigned → lead")
		require.Len(t, s.postedOnly(contract.LetterCode), 1)
		require.Empty(t, s.postedOnly(contract.LetterVerifyReminder, contract.LetterVerifyExpired), "the days count from the code")
	})
	t.Run("the person may withdraw", func(t *testing.T) {
		s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
		away(s, "2026-05-20 10:00")
		s.at("2026-03-05 10:00", withdraws())
		s.run()
		require.Equal(t, []string{"03-05 10:00 withdrawn"}, s.stages()[1:])
	})
	t.Run("staff may decide", func(t *testing.T) {
		s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
		away(s, "2026-05-20 10:00")
		s.at("2026-03-05 10:00", li.claims())
		s.at("2026-03-05 10:01", li.declines(7, ticket.ReasonNotVerified))
		s.run()
		require.Equal(t, "03-05 10:01 refused", s.stages()[2])
		require.Empty(t, s.postedOnly(contract.LetterCode))
	})
}

func TestWhereNobodyCanBeLookedUpAnAgentChecksAndASecondApproves(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
		s.account = func() (contract.AccountFound, error) { return contract.AccountFound{Manual: true}, nil }
		s.refused("2026-03-02 10:01", resends(), "no_code_here")
		s.at("2026-03-20 10:00", li.claims()) // the desk is late: it is not the person who is asked for anything
		s.at("2026-03-20 10:01", li.checks(ticket.LevelAccount, false))
		s.at("2026-03-20 10:02", li.checks(ticket.LevelAccount, true))
		s.at("2026-03-20 10:10", confirms())
		s.at("2026-03-20 10:20", li.accepts(7))
		s.refused("2026-03-20 10:21", li.approves(true), "own_decision")
		s.at("2026-03-20 11:12", wang.approves(true))
		s.run()
		require.Empty(t, s.postedOnly(contract.LetterCode, contract.LetterVerifyReminder, contract.LetterVerifyExpired))
		require.Equal(t, []string{
			"03-20 10:01 identity_refused account by li.wei", "03-20 10:02 verified account by li.wei",
		}, s.happened(contract.ActIdentityRefused, contract.ActVerified))
		require.Equal(t, []string{"03-20 11:12 stop_services", "03-20 11:12 erase"}, s.didAtAccount()[:2])
		require.Equal(t, ticket.Retained, s.last().Stage)
	})
}

func TestTheCodeIsValidFromWhenItWasSentEvenIfTheRequestCameByLetterDaysBefore(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-10 15:00")
	s.start.Channel, s.start.ReceivedAt = ticket.ChannelLetter, moment("2026-03-02 10:00")
	s.run()
	require.Equal(t, "03-25 00:00 verification_expired", s.stages()[2])
	require.Equal(t, "2026-03-23 23:59:59", s.last().Clock.Due.In(shanghai).Format(time.DateTime), "the reply clock runs from receipt")
	require.Equal(t, "03-11 09:00 unassigned → lead", s.toldOf()[0], "its morning has passed: the next one")
}
