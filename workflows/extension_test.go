package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// extendable is a complaint under gdpr: received on 2 March 2026, it is due when
// 2 April ends in Brussels (3 April 06:00 in Shanghai), extended 2 June.
func extendable(t *testing.T) *story {
	s := beginUnder(t, "gdpr", ticket.Complaint, "2026-03-02 18:00")
	s.at("2026-03-02 18:05", proves())
	s.at("2026-03-03 18:00", li.claims())
	return s
}

func TestAnExtensionTakesEffectOnceItsNoticeIsAccepted(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := extendable(t)
		s.post = func(o contract.MailOrder, _ int) (contract.MailResult, error) {
			if o.Letter == contract.LetterExtension {
				return contract.MailResult{Accepted: s.now()}, s.away("2026-03-25 12:00")
			}
			return contract.MailResult{Accepted: s.now()}, nil
		}
		s.refused("2026-03-24 18:00", zhao.extends(5), "role_may_not")
		s.at("2026-03-24 18:01", sun.extends(5))
		s.refused("2026-03-24 18:02", sun.extends(6), "extension_under_way")
		s.refused("2026-03-26 18:00", sun.extends(6), "already_extended")
		s.at("2026-03-26 18:01", withdraws())
		s.run()
		require.Equal(t, []string{
			"03-02 18:00 started", "03-19 16:00 rung half", "03-25 12:00 extended", "03-26 18:01 stopped, stands",
		}, s.ledger())
		require.Equal(t, "06-03 05:59:59", day(s.last().Clock.Due))
		require.True(t, s.last().Clock.Extended)
	})
}

func TestAnExtensionWhoseNoticeIsRefusedChangesNothing(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := extendable(t)
		s.post = func(o contract.MailOrder, _ int) (contract.MailResult, error) {
			return contract.MailResult{Accepted: s.now(), Refused: o.Letter == contract.LetterExtension && o.Message == 5}, nil
		}
		s.at("2026-03-24 18:01", sun.extends(5))
		s.at("2026-03-24 19:00", sun.extends(6)) // it may be tried again
		s.at("2026-03-26 18:01", withdraws())
		s.run()
		require.Equal(t, []string{"03-24 18:01 extension_failed", "03-24 19:00 extended", "03-26 18:01 stopped, stands"}, s.ledger()[2:])
		require.Equal(t, "03-24 18:01 extension_failed → li.wei", s.called()[0])
	})
}

func TestAnExtensionWhoseNoticeIsAcceptedTooLateIsRolledBack(t *testing.T) {
	s := extendable(t)
	s.post = func(o contract.MailOrder, _ int) (contract.MailResult, error) {
		if o.Letter == contract.LetterExtension {
			return contract.MailResult{Accepted: s.now()}, s.away("2026-04-03 06:00")
		}
		return contract.MailResult{Accepted: s.now()}, nil
	}
	s.at("2026-04-02 18:01", sun.extends(5))
	s.refused("2026-04-03 07:00", sun.extends(6), "deadline_passed")
	s.at("2026-04-03 10:00", withdraws())
	s.run()
	require.ElementsMatch(t, []string{"04-03 06:00 breached", "04-03 06:00 extension_failed"}, s.ledger()[4:6])
	require.False(t, s.last().Clock.Extended)
}

func TestAnExtensionWhoseNoticeWasAcceptedInTimeHoldsThoughItIsHeardOfLate(t *testing.T) {
	s := extendable(t)
	s.post = func(o contract.MailOrder, _ int) (contract.MailResult, error) {
		if o.Letter == contract.LetterExtension {
			return contract.MailResult{Accepted: moment("2026-04-03 05:59:59")}, s.away("2026-04-03 06:00:20")
		}
		return contract.MailResult{Accepted: s.now()}, nil
	}
	s.at("2026-04-03 05:59:58", sun.extends(5))
	s.at("2026-04-07 18:00", withdraws())
	s.run()
	require.Equal(t, []string{
		"04-03 06:00 breached", "04-03 06:00:20 extended", "04-03 06:00:20 breach_lifted", "04-07 18:00 stopped, stands",
	}, s.ledger()[4:])
	require.Equal(t, ticket.StoppedSLA, s.last().Clock.SLA)
}

func TestAnExtensionUnderWayEndsWithItsTicket(t *testing.T) {
	s := extendable(t)
	s.post = func(o contract.MailOrder, _ int) (contract.MailResult, error) {
		if o.Letter == contract.LetterExtension {
			return contract.MailResult{Accepted: s.now()}, s.away("2026-03-27 12:00")
		}
		return contract.MailResult{Accepted: s.now()}, nil
	}
	s.at("2026-03-24 18:01", sun.extends(5))
	s.at("2026-03-25 18:01", withdraws())
	s.run()
	require.Equal(t, []string{"03-25 18:01 stopped, stands", "03-25 18:01 extension_failed, stands"}, s.ledger()[2:])
	require.Equal(t, []string{"03-27 12:00 extension"}, s.postedOnly(contract.LetterExtension))
}

func TestTheChinesePolicyAllowsNoExtension(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.refused("2026-03-02 10:01", sun.extends(5), "extension_not_allowed")
	s.at("2026-03-02 10:02", withdraws())
	s.run()
}
