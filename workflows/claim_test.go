package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// verified is a complaint whose person is known.
func verified(t *testing.T) *story {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.at("2026-03-02 10:05", proves())
	return s
}

func TestOfTwoAgentsWhoClaimAtOnceOneHasItAndTheOtherIsToldWho(t *testing.T) {
	s := verified(t)
	s.at("2026-03-02 11:00", li.claims())
	s.plan(moment("2026-03-02 11:00"), wang.claims(), func(refused *ticket.Error, err error) {
		require.NoError(t, err)
		require.Equal(t, "claimed_by_other", refused.Code)
		require.Equal(t, "li.wei", refused.Facts["agent"])
		require.Equal(t, "2026-03-02T03:30:00Z", refused.Facts["at"])
	})
	s.refused("2026-03-02 11:01", wang.claims(), "claimed_by_other")
	s.at("2026-03-02 11:02", li.claims()) // pressed again: the same claim, prolonged
	s.refused("2026-03-02 11:31", wang.accepts(7), "claimed_by_other")
	s.at("2026-03-02 11:31:30", li.accepts(7))
	s.at("2026-03-02 11:40", saysSolved())
	s.run()
	require.Equal(t, []string{"03-02 11:00 claimed by li.wei"}, s.happened(contract.ActClaimed))
	require.Equal(t, 1, s.last().Lease.Number)
}

func TestAClaimEndsWhenItsHolderIsAwayAndNotWhileTheyAreThere(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := verified(t)
		s.at("2026-03-02 11:00", li.claims())
		s.meanwhile("2026-03-02 11:25", func() { s.presence[li.id] = s.now() })
		s.refused("2026-03-02 11:54", wang.claims(), "claimed_by_other")
		s.refused("2026-03-02 11:56", li.asks(3), "claim_lost")
		s.at("2026-03-02 11:57", wang.claims())
		s.refused("2026-03-02 11:58", li.accepts(3), "claimed_by_other")
		s.at("2026-03-02 12:20", wang.says(contract.UpdateEscalate, 4)) // an act prolongs it
		s.refused("2026-03-02 12:45", li.claims(), "claimed_by_other")
		s.at("2026-03-02 12:51", li.claims())
		s.at("2026-03-02 12:52", withdraws())
		s.run()
		require.Equal(t, []string{
			"03-02 11:00 claimed by li.wei", "03-02 11:55 lease_lost by li.wei", "03-02 11:57 claimed by wang.fang",
			"03-02 12:50 lease_lost by wang.fang", "03-02 12:51 claimed by li.wei",
		}, s.happened(contract.ActClaimed, contract.ActLeaseLost))
		require.Equal(t, 3, s.last().Lease.Number)
	})
}

func TestAnActUnderARenewedClaimIsRefused(t *testing.T) {
	s := verified(t)
	s.at("2026-03-02 11:00", li.claims())
	s.at("2026-03-02 11:10", li.releases())
	s.refused("2026-03-02 11:11", li.releases(), "claim_lost")
	s.at("2026-03-02 11:20", li.claims())
	old := act{name: contract.UpdateDecide, arg: func(*story) any {
		return contract.Decide{By: contract.Staff{ID: li.id, Role: li.role, Lease: 1}, Outcome: ticket.Accepted, Message: 7}
	}}
	s.refused("2026-03-02 11:21", old, "claim_renewed")
	s.at("2026-03-02 11:22", withdraws())
	s.run()
}

func TestWhoGetsATicketAssignedOwnsItAndAClaimOnItEnds(t *testing.T) {
	s := verified(t)
	s.refused("2026-03-02 11:00", li.assigns(wang), "role_may_not")
	s.refused("2026-03-02 11:00", zhao.assigns(staff{}), "agent_unknown")
	s.at("2026-03-02 11:00", li.claims())
	s.at("2026-03-02 11:01", zhao.assigns(wang))
	s.refused("2026-03-02 11:02", li.asks(3), "claim_lost")
	s.refused("2026-03-02 11:03", zhao.assigns(wang), "already_assigned")
	s.at("2026-03-02 11:04", wang.claims())
	s.at("2026-03-02 11:05", zhao.assigns(zhao))
	s.at("2026-03-02 11:06", withdraws())
	s.run()
	require.Equal(t, []string{"03-02 11:01 assigned → wang.fang", "03-02 11:06 withdrawn → zhao.lei"}, s.called())
}

func TestATicketNobodyTakesIsBroughtBeforeTheLead(t *testing.T) {
	t.Run("after one working day", func(t *testing.T) {
		s := verified(t)
		s.at("2026-03-05 12:00", withdraws())
		s.run()
		require.Equal(t, []string{"03-04 09:00 unassigned → lead"}, s.toldOf())
	})
	t.Run("not when someone has it", func(t *testing.T) {
		s := verified(t)
		s.at("2026-03-04 08:59:59", li.claims())
		s.at("2026-03-05 12:00", withdraws())
		s.run()
		require.Empty(t, s.toldOf())
	})
	t.Run("not when someone takes it in that very instant", func(t *testing.T) {
		s := verified(t)
		s.at("2026-03-04 09:00", li.claims())
		s.at("2026-03-05 12:00", withdraws())
		s.run()
		require.LessOrEqual(t, len(s.toldOf()), 1)
	})
	t.Run("a working day after it was given back, however late", func(t *testing.T) {
		anyhow(t, func(t *testing.T) {
			s := verified(t)
			s.at("2026-03-02 11:00", li.claims())
			s.at("2026-03-06 10:00", li.claims())
			s.at("2026-03-06 10:10", li.releases()) // a Friday
			s.at("2026-03-11 12:00", withdraws())
			s.run()
			require.Equal(t, []string{"03-10 09:00 unassigned → lead"}, s.toldOf())
		})
	})
	t.Run("once", func(t *testing.T) {
		s := verified(t)
		s.at("2026-03-04 10:00", li.claims())
		s.at("2026-03-04 10:10", li.releases())
		s.at("2026-03-11 08:00", withdraws())
		s.run()
		require.Equal(t, []string{"03-04 09:00 unassigned → lead"}, s.toldOf())
	})
}

func TestAnAgentsCallForHelpIsHeard(t *testing.T) {
	s := verified(t)
	s.at("2026-03-02 11:00", li.claims())
	s.refused("2026-03-02 11:01", sun.acknowledges(), "nothing_to_acknowledge")
	s.at("2026-03-02 11:02", li.escalates(5))
	s.refused("2026-03-02 11:03", li.acknowledges(), "role_may_not")
	s.at("2026-03-02 11:04", withdraws())
	s.run()
	require.Equal(t, "03-02 11:02 escalated → lead, manager", s.called()[0])
}
