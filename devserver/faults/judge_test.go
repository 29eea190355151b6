package faults

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/devserver/mailcatcher"
	"rightsdesk/devserver/people"
	"rightsdesk/devserver/production"
	"rightsdesk/devserver/sampleaccounts"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// judge holds what is left against what was promised.
func (w *town) judge(ctx context.Context, led []*people.Case) {
	t := w.t
	persons, err := w.Persons(ctx)
	require.NoError(t, err)
	for _, c := range led {
		if c.Number == "" {
			continue // no receipt was ever shown, and the error has been counted
		}
		row, err := w.records.Ticket(ctx, c.Number)
		if !assert.NoError(t, err, "%s: a receipt was shown, and the ticket is gone", c.Number) {
			continue
		}
		assert.Contains(t, stagesOf(c.Aim), row.Stage, "%s %s: %v", c.Kind, c.Number, c.Acts)
		assert.False(t, row.Starting, "%s waits for its start", c.Number)
		assert.True(t, c.Due.Equal(row.ReplyDue), "%s: the receipt said %v, the ticket says %v", c.Number, c.Due, row.ReplyDue)
		w.onceAtTheAccount(c, row, persons)
		w.neverMailedAfterAcceptance(ctx, c)
	}
	w.onceFiled(ctx, led)
	require.NoError(t, production.AwaitSettled(ctx, w.records))
	out, err := w.Run(ctx, "audit", "verify")
	assert.NoError(t, err, "the audit trail: %s", out)
	out, err = w.Run(ctx, "doctor")
	assert.NoError(t, err, "tickets and their workflows: %s", out)
}

// stagesOf are where a case may stand once its people have what they came for.
func stagesOf(aim people.Aim) []ticket.Stage {
	switch aim {
	case people.Sent, people.Filed:
		return []ticket.Stage{ticket.Verifying}
	case people.Verified:
		return []ticket.Stage{ticket.Triage, ticket.WaitingOnSubject}
	case people.Asked:
		return []ticket.Stage{ticket.WaitingOnSubject}
	case people.Answered:
		return []ticket.Stage{ticket.Answered}
	case people.Refused:
		return []ticket.Stage{ticket.Refused}
	case people.Closed:
		return []ticket.Stage{ticket.Closed, ticket.Retained}
	case people.Withdrawn:
		return []ticket.Stage{ticket.Withdrawn}
	case people.Decided:
	}
	return nil
}

// onceAtTheAccount: what was decided was carried out once, and nothing else was.
func (w *town) onceAtTheAccount(c *people.Case, row store.Ticket, persons map[string]sampleaccounts.Person) {
	if c.Account() == "" {
		return
	}
	want := []string{}
	if row.Outcome == ticket.Accepted || row.State.Decision != nil && row.State.Decision.Outcome == ticket.Accepted {
		switch c.Kind {
		case ticket.AccountCancellation:
			want = []string{"stop-services", "erase"}
		case ticket.InfoCorrection:
			want = []string{"correct"}
		case ticket.Complaint:
		}
	}
	assert.Equal(w.t, want, persons[c.Account()].Acts, "%s: acts at the account", c.Number)
}

// neverMailedAfterAcceptance: once a mail's acceptance is on record no further copy
// of it arrives, and what is recorded as accepted did arrive.
func (w *town) neverMailedAfterAcceptance(ctx context.Context, c *people.Case) {
	var arrived []mailcatcher.Message
	for _, to := range c.Addresses() {
		letters, err := w.office.Letters(ctx, to)
		require.NoError(w.t, err)
		arrived = append(arrived, letters...)
	}
	rows, err := w.records.Mails(ctx, c.Number)
	require.NoError(w.t, err)
	for _, row := range rows {
		if row.Status != store.MailAccepted || row.MessageID == "" {
			continue
		}
		copies := slices.DeleteFunc(slices.Clone(arrived), func(m mailcatcher.Message) bool {
			return strings.Trim(m.MessageID, "<>") != strings.Trim(row.MessageID, "<>")
		})
		assert.NotEmpty(w.t, copies, "%s: the mail %s counts as accepted and never arrived", c.Number, row.Step)
		for _, m := range copies {
			assert.False(w.t, m.Time.After(row.AcceptedAt.Add(time.Second)), "%s: the mail %s came again at %v, after its acceptance at %v",
				c.Number, row.Step, m.Time, row.AcceptedAt)
		}
	}
}

// onceFiled: there are as many tickets as receipts and requests whose receipt was
// lost on the way, never two of one request.
func (w *town) onceFiled(ctx context.Context, led []*people.Case) {
	numbers := map[ticket.Number]bool{}
	for _, c := range led {
		if c.Number != "" {
			assert.False(w.t, numbers[c.Number], "%s was given twice", c.Number)
			numbers[c.Number] = true
		}
	}
	page, err := w.records.Queue(ctx, store.Filter{Limit: 1}, time.Now())
	require.NoError(w.t, err)
	retained, err := w.records.Queue(ctx, store.Filter{Limit: 1, Stage: ticket.Retained}, time.Now())
	require.NoError(w.t, err)
	assert.Equal(w.t, len(numbers), page.Total+retained.Total, "one ticket for each request")
}
