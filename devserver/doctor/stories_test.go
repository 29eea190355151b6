package doctor

import (
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// story is a ticket: how far it had come when the backup was made, what happened
// between the backup and the loss, and how it comes to its end after the restore.
type story struct {
	name   string
	before func(*office) ticket.Number // nil: it is filed after the backup
	after  func(*office, ticket.Number) ticket.Number
	end    func(*office, ticket.Number)
}

// then is what happens to a ticket that is there.
func then(do func(*office, ticket.Number)) func(*office, ticket.Number) ticket.Number {
	return func(o *office, n ticket.Number) ticket.Number { do(o, n); return n }
}

func nothing(*office, ticket.Number) {}

// proved is a complaint that is proved.
func proved(name string) func(*office) ticket.Number {
	return func(o *office) ticket.Number {
		n := o.complaint(name)
		o.proves(n)
		return n
	}
}

func claimed(name string) func(*office) ticket.Number {
	return func(o *office) ticket.Number {
		n := proved(name)(o)
		o.claims(agent, n)
		return n
	}
}

// closes brings a ticket from wherever it stands to its end. An answer whose words a
// restore took is decided on anew.
func closes(o *office, n ticket.Number) {
	o.t.Helper()
	for o.now(n).AnsweredAt.IsZero() {
		by := agent
		if o.now(n).State.Reopened {
			by = officer
		}
		if o.now(n).State.Decision == nil {
			o.decides(by, n, ticket.Accepted)
		}
		o.approves(n)
		o.until(n, "answered, or before the agent again", func(t store.Ticket) bool {
			return !t.AnsweredAt.IsZero() || t.State.Decision == nil
		})
	}
	o.solved(n)
}

// solved ends an answered ticket.
func (o *office) solved(n ticket.Number) {
	o.t.Helper()
	if !o.now(n).State.Solved {
		o.taken(o.desk.Solved(o.t.Context(), n))
	}
	o.ended(n)
}

// ended waits for a ticket's end, and sees that what is kept of it has its Retention.
func (o *office) ended(n ticket.Number) {
	o.t.Helper()
	o.until(n, "its end", func(t store.Ticket) bool { return !t.ClosedAt.IsZero() || !t.PurgedAt.IsZero() })
	if !o.now(n).PurgedAt.IsZero() {
		return
	}
	o.eventually(func() bool {
		d, err := o.engine.DescribeWorkflowExecution(o.t.Context(), contract.RetentionID(n), "")
		return err == nil && d.WorkflowExecutionInfo.Status == enums.WORKFLOW_EXECUTION_STATUS_RUNNING
	}, "%s: nothing purges it", n)
}

func correction(onFile string, changes ...store.Change) func(*office) ticket.Number {
	return func(o *office) ticket.Number {
		n := o.account(ticket.InfoCorrection, onFile, changes...)
		o.proves(n)
		o.claims(agent, n)
		return n
	}
}

// confirmed is a cancellation whose person has done all that is asked of them.
func confirmed(onFile string) func(*office) ticket.Number {
	return func(o *office) ticket.Number {
		n := unconfirmed(onFile)(o)
		o.taken(o.desk.Confirm(o.t.Context(), n))
		o.claims(agent, n)
		return n
	}
}

func unconfirmed(onFile string) func(*office) ticket.Number {
	return func(o *office) ticket.Number {
		n := o.account(ticket.AccountCancellation, onFile)
		o.proves(n)
		o.until(n, "the consequences", func(t store.Ticket) bool { return t.State.Account.Checked && !t.State.WaitingSince.IsZero() })
		return n
	}
}

func accepted(o *office, n ticket.Number) {
	o.decides(agent, n, ticket.Accepted)
	o.approves(n)
	o.answered(n)
}

// purgedEarly has the year of a retained ticket pass in a second.
func purgedEarly(o *office, n ticket.Number) {
	ctx, id := o.t.Context(), contract.RetentionID(n)
	require.NoError(o.t, o.engine.TerminateWorkflow(ctx, id, "", "the test can't wait for a year"))
	_, err := o.engine.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: contract.TaskQueue},
		contract.WorkflowRetention, contract.RetentionStart{Number: n, Until: time.Now().Add(time.Second), Account: true})
	require.NoError(o.t, err)
	o.ends(id)
	require.False(o.t, o.now(n).PurgedAt.IsZero())
}

