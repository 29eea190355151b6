package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// What is in the air at each stage when a run is cut off.

func cutOff(s *story, when ...string) {
	for _, w := range when {
		s.restoreAt = append(s.restoreAt, moment(w))
	}
}

// lateUntil has letters of a kind wait until a moment.
func (s *story) lateUntil(when string, letters ...contract.Letter) {
	s.post = func(o contract.MailOrder, _ int) (contract.MailResult, error) {
		for _, l := range letters {
			if o.Letter == l {
				return contract.MailResult{Accepted: s.now()}, s.away(when)
			}
		}
		return contract.MailResult{Accepted: s.now()}, nil
	}
}

// ordered is the newest letter of a kind in the mail log.
func (s *story) ordered(letter contract.Letter) (order contract.MailOrder) {
	for _, r := range s.records {
		for _, o := range r.Mails {
			if o.Letter == letter {
				order = o
			}
		}
	}
	return order
}

func TestACodeInTheAirArrivesAfterARestore(t *testing.T) {
	for kind, letter := range map[ticket.Kind]contract.Letter{
		ticket.Complaint: contract.LetterReceipt, ticket.AccountCancellation: contract.LetterCode,
	} {
		t.Run(string(kind), func(t *testing.T) {
			s := begin(t, kind, "2026-03-02 10:00")
			s.lateUntil("2026-03-02 12:00", letter)
			cutOff(s, "2026-03-02 11:00", "2026-03-02 11:30")
			s.at("2026-03-02 12:05", proves())
			s.breaksOff("2026-03-02 13:00")
			s.run()
			at := 0
			for s.letters[at].Letter != letter {
				at++
			}
			require.True(t, s.letters[at].Code, "it carries the code, which does not stand in the mail log")
			require.Equal(t, "03-02 12:00", day(s.letters[at].at))
			require.Len(t, s.happened(contract.ActCodeSent), 1)
		})
	}
}

func TestALookUpThatIsCutOffIsAskedForAgain(t *testing.T) {
	s := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
	s.account = func() (contract.AccountFound, error) {
		return contract.AccountFound{Found: true}, s.away("2026-03-02 12:00")
	}
	cutOff(s, "2026-03-02 11:00")
	s.breaksOff("2026-03-02 13:00")
	s.run()
	require.Equal(t, []string{"03-02 10:00 receipt", "03-02 12:00 code"}, s.posted())
}

func TestAnAnswerInTheAirIsSentOnceAndItsDeliveryCounts(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-02 10:10", li.claims())
	s.lateUntil("2026-03-04 10:00", contract.LetterAnswer)
	s.at("2026-03-02 10:20", li.accepts(7))
	cutOff(s, "2026-03-02 11:00", "2026-03-03 11:00")
	s.at("2026-03-05 10:00", saysSolved())
	s.run()
	require.Equal(t, []string{"03-04 10:00 answer"}, s.postedOnly(contract.LetterAnswer))
	require.Equal(t, 1, s.last().Answer.Sent)
	require.Equal(t, "03-04 10:00", day(s.last().Clock.StoppedAt))
}

func TestAnAnswerThatArrivedWhileItsTicketWasLostIsNotSentAgain(t *testing.T) {
	for name, delivered := range map[string]bool{"accepted": true, "refused": false} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, ticket.Complaint, "2026-03-02 10:00")
			s.at("2026-03-02 10:05", proves())
			s.at("2026-03-02 10:10", li.claims())
			s.lateUntil("2026-03-04 10:00", contract.LetterAnswer)
			s.at("2026-03-02 10:20", li.accepts(7))
			cutOff(s, "2026-03-03 11:00")
			// the activity of the run that was cut off went on for a moment, and entered it in the mail log
			s.afterCut = func() {
				order := s.ordered(contract.LetterAnswer)
				result := contract.MailResult{Refused: true, Code: 550}
				if delivered {
					result = contract.MailResult{Accepted: moment("2026-03-03 11:00")}
				}
				s.letters = append(s.letters, sent{at: s.now(), MailOrder: order, result: result})
			}
			s.breaksOff("2026-03-06 10:00")
			s.run()
			require.Len(t, s.postedOnly(contract.LetterAnswer), 1)
			if delivered {
				require.Equal(t, "03-03 11:00", day(s.last().Answer.Delivered))
			} else {
				require.Equal(t, []string{"03-03 11:00 answer_bounced"}, s.happened(contract.ActAnswerBounced))
				require.Equal(t, ticket.InProgress, s.last().Stage)
			}
		})
	}
}

