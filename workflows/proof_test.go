package workflows_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

func sendsProof(id int64, kind ticket.ProofKind) act {
	return plain(contract.UpdateProofSent, contract.ProofSent{Proof: id, Kind: kind})
}

func (p staff) reviews(id int64, passed bool) act {
	return p.does(contract.UpdateReviewProof, func(by contract.Staff) any {
		return contract.ReviewProof{By: by, Proof: id, Passed: passed}
	})
}

func asksForText() act { return plain(contract.UpdateSendText, contract.Plain{}) }

// provesBy is the verdict of a verifier.
func provesBy(m ticket.Method, level ticket.Level) act {
	return plain(contract.UpdateIdentityProved, contract.IdentityProved{Verification: 9, Level: level, Method: m})
}

func TestADocumentIsLookedAtByTwoAndProvesTheRealName(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := correction(t)
		s.refused("2026-03-02 10:01", sendsProof(1, ticket.ProofIdentity), "not_verified_yet")
		s.refused("2026-03-02 10:06", sendsProof(1, ticket.ProofRelation), "proof_not_needed")
		s.at("2026-03-02 10:07", sendsProof(1, ticket.ProofIdentity))
		s.refused("2026-03-02 10:08", sendsProof(2, ticket.ProofIdentity), "proof_waits")
		s.refused("2026-03-02 11:01", li.reviews(5, true), "no_such_proof")
		s.at("2026-03-02 11:02", li.reviews(1, true))
		s.refused("2026-03-02 11:03", li.accepts(7, yes("address"), yes("real_name")), "identity_not_strong_enough")
		s.refused("2026-03-02 11:04", li.reviews(1, true), "second_person_needed")
		s.at("2026-03-02 11:05", wang.reviews(1, true))
		s.refused("2026-03-02 11:06", sun.reviews(1, false), "proof_decided")
		s.refused("2026-03-02 11:06", sendsProof(3, ticket.ProofIdentity), "already_verified")
		s.at("2026-03-02 11:07", li.accepts(7, yes("address"), yes("real_name")))
		s.at("2026-03-02 11:08", wang.approves(true))
		s.run()
		require.Equal(t, []string{"03-02 11:08 correct address", "03-02 11:08 correct real_name"}, s.didAtAccount())
		require.Equal(t, ticket.LevelReal, s.last().Level)
		require.Equal(t, []string{
			"03-02 10:07 proof_sent id_document", "03-02 11:02 proof_reviewed id_document by li.wei", "03-02 11:05 proof_accepted id_document by wang.fang",
		}, s.happened(contract.ActProofSent, contract.ActProofReviewed, contract.ActProofAccepted))
	})
}

func TestADocumentThatOneRefusesProvesNothingAndThePersonHears(t *testing.T) {
	s := correction(t)
	s.at("2026-03-02 10:07", sendsProof(1, ticket.ProofIdentity))
	s.at("2026-03-02 11:02", li.reviews(1, true))
	s.at("2026-03-02 11:05", wang.reviews(1, false))
	for i := range 5 {
		id := int64(10 + i)
		s.at(fmt.Sprintf("2026-03-02 12:%02d", 2*i), sendsProof(id, ticket.ProofIdentity))
		s.at(fmt.Sprintf("2026-03-02 12:%02d", 2*i+1), li.reviews(id, false))
	}
	s.refused("2026-03-02 12:10", sendsProof(20, ticket.ProofIdentity), "too_many_proofs")
	s.breaksOff("2026-03-02 13:00")
	s.run()
	require.Equal(t, ticket.LevelAccount, s.last().Level)
	require.Len(t, s.postedOnly(contract.LetterProofRefused), 6)
}

func TestWhoActsForSomebodyElseProvesThatTheyMay(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := begin(t, ticket.Complaint, "2026-03-02 10:00")
		s.start.Relation = ticket.Guardian
		s.at("2026-03-02 10:05", proves())
		s.at("2026-03-02 11:00", li.claims())
		s.refused("2026-03-02 11:01", li.accepts(7), "relation_not_proved")
		s.at("2026-03-02 11:02", sendsProof(1, ticket.ProofRelation))
		s.at("2026-03-02 11:03", li.reviews(1, true))
		s.refused("2026-03-02 11:04", sendsProof(2, ticket.ProofRelation), "already_verified")
		s.at("2026-03-02 11:05", li.accepts(7))
		s.run()
		require.Equal(t, ticket.Accepted, s.last().Outcome)
		require.True(t, s.last().RelationProved)
	})
}

// The deadline has passed and everybody presses: what has to be proved still has
// to be.
func TestPressingByDeadlineRelaxesNoCheck(t *testing.T) {
	s := correction(t)
	s.start.Relation = ticket.AuthorisedAgent
	s.refused("2026-06-01 10:00", li.accepts(7, yes("address"), yes("real_name")), "claim_lost")
	s.at("2026-06-01 10:01", li.claims())
	s.refused("2026-06-01 10:02", li.accepts(7, yes("address"), yes("real_name")), "relation_not_proved")
	s.at("2026-06-01 10:03", sendsProof(1, ticket.ProofRelation))
	s.at("2026-06-01 10:04", li.reviews(1, true))
	s.refused("2026-06-01 10:05", li.accepts(7, yes("address"), yes("real_name")), "identity_not_strong_enough")
	s.refused("2026-06-01 10:05", wang.approves(true), "nothing_to_approve")
	s.breaksOff("2026-06-01 11:00")
	s.run()
	require.Equal(t, ticket.Breached, s.last().Clock.SLA)
	require.Empty(t, s.didAtAccount())
}

