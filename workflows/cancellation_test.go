package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// confirmed is a cancellation whose person has done all that is asked of them.
func confirmed(t *testing.T) *story {
	s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-02 10:10", confirms())
	s.at("2026-03-03 09:30", li.claims())
	return s
}

func obstacles(n int) func() (contract.ObstaclesFound, error) {
	return func() (contract.ObstaclesFound, error) { return contract.ObstaclesFound{Count: n}, nil }
}

func TestAnAccountIsCancelledAndWhatTheLawKeepsIsPurgedOnDay365(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
		s.obstacles = obstacles(2)
		s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
			if a.Act == contract.StepErase {
				last := s.records[len(s.records)-1].State
				require.False(t, last.Account.NoReturn.IsZero(), "the point of no return is on record before the first thing is erased")
				require.True(t, last.Answer.Delivered.IsZero() && last.Answer.Message == 0)
				require.True(t, a.Until.Equal(last.Account.KeptUntil))
			}
			return contract.AccountActed{At: s.now()}, nil
		}
		s.refused("2026-03-02 10:01", settles(), "no_obstacles")
		s.refused("2026-03-02 10:01", confirms(), "not_verified_yet")
		s.at("2026-03-02 10:05", proves())
		s.refused("2026-03-02 10:06", confirms(), "obstacles_first")
		s.at("2026-03-03 09:30", li.claims())
		s.refused("2026-03-03 09:31", li.accepts(7), "not_confirmed_yet")
		s.refused("2026-03-03 09:31", li.asks(3), "not_at_this_stage")
		s.at("2026-03-04 20:00", settles()) // one is left
		s.meanwhile("2026-03-04 19:00", func() { s.obstacles = obstacles(1) })
		s.meanwhile("2026-03-05 19:00", func() { s.obstacles = obstacles(0) })
		s.at("2026-03-05 20:00", settles())
		s.refused("2026-03-05 20:01", settles(), "no_obstacles")
		s.at("2026-03-06 08:00", confirms())
		s.refused("2026-03-06 08:01", confirms(), "already_confirmed")
		s.at("2026-03-06 09:30", li.claims())
		s.at("2026-03-06 09:40", li.accepts(7))
		s.run()

		require.Equal(t, []string{
			"03-02 10:00 received", "03-02 10:00 verifying", "03-02 10:05 triage", "03-02 10:05 waiting_on_subject",
			"03-06 08:00 in_progress", "03-06 09:40 fulfilling", "03-06 09:40 answered", "03-22 00:00 closed", "04-06 00:00 retained",
		}, s.stages())
		require.Equal(t, []string{
			"03-02 10:00 receipt", "03-02 10:00 code", "03-02 10:05 obstacles", "03-04 20:00 obstacles",
			"03-05 20:00 consequences", "03-06 09:40 answer",
		}, s.posted())
		require.Equal(t, []string{
			"03-06 09:40 services_stopped", "03-06 09:40 point_of_no_return", "03-06 09:40 erased",
			"03-06 09:40 answered accepted", "03-22 00:00 closed", "04-06 00:00 retained",
		}, s.happened(contract.ActServicesStopped, contract.ActNoReturn, contract.ActErased, contract.ActAnswered, contract.ActClosed, contract.ActRetained))

		end := moment("2026-03-06 09:40").Add(365 * 24 * time.Hour)
		require.Len(t, s.kept, 1)
		require.True(t, s.kept[0].Account)
		require.WithinDuration(t, end, s.kept[0].Until, time.Second)
		require.Equal(t, []string{"03-06 09:40 stop_services", "03-06 09:40 erase", "03-06 09:40 purge"}, s.didAtAccount())
		require.WithinDuration(t, end, s.acted[2].at, time.Second, "it outlives the ticket's workflow")
		require.Len(t, s.purged, 1)
		require.WithinDuration(t, end, s.purged[0], time.Second)
	})
}

func TestNothingIsErasedOnSilence(t *testing.T) {
	t.Run("about the consequences", func(t *testing.T) {
		anyhow(t, func(t *testing.T) {
			s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
			s.at("2026-03-02 10:05", proves())
			s.at("2026-03-06 10:05", li.claims())
			s.run()
			require.Equal(t, []string{
				"03-02 10:05 consequences", "03-05 09:00 wait_reminder", "03-09 09:00 wait_reminder", "03-18 00:00 closed_no_reply",
			}, s.posted()[2:])
			require.Empty(t, s.happened(contract.ActErased))
			require.False(t, s.kept[0].Account)
		})
	})
	t.Run("about the obstacles", func(t *testing.T) {
		anyhow(t, func(t *testing.T) {
			s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
			s.obstacles = obstacles(1)
			s.at("2026-03-02 10:05", proves())
			s.at("2026-03-06 10:05", li.claims())
			s.run()
			require.Equal(t, []string{
				"03-02 10:05 obstacles", "03-05 09:00 wait_reminder", "03-09 09:00 wait_reminder", "03-18 00:00 closed_no_reply",
			}, s.posted()[2:])
		})
	})
}

