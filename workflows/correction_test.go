package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// correction is a ticket about an address and a real name, claimed by li.
func correction(t *testing.T) *story {
	s := begin(t, ticket.InfoCorrection, "2026-03-02 10:00")
	s.start.Fields = []contract.FieldTask{
		{Field: "address", Level: ticket.LevelAccount},
		{Field: "real_name", Level: ticket.LevelReal, FourEyes: true},
	}
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-02 11:00", li.claims())
	return s
}

func yes(f contract.FieldName) contract.FieldDecision {
	return contract.FieldDecision{Field: f, Accept: true}
}

func no(f contract.FieldName) contract.FieldDecision {
	return contract.FieldDecision{Field: f, Reason: ticket.ReasonEvidenceMissing}
}

func partly(m int64, fields ...contract.FieldDecision) contract.Decide {
	return contract.Decide{Outcome: ticket.Partly, Reason: ticket.ReasonEvidenceMissing, Message: m, Fields: fields}
}

func TestARealNameNeedsTheStrongerProofAndASecondPerson(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := correction(t)
		s.refused("2026-03-02 11:01", li.accepts(7, yes("address"), yes("real_name")), "identity_not_strong_enough")
		s.at("2026-03-02 11:02", li.checks(ticket.LevelReal, true))
		s.refused("2026-03-02 11:03", li.checks(ticket.LevelReal, true), "already_verified")
		s.refused("2026-03-02 11:04", wang.approves(true), "nothing_to_approve")
		s.refused("2026-03-02 11:04", li.categorises(ticket.CategoryOther), "no_category")
		s.at("2026-03-02 11:05", li.accepts(7, yes("address"), yes("real_name")))
		s.refused("2026-03-02 11:06", li.approves(true), "own_decision")
		s.refused("2026-03-02 11:06", li.asks(8), "already_decided")
		s.at("2026-03-02 11:07", wang.approves(false))
		s.at("2026-03-02 11:08", li.accepts(9, yes("address"), yes("real_name")))
		s.at("2026-03-02 11:09", wang.approves(true))
		s.run()
		require.Equal(t, []string{"03-02 11:09 correct address", "03-02 11:09 correct real_name"}, s.didAtAccount())
		require.Equal(t, []contract.FieldName{"address", "real_name"}, s.last().Account.Applied)
		require.Equal(t, []string{"03-02 11:09 answer"}, s.postedOnly(contract.LetterAnswer))
		require.Equal(t, int64(9), s.last().Answer.Message)
		require.Equal(t, []string{
			"03-02 11:05 decided → lead", "03-02 11:07 approval_refused → li.wei", "03-02 11:08 decided → lead",
		}, s.called())
		require.Equal(t, []ticket.AgentID{"li.wei", "wang.fang"}, s.last().Handlers, "who approved has handled it")
	})
}

func TestAnOrdinaryFieldNeedsNoSecondPerson(t *testing.T) {
	s := correction(t)
	s.at("2026-03-02 11:05", li.decides(partly(7, yes("address"), no("real_name"))))
	s.run()
	require.Equal(t, []string{"03-02 11:05 correct address"}, s.didAtAccount())
	require.Equal(t, ticket.Partly, s.last().Outcome)
	require.Contains(t, s.happened(contract.ActDecided), "03-02 11:05 decided address:accepted by li.wei")
	require.Contains(t, s.happened(contract.ActDecided), "03-02 11:05 decided real_name:evidence_missing by li.wei")
}

func TestADecisionFitsItsFields(t *testing.T) {
	for code, d := range map[string]contract.Decide{
		"field_undecided":            partly(7, yes("address")),
		"unknown_field":              partly(7, yes("address"), no("real_name"), yes("shoe_size")),
		"reason_missing":             partly(7, yes("address"), contract.FieldDecision{Field: "real_name"}),
		"words_missing":              partly(0, yes("address"), no("real_name")),
		"unknown_choice":             {Outcome: ticket.NoReply, Message: 7, Fields: []contract.FieldDecision{yes("address"), no("real_name")}},
		"identity_not_strong_enough": {Outcome: ticket.Accepted, Message: 7, Fields: []contract.FieldDecision{yes("address"), yes("real_name")}},
		"outcome_and_fields_differ":  {Outcome: ticket.Accepted, Message: 7, Fields: []contract.FieldDecision{yes("address"), no("real_name")}},
	} {
		s := correction(t)
		s.refused("2026-03-02 11:05", li.decides(d), code)
		s.at("2026-03-02 11:06", withdraws())
		s.run()
	}
}