func TestAnExtensionInTheAirTakesEffectAfterARestore(t *testing.T) {
	for name, story := range map[string]struct {
		arrives string
		want    string
	}{
		"in time":  {"2026-03-21 10:00", "03-21 10:00 extended by sun.mei"},
		"too late": {"2026-03-25 10:00", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, ticket.Complaint, "2026-03-02 10:00")
			s.start.Terms.Extension = ticket.Term{Count: 10, Unit: ticket.WorkingDay}
			s.at("2026-03-02 10:05", proves())
			s.lateUntil(story.arrives, contract.LetterExtension)
			s.at("2026-03-20 10:00", sun.extends(5))
			cutOff(s, "2026-03-20 11:00", "2026-03-20 12:00", "2026-03-26 12:00")
			s.breaksOff("2026-04-20 10:00")
			s.run()
			if story.want != "" {
				require.Equal(t, []string{story.want}, s.happened(contract.ActExtended))
				require.Empty(t, s.happened(contract.ActExtensionFailed))
				return
			}
			require.Empty(t, s.happened(contract.ActExtended))
			require.Len(t, s.happened(contract.ActExtensionFailed), 1)
		})
	}
}

func TestAnActInTheAirIsDoneOnceWhateverWasRecordedSince(t *testing.T) {
	s := confirmed(t)
	s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
		until := "2026-03-05 10:00"
		if a.Act == contract.StepErase {
			until = "2026-03-07 10:00"
		}
		return contract.AccountActed{At: s.now()}, s.away(until)
	}
	s.at("2026-03-03 09:40", li.accepts(7))
	s.at("2026-03-03 10:00", replies(4))              // tells li.wei, which numbers a notice
	cutOff(s, "2026-03-03 11:00", "2026-03-05 11:00") // before and behind the point of no return
	s.keysAsked = map[contract.Step]contract.AccountStep{}
	s.at("2026-03-08 10:00", saysSolved())
	s.run()
	require.Len(t, s.keysAsked, 3, "stop, erase and purge, each under one key: %v", s.keysAsked)
	require.Equal(t, []string{"03-05 10:00 services_stopped", "03-05 10:00 point_of_no_return", "03-07 10:00 erased"},
		s.happened(contract.ActServicesStopped, contract.ActNoReturn, contract.ActErased))
	require.Equal(t, moment("2026-03-05 10:00").AddDate(1, 0, 0).Format(time.DateOnly), s.kept[0].Until.In(shanghai).Format(time.DateOnly))
}

func TestWhatWasBeingUndoneIsNotAppliedAgainAfterARestore(t *testing.T) {
	s := correction(t)
	refuses := true
	s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
		switch {
		case a.Act == contract.StepUndo:
			return contract.AccountActed{At: s.now()}, s.away("2026-03-03 10:00")
		case a.Field == "real_name":
			return contract.AccountActed{Failed: refuses, At: s.now()}, nil
		}
		return contract.AccountActed{At: s.now()}, nil
	}
	s.at("2026-03-02 11:02", li.checks(ticket.LevelReal, true))
	s.at("2026-03-02 11:05", li.accepts(7, yes("address"), yes("real_name")))
	s.at("2026-03-02 11:09", wang.approves(true))
	cutOff(s, "2026-03-02 12:00")
	s.afterCut = func() { refuses = false; s.forgetsFailures() } // asked again it would agree
	s.at("2026-03-03 12:00", li.claims())
	s.at("2026-03-03 12:01", li.decides(contract.Decide{Outcome: ticket.Partly, Message: 8, Reason: ticket.ReasonUnfounded,
		Fields: []contract.FieldDecision{yes("address"), no("real_name")}}))
	s.meanwhile("2026-03-03 11:00", func() {
		refuses = true
		s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
			return contract.AccountActed{At: s.now()}, s.away("2026-03-04 10:00")
		}
	})
	cutOff(s, "2026-03-03 13:00")
	s.breaksOff("2026-03-05 10:00")
	s.run()
	require.Equal(t, []string{"03-03 10:00 correction_undone address"}, s.happened(contract.ActCorrectionUndone))
	require.Contains(t, s.stages(), "03-03 10:00 in_progress", "it lies with the agent")
	require.Equal(t, []contract.FieldName{"address"}, s.last().Account.Applied, "what is decided then is applied")
	require.Equal(t, ticket.Answered, s.last().Stage)
}

// What an earlier decision applied and this one refuses is put back once.
func TestWhatIsPutBackIsPutBackOnceAfterARestore(t *testing.T) {
	s := correction(t)
	s.at("2026-03-02 11:02", li.checks(ticket.LevelReal, true))
	s.at("2026-03-02 11:05", li.accepts(7, yes("address"), yes("real_name")))
	s.at("2026-03-02 11:09", wang.approves(true))
	s.at("2026-03-02 15:00", li.sawBounce(9))
	s.meanwhile("2026-03-02 15:30", func() {
		s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
			if a.Field == "address" {
				return contract.AccountActed{At: s.now()}, s.away("2026-03-03 10:00")
			}
			return contract.AccountActed{At: s.now()}, nil
		}
	})
	s.at("2026-03-02 16:00", li.claims())
	s.at("2026-03-02 16:05", li.declines(10, ticket.ReasonUnfounded, no("address"), no("real_name")))
	cutOff(s, "2026-03-02 18:00")
	s.breaksOff("2026-03-04 10:00")
	s.run()
	require.Equal(t, []string{"03-02 16:05 correction_undone real_name", "03-03 10:00 correction_undone address"},
		s.happened(contract.ActCorrectionUndone))
	require.Empty(t, s.last().Account.Applied)
	require.Equal(t, ticket.Refused, s.last().Stage)
}

