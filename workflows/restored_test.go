package workflows_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// A restore cuts a run off and begins another from what the database has, as
// `rightsdesk doctor --repair` does.

const restored = "cut_off_and_taken_up_after_every_act"

// nextCut is when this run is cut off; zero: it is not.
func (s *story) nextCut(now time.Time) (cut time.Time) {
	sooner := func(at time.Time) {
		if at.After(now) && (cut.IsZero() || at.Before(cut)) {
			cut = at
		}
	}
	if s.restores {
		for _, p := range s.acts {
			if !p.done {
				sooner(p.at.Add(30 * time.Second))
			}
		}
	}
	for _, at := range s.restoreAt {
		sooner(at)
	}
	if !s.until.IsZero() && !cut.Before(s.until) {
		return time.Time{}
	}
	return cut
}

// takenUp is how the next run begins: from the last record, whose repair is on
// record before.
func (s *story) takenUp(at time.Time) contract.Start {
	s.mu.Lock() // an activity of the run that was cut off may still be at work
	defer s.mu.Unlock()
	start := s.start
	if len(s.records) == 0 {
		return start
	}
	r := contract.Record{Number: start.Number, State: copied(s.records[len(s.records)-1].Record).State}
	r.State.Rev++
	r.Events = []contract.Event{{At: at, Actor: contract.BySystem, Act: contract.ActRepaired, Code: contract.Code(contract.DriftWorkflowMissing)}}
	s.records = append(s.records, recorded{at, r})
	if s.afterCut != nil {
		s.afterCut()
	}
	resume := copied(r).State
	start.Resume, start.Recovered = &resume, true
	return start
}

// mailsInTheAir answers as the mail log does.
func (w *world) mailsInTheAir(_ context.Context, in contract.MailsOf) (air contract.MailsInTheAir, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	newest := map[contract.Letter]contract.LetterInTheAir{}
	judged := map[int64]bool{}
	for _, r := range w.records {
		for _, e := range r.Events {
			if e.Act == contract.ActExtended || e.Act == contract.ActExtensionFailed {
				judged[e.Object] = true
			}
		}
		for _, order := range r.Mails {
			letter := contract.LetterInTheAir{Order: order}
			letter.Order.Code = false
			if order.Letter == contract.LetterExtension {
				letter.Agent = sun.id
			}
			if result, sent := w.settled(order.Step); sent {
				letter.Settled, letter.Result = true, result
			} else if !r.at.Before(in.Since) && order.Letter != contract.LetterExtension {
				air.Letters = append(air.Letters, letter)
			}
			if order.Letter == contract.LetterAnswer || order.Letter == contract.LetterExtension {
				newest[order.Letter] = letter
			}
		}
	}
	if a, ok := newest[contract.LetterAnswer]; ok && a.Settled {
		air.Letters = append(air.Letters, a)
	}
	if e, ok := newest[contract.LetterExtension]; ok && !judged[e.Order.Message] {
		air.Letters = append(air.Letters, e)
	}
	return air, nil
}

// settled is what became of a letter that was accepted, or refused for good.
func (w *world) settled(step contract.Step) (contract.MailResult, bool) {
	i := slices.IndexFunc(w.letters, func(l sent) bool { return l.Step == step })
	if i < 0 {
		return contract.MailResult{}, false
	}
	return w.letters[i].result, true
}

// forgetsFailures: an account system that is asked again under the key of an act it
// refused thinks about it anew.
func (w *world) forgetsFailures() {
	w.acted = slices.DeleteFunc(w.acted, func(a actedOn) bool { return a.Failed })
}