func stories() []story {
	return []story{
		{name: "quiet", before: proved("quiet"), after: then(nothing), end: closes},
		{name: "verifying", before: func(o *office) ticket.Number { return o.complaint("verifying") },
			after: then(func(o *office, n ticket.Number) { o.proves(n) }), end: closes},
		{name: "triage", before: proved("triage"), after: then(func(o *office, n ticket.Number) {
			by := o.claims(agent, n)
			o.did(o.desk.Note(o.t.Context(), by, n, "Seen before."))
			o.did(o.desk.Categorise(o.t.Context(), by, n, ticket.CategoryMarketing))
		}), end: closes},
		{name: "asked", before: claimed("asked"), after: then(func(o *office, n ticket.Number) {
			o.did(o.desk.Ask(o.t.Context(), o.claims(agent, n), n, "Which number do you mean?"))
		}), end: func(o *office, n ticket.Number) {
			o.taken(o.desk.Reply(o.t.Context(), n, desk.Words{Text: "The one on the form."}))
			closes(o, n)
		}},
		{name: "replied", before: func(o *office) ticket.Number {
			n := claimed("replied")(o)
			o.did(o.desk.Ask(o.t.Context(), o.claims(agent, n), n, "Which number do you mean?"))
			return n
		}, after: then(func(o *office, n ticket.Number) {
			o.taken(o.desk.Reply(o.t.Context(), n, desk.Words{Text: "The one on the form."}))
		}), end: closes},
		{name: "answered", before: claimed("answered"), after: then(accepted), end: closes},
		{name: "withdrawn", before: proved("withdrawn"), after: then(func(o *office, n ticket.Number) {
			o.taken(o.desk.Withdraw(o.t.Context(), n))
			o.stage(n, ticket.Withdrawn)
			o.ends(string(n))
		}), end: func(o *office, n ticket.Number) { o.ended(n) }},
		{name: "solved", before: func(o *office) ticket.Number { n := claimed("solved")(o); accepted(o, n); return n },
			after: then(func(o *office, n ticket.Number) { o.solved(n); o.ends(string(n)) }),
			end:   func(o *office, n ticket.Number) { o.ended(n) }},
		{name: "appealed", before: func(o *office) ticket.Number {
			n := claimed("appealed")(o)
			o.decides(agent, n, ticket.Declined)
			o.answered(n)
			return n
		}, after: then(func(o *office, n ticket.Number) {
			o.taken(o.desk.NotSolved(o.t.Context(), n, desk.Words{Text: "You did have it."}))
			o.until(n, "reopened", func(t store.Ticket) bool { return t.State.Reopened })
		}), end: closes},
		{name: "filed", after: func(o *office, _ ticket.Number) ticket.Number { return claimed("filed")(o) }, end: closes},
		{name: "corrected", before: correction("zhou.ting@example.org", store.Change{Field: "address", Proposed: "9 New Street"}),
			after: then(accepted), end: closes},
		{name: "four eyes", before: func(o *office) ticket.Number {
			n := correction("liu.yang@example.org", store.Change{Field: "real_name", Proposed: "刘扬"})(o)
			o.did(o.desk.CheckIdentity(o.t.Context(), o.claims(agent, n), n, true))
			return n
		}, after: then(func(o *office, n ticket.Number) { o.decides(agent, n, ticket.Accepted) }), end: closes},
		{name: "obstacles", before: func(o *office) ticket.Number { return o.account(ticket.AccountCancellation, "wang.fang@example.com") },
			after: then(func(o *office, n ticket.Number) {
				o.proves(n)
				o.until(n, "obstacles", func(t store.Ticket) bool { return t.State.Account.Obstacles > 0 })
			}), end: func(o *office, n ticket.Number) {
				require.NoError(o.t, o.People.Settle(o.t.Context(), "u-1002"))
				o.taken(o.desk.ObstaclesSettled(o.t.Context(), n))
				o.until(n, "checked", func(t store.Ticket) bool { return t.State.Account.Checked && !t.State.WaitingSince.IsZero() })
				o.taken(o.desk.Confirm(o.t.Context(), n))
				closes(o, n)
			}},
		{name: "confirmed", before: unconfirmed("zhao.min@example.com"), after: then(func(o *office, n ticket.Number) {
			o.taken(o.desk.Confirm(o.t.Context(), n))
		}), end: closes},
		{name: "erased", before: confirmed("zhang.wei@example.com"), after: then(accepted), end: closes},
		{name: "retained", before: func(o *office) ticket.Number { n := confirmed("huang.qiang@example.com")(o); accepted(o, n); return n },
			after: then(func(o *office, n ticket.Number) { o.solved(n); o.stage(n, ticket.Retained); o.ends(string(n)) }),
			end: func(o *office, n ticket.Number) {
				o.ended(n)
				_, err := o.records.Content(o.t.Context(), n)
				require.ErrorIs(o.t, err, store.ErrLocked)
			}},
		{name: "purged", before: func(o *office) ticket.Number {
			n := confirmed("alice@example.com")(o)
			accepted(o, n)
			o.solved(n)
			o.stage(n, ticket.Retained)
			o.ends(string(n))
			return n
		}, after: then(purgedEarly), end: func(o *office, n ticket.Number) {
			require.False(o.t, o.now(n).PurgedAt.IsZero())
			_, err := o.records.Content(o.t.Context(), n)
			require.ErrorIs(o.t, err, store.ErrPurged)
		}},
	}
}