func TestACancellationIsRefusedWithItsReasonWhateverItWaitsFor(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
		s.obstacles = obstacles(1)
		s.at("2026-03-02 10:05", proves())
		s.at("2026-03-03 10:00", li.claims())
		s.at("2026-03-03 10:05", li.declines(7, ticket.ReasonLegalObligation))
		s.refused("2026-03-03 10:05:10", settles(), "already_answered")
		s.run()
		require.Equal(t, []string{"03-03 10:05 in_progress", "03-03 10:05 refused", "03-19 00:00 closed"}, s.stages()[4:])
		require.Empty(t, s.didAtAccount())
	})
}

func TestACancellationIsWithdrawnUntilErasureBeginsAndNotAfter(t *testing.T) {
	t.Run("while the services are being stopped", func(t *testing.T) {
		s := confirmed(t)
		s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
			return contract.AccountActed{At: s.now()}, s.away("2026-03-05 10:00")
		}
		s.at("2026-03-03 09:40", li.accepts(7))
		s.at("2026-03-04 10:00", withdraws())
		s.refused("2026-03-04 10:01", withdraws(), "ticket_ended")
		s.refused("2026-03-04 10:01", li.notes(1), "ticket_ended")
		s.run()
		require.Equal(t, ticket.Withdrawn, s.last().Stage)
		require.Len(t, s.didAtAccount(), 1, "services stopped, nothing erased")
		require.Empty(t, s.happened(contract.ActNoReturn))
		require.Equal(t, []string{"03-05 10:00 left_stopped"}, s.happened(contract.ActLeftStopped))
		require.Contains(t, s.called(), "03-05 10:00 left_stopped → li.wei, lead", "who can put them back")
		require.Contains(t, s.ledger(), "03-04 10:00 stopped, stands", "the clock stops when the person withdraws")
		require.False(t, s.kept[0].Account)
	})
	t.Run("while it is being erased", func(t *testing.T) {
		s := confirmed(t)
		s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
			if a.Act == contract.StepErase {
				return contract.AccountActed{At: s.now()}, s.away("2026-03-05 10:00")
			}
			return contract.AccountActed{At: s.now()}, nil
		}
		s.at("2026-03-03 09:40", li.accepts(7))
		s.refused("2026-03-04 10:00", withdraws(), "erasure_began")
		s.run()
		require.Equal(t, ticket.Retained, s.last().Stage)
		require.Equal(t, []string{"03-05 10:00 answer"}, s.postedOnly(contract.LetterAnswer), "said only after it was done")
	})
}

func TestAnErasureThatIsRefusedLiesWithTheAgentAndHasNoWayBack(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := confirmed(t)
		s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
			failed := a.Act == contract.StepErase && s.now().Before(moment("2026-03-04 00:00"))
			return contract.AccountActed{Failed: failed, At: s.now()}, nil
		}
		s.at("2026-03-03 09:40", li.accepts(7))
		s.at("2026-03-04 09:50", li.claims())
		s.refused("2026-03-04 09:51", li.declines(7, ticket.ReasonUnfounded), "erasure_began")
		s.refused("2026-03-04 09:52", withdraws(), "erasure_began")
		s.at("2026-03-04 09:55", li.accepts(8))
		s.run()
		require.Equal(t, []string{
			"03-03 09:40 stop_services", "03-03 09:40 erase refused", "03-04 09:55 erase", "03-03 09:40 purge",
		}, s.didAtAccount())
		require.Equal(t, "03-03 09:40 fulfilment_failed → li.wei", s.called()[0])
		require.Equal(t, []string{"03-04 09:55 answer"}, s.postedOnly(contract.LetterAnswer))
	})
}

func TestServicesThatCannotBeStoppedLieWithTheAgent(t *testing.T) {
	s := confirmed(t)
	s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
		return contract.AccountActed{}, refusedForGood()
	}
	s.at("2026-03-03 09:40", li.accepts(7))
	s.at("2026-03-03 09:50", li.declines(8, ticket.ReasonLegalObligation))
	s.run()
	require.Equal(t, []string{"03-03 09:40 fulfilment_failed stop_services"}, s.happened(contract.ActFulfilmentFailed))
	require.Equal(t, "03-03 09:50 refused", s.stages()[8])
}