func TestACorrectionIsUndoneWhenOneFieldFailsForGoodAndDecidedAgain(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := correction(t)
		s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
			return contract.AccountActed{Failed: a.Act == contract.StepCorrect && a.Field == "real_name"}, nil
		}
		s.at("2026-03-02 11:02", li.checks(ticket.LevelReal, true))
		s.at("2026-03-02 11:05", li.accepts(7, yes("address"), yes("real_name")))
		s.at("2026-03-02 11:09", wang.approves(true))
		s.at("2026-03-02 11:15", li.decides(partly(8, yes("address"), no("real_name"))))
		s.run()
		require.Equal(t, []string{
			"03-02 11:09 correct address", "03-02 11:09 correct real_name refused", "03-02 11:09 undo address", "03-02 11:15 correct address",
		}, s.didAtAccount())
		keys := map[contract.Step]bool{}
		for _, a := range s.acted {
			require.False(t, keys[a.Key], "each step has its own key: %s", a.Key)
			keys[a.Key] = true
		}
		require.Equal(t, []string{"03-02 11:15 answer"}, s.postedOnly(contract.LetterAnswer))
		require.Equal(t, []string{"03-02 11:09 fulfilment_failed correct"}, s.happened(contract.ActFulfilmentFailed))
		require.Equal(t, []contract.FieldName{"address"}, s.last().Account.Applied)
	})
}

func TestWhatCannotBeUndoneIsLeftToStaffByHand(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := correction(t)
		s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
			return contract.AccountActed{Failed: a.Act == contract.StepUndo || a.Field == "real_name"}, nil
		}
		s.at("2026-03-02 11:02", li.checks(ticket.LevelReal, true))
		s.at("2026-03-02 11:05", li.accepts(7, yes("address"), yes("real_name")))
		s.at("2026-03-02 11:09", wang.approves(true))
		s.at("2026-03-02 16:00", wang.ticks(contract.StepUndo))
		s.at("2026-03-02 16:01", li.claims())
		s.at("2026-03-02 16:05", li.declines(8, ticket.ReasonEvidenceMissing, no("address"), no("real_name")))
		s.run()
		require.Equal(t, []string{"03-02 16:00 correction_undone address"}, s.happened(contract.ActCorrectionUndone))
		require.Empty(t, s.last().Account.Applied)
		require.Equal(t, "03-02 16:05 refused", s.stages()[6])
	})
}

func TestACorrectionThatIsWithdrawnHalfWayIsPutBack(t *testing.T) {
	for name, undo := range map[string]contract.AccountActed{"by the account system": {}, "by hand": {Pending: true}} {
		t.Run(name, func(t *testing.T) {
			s := correction(t)
			s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
				switch {
				case a.Act == contract.StepUndo:
					return undo, nil
				case a.Field == "real_name":
					return contract.AccountActed{}, s.away("2026-03-05 10:00")
				}
				return contract.AccountActed{}, nil
			}
			s.at("2026-03-02 11:02", li.checks(ticket.LevelReal, true))
			s.at("2026-03-02 11:05", li.accepts(7, yes("address"), yes("real_name")))
			s.at("2026-03-02 11:09", wang.approves(true))
			s.refused("2026-03-02 11:10", chen.approves(true), "already_approved")
			s.at("2026-03-03 10:00", withdraws())
			if undo.Pending {
				s.at("2026-03-05 11:00", wang.ticks(contract.StepUndo))
				s.at("2026-03-05 11:01", wang.ticks(contract.StepUndo))
			}
			s.run()
			require.Equal(t, []contract.AccountStep{contract.StepCorrect, contract.StepCorrect, contract.StepUndo, contract.StepUndo}, steps(s))
			require.Equal(t, contract.FieldName("real_name"), s.acted[2].Field, "the last applied first")
			require.Empty(t, s.last().Account.Applied)
			require.Equal(t, ticket.Withdrawn, s.last().Stage)
			require.Empty(t, s.postedOnly(contract.LetterAnswer))
			require.Contains(t, s.ledger(), "03-03 10:00 stopped, stands")
		})
	}
}

func steps(s *story) (out []contract.AccountStep) {
	for _, a := range s.acted {
		out = append(out, a.Act)
	}
	return out
}

func TestACorrectionThatIsDoneIsNotWithdrawnWhileItsAnswerIsUnderWay(t *testing.T) {
	s := correction(t)
	s.post = func(o contract.MailOrder, _ int) (contract.MailResult, error) {
		if o.Letter == contract.LetterAnswer {
			return contract.MailResult{Accepted: s.now()}, s.away("2026-03-03 10:00")
		}
		return contract.MailResult{Accepted: s.now()}, nil
	}
	s.at("2026-03-02 11:05", li.decides(partly(7, yes("address"), no("real_name"))))
	s.refused("2026-03-02 12:00", withdraws(), "already_decided")
	s.run()
	require.Equal(t, "03-03 10:00 answered", s.stages()[5])
}

func TestWhatANewDecisionRefusesIsPutBackWhenTheAnswerNeverArrived(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := correction(t)
		s.post = func(o contract.MailOrder, _ int) (contract.MailResult, error) {
			return contract.MailResult{Accepted: s.now(), Refused: o.Message == 7}, nil
		}
		s.at("2026-03-02 11:05", li.decides(partly(7, yes("address"), no("real_name"))))
		s.at("2026-03-02 11:15", li.declines(8, ticket.ReasonOthersRights, no("address"), no("real_name")))
		s.run()
		require.Equal(t, []string{"03-02 11:05 correct address", "03-02 11:15 undo address"}, s.didAtAccount())
		require.Empty(t, s.last().Account.Applied)
	})
}