// nothingIsDoneTwice: neither a letter nor an act at the account system, however
// often runs were cut off; and what the desk says was changed there is what was.
func (s *story) nothingIsDoneTwice() {
	s.Helper()
	steps := map[contract.Step]bool{}
	answered := map[int64]bool{}
	answers := 0
	for _, l := range s.letters {
		require.False(s, steps[l.Step], "%s was sent twice", l.Step)
		steps[l.Step] = true
		if l.Letter == contract.LetterAnswer && !l.result.Refused {
			require.False(s, answered[l.Message], "a decision was answered twice")
			answered[l.Message] = true
			answers++
		}
	}
	if len(s.records) == 0 {
		return
	}
	last := s.records[len(s.records)-1].State
	require.LessOrEqual(s, answers, last.Answer.Sent, "an answer was sent that nobody decided on")

	keys := map[contract.Step]bool{}
	var applied []contract.FieldName
	byHand := false
	for _, a := range s.acted {
		require.False(s, keys[a.Key], "%s was done twice", a.Key)
		keys[a.Key] = true
		byHand = byHand || a.Pending || a.Failed && a.Act == contract.StepUndo // staff put it back
		switch {
		case a.Failed:
		case a.Act == contract.StepCorrect:
			require.NotContains(s, applied, a.AccountAct.Field, "%s: applied twice", a.Key)
			applied = append(applied, a.AccountAct.Field)
		case a.Act == contract.StepUndo:
			require.True(s, byHand || slices.Contains(applied, a.AccountAct.Field), "%s: undone and not applied", a.Key)
			applied = slices.DeleteFunc(applied, func(f contract.FieldName) bool { return f == a.AccountAct.Field })
		}
	}
	if !byHand && last.Stage != ticket.Fulfilling {
		require.ElementsMatch(s, applied, last.Account.Applied, "what the desk says was changed is what was")
	}
}

// TestWhereverARunIsCutOffItIsTakenUp has people do things at random, as
// TestWhateverPeopleDoTheClockIsTrue does, and cuts runs off anywhere: in the
// instant of an act, while a mail server or an account system is away, half-way
// through a decision, after the ticket's end.
func TestWhereverARunIsCutOffItIsTakenUp(t *testing.T) {
	first, runs := seeds(t, 200)
	for seed := first; seed < first+runs; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			c := newChance(seed)
			s := c.story(t)
			for _, p := range s.acts {
				if c.in100(25) {
					s.restoreAt = append(s.restoreAt, p.at.Add(time.Duration(c.IntN(4))*time.Millisecond))
				}
				if c.in100(10) {
					s.restoreAt = append(s.restoreAt, c.later(p.at))
				}
			}
			s.run()
		})
	}
}

func TestAWithdrawalIsCarriedOutAfterARestore(t *testing.T) {
	s := begin(t, ticket.InfoCorrection, "2026-03-02 10:00")
	s.start.Fields = []contract.FieldTask{{Field: "address", Level: ticket.LevelAccount}, {Field: "phone", Level: ticket.LevelAccount}}
	s.act = func(a contract.AccountAct, try int) (contract.AccountActed, error) {
		if a.Field == "phone" && a.Act == contract.StepCorrect {
			return contract.AccountActed{At: s.now()}, s.away("2026-03-04 10:00") // it is done, and its word is long in coming
		}
		return contract.AccountActed{At: s.now()}, nil
	}
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-03 09:30", li.claims())
	s.at("2026-03-03 09:40", li.accepts(7, yes("address"), yes("phone")))
	s.at("2026-03-03 11:00", withdraws())
	s.restoreAt = []time.Time{moment("2026-03-03 12:00")}
	s.run()
	require.Equal(t, ticket.Withdrawn, s.last().Stage)
	require.Equal(t, []string{"03-03 09:40 correct address", "03-04 10:00 correct phone", "03-04 10:00 undo phone", "03-04 10:00 undo address"},
		s.didAtAccount())
	require.Equal(t, []string{"03-03 11:00 withdrawn withdrawn"}, s.happened(contract.ActWithdrawn), "it is on record once")
	require.Equal(t, []string{"03-04 10:00 withdrawn"}, s.postedOnly(contract.LetterWithdrawn))
}

func TestStaffGoOnByHandWhereTheyWere(t *testing.T) {
	s := confirmed(t)
	s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
		return contract.AccountActed{Pending: a.Act == contract.StepErase, At: s.now()}, nil
	}
	s.at("2026-03-03 09:40", li.accepts(7))
	s.at("2026-03-03 10:00", li.ticks(contract.StepErase))
	s.restoreAt = []time.Time{moment("2026-03-03 11:00")}
	s.refused("2026-03-03 12:00", li.ticks(contract.StepErase), "second_person_needed")
	s.at("2026-03-03 13:00", wang.ticks(contract.StepErase))
	s.at("2026-03-03 14:00", saysSolved())
	s.run()
	require.Equal(t, []string{"03-03 09:40 task_opened erase"}, s.happened(contract.ActTaskOpened), "once")
	require.Equal(t, []string{"03-03 13:00 erased"}, s.happened(contract.ActErased))
	require.True(t, s.kept[0].Account)
}

