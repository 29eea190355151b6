package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

var qian = staff{"qian.hua", ticket.PrivacyOfficer}

// appealed is a complaint that li answered with wang's approval on 3 March, and
// that the person appealed against on the 9th, a Monday.
func appealed(t *testing.T) *story {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.start.Terms.FourEyes = true
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-03 10:00", li.claims())
	s.at("2026-03-03 10:05", li.accepts(7))
	s.at("2026-03-03 10:06", chen.approves(true))
	s.at("2026-03-09 10:00", appeals(9))
	return s
}

func TestAnAppealGoesOnceToThePrivacyOfficerWithANewClock(t *testing.T) {
	anyhow(t, func(t *testing.T) {
		s := appealed(t)
		s.refused("2026-03-09 10:01", saysSolved(), "not_answered_yet")
		s.at("2026-03-11 10:00", qian.claims())
		s.refused("2026-03-11 10:01", sun.extends(3), "extension_not_allowed")
		s.at("2026-03-11 10:05", qian.accepts(11))
		s.at("2026-03-11 10:06", wang.approves(true))
		s.refused("2026-03-12 10:00", appeals(12), "already_appealed")
		s.run()
		require.Equal(t, []string{
			"03-03 10:06 answered", "03-09 10:00 triage", "03-11 10:00 in_progress", "03-11 10:06 answered", "03-27 00:00 closed",
		}, s.stages()[4:], "closed for good after 15 days")
		require.Contains(t, s.called(), "03-09 10:00 escalated → privacy_officer")
		require.Equal(t, []string{"03-09 10:00 appeal_received"}, s.postedOnly(contract.LetterAppealReceived))
		require.Equal(t, []string{
			"03-02 10:00 started", "03-03 10:06 stopped, stands", "03-09 10:00 appeal", "03-11 09:00 rung unassigned", "03-11 10:06 stopped, stands",
		}, s.ledger())
		require.Equal(t, "03-30 23:59:59", day(s.last().Clock.Due))
	})
}

func TestWhoHandledATicketIsBarredFromItsAppeal(t *testing.T) {
	s := appealed(t)
	s.refused("2026-03-09 11:00", li.claims(), "handled_before")
	s.refused("2026-03-09 11:00", chen.claims(), "handled_before") // an officer, who approved it
	s.refused("2026-03-09 11:00", wang.claims(), "appeal_needs_officer")
	s.refused("2026-03-09 11:00", zhao.assigns(chen), "handled_before")
	s.refused("2026-03-09 11:00", zhao.assigns(wang), "appeal_needs_officer")
	s.at("2026-03-09 11:01", zhao.assigns(qian))
	s.at("2026-03-09 11:02", qian.claims())
	s.at("2026-03-09 11:05", qian.accepts(11))
	s.refused("2026-03-09 11:06", chen.approves(true), "handled_before")
	s.refused("2026-03-09 11:06", li.approves(true), "handled_before")
	s.at("2026-03-09 11:07", wang.approves(true))
	s.at("2026-03-09 12:00", saysSolved())
	s.run()
}

func TestWhoAskedThePersonHandledTheTicketToo(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-03 10:00", qian.claims())
	s.at("2026-03-03 10:01", qian.asks(3))
	s.at("2026-03-03 10:02", replies(4))
	s.at("2026-03-03 10:03", zhao.assigns(li))
	s.at("2026-03-03 10:04", li.claims())
	s.at("2026-03-03 10:05", li.accepts(7))
	s.at("2026-03-04 10:00", appeals(9))
	s.refused("2026-03-04 10:01", qian.claims(), "handled_before")
	s.at("2026-03-04 10:02", withdraws())
	s.run()
}

func TestAnAppealAgainstWhatIsSolvedIsRefused(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-03 10:00", li.claims())
	s.at("2026-03-03 10:05", li.accepts(7))
	s.at("2026-03-03 11:00", saysSolved())
	s.refused("2026-03-03 11:00", appeals(8), "already_solved")
	s.run()
}

func TestAnAppealAgainstACorrectionLeavesWhatWasAnswered(t *testing.T) {
	s := correction(t)
	s.at("2026-03-02 11:05", li.decides(partly(7, yes("address"), no("real_name"))))
	s.at("2026-03-03 10:00", appeals(9))
	s.at("2026-03-04 10:00", qian.claims())
	s.at("2026-03-04 10:05", qian.declines(11, ticket.ReasonEvidenceMissing, no("address"), no("real_name")))
	s.run()
	require.Equal(t, []string{"03-02 11:05 correct address"}, s.didAtAccount())
	require.Equal(t, []contract.FieldName{"address"}, s.last().Account.Applied)
}

func TestWhoSentADecisionBackOrCheckedAnIdentityHandledTheTicketToo(t *testing.T) {
	s := begin(t, ticket.InfoCorrection, "2026-03-02 10:00")
	s.start.Terms.FourEyes = true
	s.start.Fields = []contract.FieldTask{{Field: "real_name", Level: ticket.LevelReal, FourEyes: true}}
	s.at("2026-03-02 11:00", proves())
	s.at("2026-03-03 10:00", qian.claims())
	s.at("2026-03-03 10:01", qian.checks(ticket.LevelReal, true))
	s.at("2026-03-03 10:02", zhao.assigns(li))
	s.at("2026-03-03 10:03", li.claims())
	s.at("2026-03-03 10:05", li.accepts(7, yes("real_name")))
	s.at("2026-03-03 10:06", chen.approves(false))
	s.at("2026-03-03 10:07", li.accepts(8, yes("real_name")))
	s.at("2026-03-03 10:08", wang.approves(true))
	s.at("2026-03-04 10:00", appeals(9))
	s.refused("2026-03-04 10:01", chen.claims(), "handled_before")
	s.refused("2026-03-04 10:01", qian.claims(), "handled_before")
	s.at("2026-03-04 10:02", withdraws())
	s.run()
}