func TestWhatThisDecisionAppliedIsPutBackWhenItFailsAfterARestore(t *testing.T) {
	s := correction(t)
	s.act = func(a contract.AccountAct, _ int) (contract.AccountActed, error) {
		if a.Field == "real_name" {
			return contract.AccountActed{Failed: true, At: s.now()}, s.away("2026-03-03 10:00")
		}
		return contract.AccountActed{At: s.now()}, nil
	}
	s.at("2026-03-02 11:02", li.checks(ticket.LevelReal, true))
	s.at("2026-03-02 11:05", li.accepts(7, yes("address"), yes("real_name")))
	s.at("2026-03-02 11:09", wang.approves(true))
	cutOff(s, "2026-03-02 12:00")
	s.breaksOff("2026-03-04 10:00")
	s.run()
	require.Equal(t, []string{"03-03 10:00 correction_undone address"}, s.happened(contract.ActCorrectionUndone))
	require.Empty(t, s.last().Account.Applied)
}

func TestAnAppealIsTakenUpAfterARestore(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-02 10:10", li.claims())
	s.at("2026-03-02 10:20", li.declines(7, ticket.ReasonUnfounded))
	cutOff(s, "2026-03-03 10:00") // answered
	s.at("2026-03-04 10:00", appeals(8))
	cutOff(s, "2026-03-04 12:00", "2026-03-25 10:00")
	s.refused("2026-03-05 10:00", li.claims(), "handled_before")
	s.at("2026-03-05 10:01", chen.claims())
	s.at("2026-03-05 10:05", chen.accepts(9))
	s.run()
	require.Len(t, s.happened(contract.ActAppealed), 1)
	require.Equal(t, []string{"03-04 10:00 appeal_received"}, s.postedOnly(contract.LetterAppealReceived))
	require.Equal(t, "03-21 00:00", day(s.last().ClosedAt))
}

// A ticket that has ended is cut off before its retention begins, since the mail
// that says so is on its way.
func TestARetentionBeginsAfterARestore(t *testing.T) {
	t.Run("of a withdrawn ticket", func(t *testing.T) {
		s := begin(t, ticket.Complaint, "2026-03-02 10:00")
		s.at("2026-03-02 10:05", proves())
		s.lateUntil("2026-03-04 10:00", contract.LetterWithdrawn)
		s.at("2026-03-03 10:00", withdraws())
		cutOff(s, "2026-03-03 11:00", "2026-03-03 12:00")
		s.run()
		require.Equal(t, []string{"03-04 10:00 withdrawn"}, s.postedOnly(contract.LetterWithdrawn))
		require.Len(t, s.kept, 1)
		require.WithinDuration(t, moment("2026-03-03 10:00").Add(time.Duration(s.start.Terms.Retention)*24*time.Hour), s.kept[0].Until, time.Minute)
		require.Equal(t, []string{"03-03 10:00 withdrawn withdrawn"}, s.happened(contract.ActWithdrawn))
	})
	t.Run("of one that is retained already", func(t *testing.T) {
		s := confirmed(t)
		s.at("2026-03-03 09:40", li.accepts(7))
		s.at("2026-03-03 12:00", saysSolved())
		s.run()
		again := begin(t, ticket.AccountCancellation, "2026-03-02 10:00")
		again.from, again.records = moment("2026-03-03 13:00"), s.records
		again.start = s.takenUp(again.from)
		again.records = s.records
		again.run()
		require.Len(t, again.kept, 1)
		require.Equal(t, s.kept, again.kept)
		require.Equal(t, []string{"03-03 12:00 retained"}, again.happened(contract.ActRetained))
	})
	t.Run("of a ticket whose person stayed silent", func(t *testing.T) {
		s := begin(t, ticket.Complaint, "2026-03-02 10:00")
		s.at("2026-03-02 10:05", proves())
		s.at("2026-03-03 10:00", li.claims())
		s.at("2026-03-03 10:05", li.asks(3))
		s.lateUntil("2026-03-21 10:00", contract.LetterClosedNoReply)
		cutOff(s, "2026-03-20 10:00")
		s.run()
		require.Equal(t, []string{"03-21 10:00 closed_no_reply"}, s.postedOnly(contract.LetterClosedNoReply))
		require.Len(t, s.kept, 1)
		require.Equal(t, ticket.NoReply, s.last().Outcome)
	})
}