func TestMissedRemindersLeaveInTheMorningAfterARestore(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-02 10:10", li.claims())
	s.restoreAt, s.downFor = []time.Time{moment("2026-03-10 10:00")}, 9*24*time.Hour+10*time.Hour // until 19 March, 20:00
	s.breaksOff("2026-03-20 18:00")
	s.run()
	require.Equal(t, []string{"03-20 09:00 half → li.wei", "03-20 09:00 at_risk → li.wei, lead"}, s.toldOf())
}

// repaired is a repair of the ticket as it stands.
func repaired(in contract.Repair) act {
	return act{name: contract.UpdateRepair, arg: func(s *story) any { in.Rev = s.last().Rev; return in }}
}

func TestARepairHasTheRowSayWhatTheWorkflowKnows(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-02 10:10", li.claims())
	s.at("2026-03-03 10:00", repaired(contract.Repair{Drift: contract.DriftProjection}))
	s.at("2026-03-03 10:01", plain(contract.UpdateRepair, contract.Repair{Drift: contract.DriftProjection, Rev: 2})) // of another machine
	s.at("2026-03-03 10:02", repaired(contract.Repair{Drift: contract.DriftDatabaseBehind}))
	s.breaksOff("2026-03-03 11:00")
	s.run()
	require.Equal(t, []string{"03-03 10:00 repaired projection_differs"}, s.happened(contract.ActRepaired), "what was behind, the database tells itself")
	require.EqualValues(t, 6, s.last().Rev, "received, proved, claimed, the claim lost, and two repairs")
	require.Equal(t, li.id, s.last().Assignee)
}

func TestATicketWhoseWordsAreLostIsNobodysAndCanBeEnded(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-02 10:10", li.claims())
	s.meanwhile("2026-03-03 09:59", func() {
		s.post = func(contract.MailOrder, int) (contract.MailResult, error) {
			return contract.MailResult{Refused: true}, nil
		}
	})
	s.at("2026-03-03 10:00", repaired(contract.Repair{Drift: contract.DriftTicketMissing, WordsLost: true}))
	s.at("2026-03-04 10:00", chen.claims())
	s.at("2026-03-04 10:05", chen.declines(9, ticket.ReasonEvidenceMissing))
	s.run()
	require.Equal(t, []string{"03-03 10:00 repaired → privacy_officer"}, s.called()[:1])
	at := slices.IndexFunc(s.records, func(r recorded) bool { return r.State.WordsLost })
	require.Equal(t, ticket.Nobody, s.records[at].State.Assignee)
	require.Equal(t, s.records[0].State.Clock.Due, s.records[at].State.Clock.Due, "its deadline stays")
	last := s.last()
	require.Equal(t, []any{ticket.Closed, ticket.Declined, ticket.StoppedSLA}, []any{last.Stage, last.Outcome, last.Clock.SLA})
}

func TestDocumentsThatAreLostAreAskedForAgain(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.start.Relation = ticket.Guardian
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-02 10:10", plain(contract.UpdateProofSent, contract.ProofSent{Proof: 5, Kind: ticket.ProofRelation}))
	s.at("2026-03-03 10:00", repaired(contract.Repair{Drift: contract.DriftProofMissing, ProofsLost: []int64{5}}))
	s.at("2026-03-03 11:00", plain(contract.UpdateProofSent, contract.ProofSent{Proof: 6, Kind: ticket.ProofRelation}))
	s.breaksOff("2026-03-03 12:00")
	s.run()
	require.Equal(t, []string{"03-03 10:00 proof_refused relation"}, s.happened(contract.ActProofRefused))
	require.Equal(t, []string{"03-03 10:00 proof_refused"}, s.postedOnly(contract.LetterProofRefused))
}

func TestAnAccountThatIsLostIsLookedUpAgain(t *testing.T) {
	s := confirmed(t)
	looked := 0
	s.account = func() (contract.AccountFound, error) { looked++; return contract.AccountFound{Found: true}, nil }
	s.at("2026-03-03 10:00", repaired(contract.Repair{Drift: contract.DriftAccountMissing, AccountLost: true}))
	s.at("2026-03-03 11:00", li.claims())
	s.at("2026-03-03 11:10", li.accepts(7))
	s.at("2026-03-03 12:00", saysSolved())
	s.run()
	require.Equal(t, 2, looked)
	require.True(t, s.last().Account.Looked)
}