// interrupted are stories that are in the air when the loss comes: acts that were
// done at the account system and whose word was lost, and an answer that the mail
// server does not take.
func interrupted() []story {
	return []story{
		{name: "correcting", before: correction("chen.jing@example.com", store.Change{Field: "address", Proposed: "5 New Street"}),
			after: then(func(o *office, n ticket.Number) {
				o.People.LoseAnswers(1)
				o.decides(agent, n, ticket.Accepted)
				o.eventually(func() bool { return o.done(n) > 0 }, "%s: nothing was done", n)
				o.People.SetDown(true)
			}), end: closes},
		{name: "stopping", before: confirmed("bob@example.org"), after: then(func(o *office, n ticket.Number) {
			o.People.SetDown(false)
			o.People.LoseAnswers(1000)
			o.decides(agent, n, ticket.Accepted)
			o.approves(n)
			o.eventually(func() bool { return o.done(n) > 0 }, "%s: nothing was done", n)
			o.People.SetDown(true)
			o.People.LoseAnswers(0)
		}), end: closes},
		{name: "answering", before: claimed("answering"), after: then(func(o *office, n ticket.Number) {
			o.Mails.AnswerAll(451)
			o.decides(agent, n, ticket.Accepted)
			o.until(n, "the answer tried", func(store.Ticket) bool {
				mails, err := o.records.Mails(o.t.Context(), n)
				require.NoError(o.t, err)
				return mails[len(mails)-1].Letter == contract.LetterAnswer && mails[len(mails)-1].Attempts > 0
			})
		}), end: closes},
	}
}

// done counts what was done at the account system for a ticket.
func (o *office) done(n ticket.Number) (count int) {
	acts, err := o.People.Done(o.t.Context())
	require.NoError(o.t, err)
	for _, a := range acts {
		if a.Ticket == string(n) {
			count++
		}
	}
	return count
}
