package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/devserver/mailcatcher"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// What one ticket may cost on its way to the answer when nothing goes wrong. Each
// event is written, kept for ninety days and read again by whoever replays it, and
// each mail is read by somebody: more of either wants a reason. What was reached
// when this was written stands beside it; a busy machine adds a few events, since
// what comes together on an idle one then comes one after the other.
var budgets = map[ticket.Kind]struct{ events, mails int }{
	ticket.Complaint:           {events: 60, mails: 2},  // 53
	ticket.InfoCorrection:      {events: 118, mails: 5}, // 104 to 108, of an address and a real name
	ticket.AccountCancellation: {events: 130, mails: 5}, // 116 to 122
}

func TestATicketOfEachKindStaysWithinItsBudget(t *testing.T) {
	o := openOffice(t)
	for kind, answered := range map[ticket.Kind]func(*office) ticket.Number{
		ticket.Complaint:           answeredComplaint,
		ticket.InfoCorrection:      answeredCorrection,
		ticket.AccountCancellation: answeredCancellation,
	} {
		t.Run(string(kind), func(t *testing.T) {
			o := o.in(t)
			number := answered(o)
			o.eventually(func() bool {
				now, err := o.engine.DescribeWorkflowExecution(t.Context(), string(number), "")
				require.NoError(t, err)
				return len(now.PendingActivities) == 0 && now.PendingWorkflowTask == nil
			})
			_, events, _ := o.histories()
			assert.LessOrEqual(t, events[string(number)], budgets[kind].events, "events")
			mails, err := o.Mails.Messages(t.Context(), "", 0)
			require.NoError(t, err)
			about := slices.DeleteFunc(mails, func(m mailcatcher.Message) bool { return !strings.Contains(m.Subject+m.Text, string(number)) })
			assert.LessOrEqual(t, len(about), budgets[kind].mails, "mails")
			assert.GreaterOrEqual(t, len(about), 2, "a receipt and an answer at least: they are looked for in the wrong way otherwise")
			t.Logf("%d events, %d mails", events[string(number)], len(about))
		})
	}
}

func answeredComplaint(o *office) ticket.Number {
	number := o.complaint()
	o.answers(agent, number, granted)
	return number
}

func answeredCorrection(o *office) ticket.Number {
	ctx := o.t.Context()
	number := o.account(ticket.InfoCorrection, "liu.yang@example.org",
		store.Change{Field: "address", Proposed: "9 New Street"}, store.Change{Field: "real_name", Proposed: "刘扬"})
	by := o.claims(agent, number)
	o.did(o.desk.CheckIdentity(ctx, by, number, ticket.LevelReal, true))
	o.did(o.desk.Decide(ctx, by, number, desk.Decision{Outcome: ticket.Accepted, Text: "Both have been corrected.",
		Fields: []contract.FieldDecision{{Field: "address", Accept: true}, {Field: "real_name", Accept: true}}}))
	o.did(o.desk.Approve(ctx, lead, number, true, ""))
	o.delivered(number)
	return number
}

func answeredCancellation(o *office) ticket.Number {
	number := o.account(ticket.AccountCancellation, "zhang.wei@example.com")
	o.confirms(number)
	o.answers(agent, number, granted)
	return number
}