func TestObstaclesThatTheAccountSystemWillNotTellAreAskedForEveryWorkingMorning(t *testing.T) {
	twice(t, func(t *testing.T) {
		s := begin(t, ticket.AccountCancellation, "2026-03-06 10:00") // a Friday
		s.obstacles = func() (contract.ObstaclesFound, error) { return contract.ObstaclesFound{}, refusedForGood() }
		s.at("2026-03-06 10:05", proves())
		s.meanwhile("2026-03-09 12:00", func() { s.obstacles = obstacles(0) })
		s.at("2026-03-10 12:00", confirms())
		s.at("2026-03-10 12:01", withdraws())
		s.run()
		require.Equal(t, []string{"03-06 10:05 fulfilment_failed → lead", "03-09 09:00 fulfilment_failed → lead"}, s.called())
		require.Equal(t, []string{"03-10 09:00 consequences"}, s.postedOnly(contract.LetterConsequences))
	})
}

func TestByHandErasureTakesTwoPersons(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := confirmed(t)
		s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
			return contract.AccountActed{Pending: a.Act != contract.StepPurge}, nil
		}
		s.refused("2026-03-03 09:35", li.ticks(contract.StepErase), "no_such_task")
		s.at("2026-03-03 09:40", li.accepts(7))
		s.refused("2026-03-03 09:41", li.ticks(contract.StepErase), "no_such_task")
		s.at("2026-03-03 09:42", li.ticks(contract.StepStopServices))
		s.at("2026-03-03 09:44", li.ticks(contract.StepErase))
		s.refused("2026-03-03 09:45", li.ticks(contract.StepErase), "second_person_needed")
		s.refused("2026-03-03 09:46", withdraws(), "erasure_began")
		s.at("2026-03-03 15:00", wang.ticks(contract.StepErase))
		s.run()
		require.Equal(t, []string{
			"03-03 09:40 task_opened stop_services", "03-03 09:42 task_ticked stop_services by li.wei", "03-03 09:42 services_stopped",
			"03-03 09:42 task_opened erase", "03-03 09:44 task_ticked erase by li.wei", "03-03 15:00 task_ticked erase by wang.fang",
			"03-03 15:00 erased",
		}, s.happened(contract.ActTaskOpened, contract.ActTaskTicked, contract.ActServicesStopped, contract.ActErased))
		require.Equal(t, []string{"03-03 15:00 answer"}, s.postedOnly(contract.LetterAnswer))
		require.Nil(t, s.last().Account.Manual)
	})
}

func TestACoolingOffTimeIsKept(t *testing.T) {
	s := confirmed(t)
	s.start.Terms.CoolingOff = 7
	s.refused("2026-03-03 09:40", li.accepts(7), "cooling_off")
	s.at("2026-03-09 11:00", li.claims())
	s.at("2026-03-09 11:01", li.accepts(7))
	s.run()
	require.Equal(t, ticket.Retained, s.last().Stage)
}

func TestAnErasedAccountMayBeAppealedAbout(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := confirmed(t)
		s.at("2026-03-03 09:40", li.accepts(7))
		s.at("2026-03-20 10:00", appeals(9))
		s.refused("2026-03-20 10:01", withdraws(), "erasure_began")
		s.at("2026-03-23 10:00", chen.claims())
		s.at("2026-03-23 10:05", chen.declines(11, ticket.ReasonAlreadyDone))
		s.run()
		require.Equal(t, []string{
			"03-19 00:00 closed", "03-20 10:00 triage", "03-23 10:00 in_progress", "03-23 10:05 refused", "04-08 00:00 closed", "04-08 00:00 retained",
		}, s.stages()[8:])
		require.Equal(t, 1, countOf(s.didAtAccount(), "03-03 09:40 erase"))
		require.WithinDuration(t, moment("2026-03-03 09:40").Add(365*24*time.Hour), s.purged[0], time.Second)
	})
}

func TestAnUpheldAppealAsksForWhatTheRefusalCutShort(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
		s.obstacles = obstacles(1)
		s.at("2026-03-02 10:05", proves())
		s.at("2026-03-03 10:00", li.claims())
		s.at("2026-03-03 10:05", li.declines(7, ticket.ReasonLegalObligation))
		s.at("2026-03-05 10:00", appeals(9))
		s.at("2026-03-06 10:00", chen.claims())
		s.meanwhile("2026-03-06 10:01", func() { s.obstacles = obstacles(0) })
		s.at("2026-03-06 10:05", chen.accepts(11))
		s.at("2026-03-07 10:00", confirms())
		s.run()
		require.Equal(t, []string{
			"03-05 10:00 triage", "03-06 10:00 in_progress", "03-06 10:05 waiting_on_subject", "03-07 10:00 in_progress",
			"03-07 10:00 fulfilling", "03-07 10:00 answered", "03-23 00:00 closed", "03-23 00:00 retained",
		}, s.stages()[6:])
		require.Equal(t, []string{"03-07 10:00 stop_services", "03-07 10:00 erase"}, s.didAtAccount()[:2])
	})
}

func countOf[T comparable](list []T, x T) (n int) {
	for _, y := range list {
		if x == y {
			n++
		}
	}
	return n
}