func TestFactsAloneProveNobodyAndNoMethodProvesMoreThanItCan(t *testing.T) {
	s := begin(t, ticket.InfoCorrection, "2026-03-02 10:00")
	s.start.Fields = []contract.FieldTask{{Field: "real_name", Level: ticket.LevelReal, FourEyes: true}}
	s.refused("2026-03-02 10:01", provesBy(ticket.MethodRealName, ticket.LevelReal), "not_verified_yet")
	s.refused("2026-03-02 10:02", provesBy(ticket.MethodMailCode, ticket.LevelReal), "level_not_for_codes")
	s.refused("2026-03-02 10:02", provesBy(ticket.MethodRealName, ticket.LevelAccount), "level_not_for_codes")
	s.at("2026-03-02 10:05", provesBy(ticket.MethodSMSCode, ticket.LevelAccount))
	s.at("2026-03-02 10:06", provesBy(ticket.MethodRealName, ticket.LevelReal))
	s.breaksOff("2026-03-02 11:00")
	s.run()
	require.Equal(t, ticket.LevelReal, s.last().Level)

	s = begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.at("2026-03-02 10:05", proves())
	s.refused("2026-03-02 10:06", provesBy(ticket.MethodRealName, ticket.LevelReal), "check_not_needed")
	s.breaksOff("2026-03-02 11:00")
	s.run()
}

func TestACodeGoesToTheTelephoneOnFileWhenItIsAskedFor(t *testing.T) {
	s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
	var texts []contract.TextOrder
	s.text = func(_ context.Context, o contract.TextOrder) (contract.TextResult, error) {
		texts = append(texts, o)
		return contract.TextResult{Accepted: s.now()}, nil
	}
	s.refused("2026-03-02 10:00:30", asksForText(), "code_wait")
	s.at("2026-03-02 10:02", asksForText())
	s.refused("2026-03-02 10:03", asksForText(), "code_wait")
	s.at("2026-03-02 10:05", provesBy(ticket.MethodSMSCode, ticket.LevelAccount))
	s.breaksOff("2026-03-02 11:00")
	s.run()
	require.Len(t, texts, 1)
	require.Equal(t, ticket.LevelAccount, s.last().Level)

	s = begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.refused("2026-03-02 10:02", asksForText(), "no_code_here")
	s.breaksOff("2026-03-02 11:00")
	s.run()
}

func TestATextThatIsRefusedIsOnRecordAndHoldsNothingUp(t *testing.T) {
	s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
	s.text = func(context.Context, contract.TextOrder) (contract.TextResult, error) {
		return contract.TextResult{Refused: true}, nil
	}
	s.at("2026-03-02 10:02", asksForText())
	s.at("2026-03-02 10:05", proves())
	s.breaksOff("2026-03-02 11:00")
	s.run()
	require.Equal(t, []string{"03-02 10:02 mail_failed sms_code"}, s.happened(contract.ActMailFailed))
}

func TestErasureIsDecidedByOneAndApprovedByAnother(t *testing.T) {
	p, _, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)
	require.True(t, p.Kinds[ticket.AccountCancellation].FourEyes)
	anyhow(t, func(t *testing.T) {
		s := confirmed(t)
		s.start.Terms.FourEyes = true
		s.at("2026-03-03 09:40", li.accepts(7))
		s.refused("2026-03-03 09:41", li.approves(true), "own_decision")
		s.at("2026-03-03 10:00", wang.approves(true))
		s.run()
		require.Equal(t, []string{"03-03 10:00 stop_services", "03-03 10:00 erase", "03-03 10:00 purge"}, s.didAtAccount())
	})
}

// Whoever handled a ticket can't undo what the privacy officer answered to its
// appeal by saying that the answer came back.
func TestABounceIsReportedByWhoAnsweredOrALead(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-02 11:00", li.claims())
	s.at("2026-03-02 11:05", li.accepts(7))
	s.refused("2026-03-02 11:10", wang.sawBounce(3), "role_may_not")
	s.at("2026-03-02 12:00", appeals(4))
	s.at("2026-03-03 09:00", chen.claims())
	s.at("2026-03-03 09:05", chen.accepts(8))
	s.refused("2026-03-03 09:10", li.sawBounce(3), "role_may_not")
	s.at("2026-03-03 09:15", chen.sawBounce(3))
	s.at("2026-03-03 09:20", chen.claims())
	s.at("2026-03-03 09:25", chen.accepts(9))
	s.breaksOff("2026-03-03 10:00")
	s.run()
	require.Equal(t, int64(9), s.last().Answer.Message)
}
