package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// What managers see in the Temporal UI: the current details of the workflow, and
// search attributes to filter by.

// shown is what the search attributes say now: only what changed is written
// again, since each write is an event of the history.
type shown struct {
	stage      ticket.Stage
	sla        ticket.SLAState
	due        time.Time
	assignee   ticket.AgentID
	escalation int
	unsure     bool // they may say anything: write all of them
}

func (t *handling) show(ctx workflow.Context) {
	workflow.SetCurrentDetails(t.ctx, t.details())
	now := shown{stage: t.s.Stage, sla: t.s.Clock.SLA, due: t.s.Clock.Due, assignee: t.s.Assignee, escalation: t.s.Clock.Escalation}
	was := t.shown
	t.shown = now
	var changed []temporal.SearchAttributeUpdate
	if was.unsure || now.stage != was.stage {
		changed = append(changed, contract.AttrStage.ValueSet(string(now.stage)))
	}
	if was.unsure || now.sla != was.sla {
		changed = append(changed, contract.AttrSLA.ValueSet(string(now.sla)))
	}
	if was.unsure || !now.due.Equal(was.due) {
		changed = append(changed, contract.AttrReplyDue.ValueSet(now.due))
	}
	if was.unsure || now.assignee != was.assignee {
		if now.assignee == ticket.Nobody {
			changed = append(changed, contract.AttrAssignee.ValueUnset())
		} else {
			changed = append(changed, contract.AttrAssignee.ValueSet(string(now.assignee)))
		}
	}
	if was.unsure || now.escalation != was.escalation {
		changed = append(changed, contract.AttrEscalation.ValueSet(int64(now.escalation)))
	}
	if len(changed) == 0 {
		return
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, changed...); err != nil {
		t.log.Warn("search attributes not written", "ticket", t.start.Number, "error", err)
	}
}

// details is the ticket at a glance, as Markdown.
func (t *handling) details() string {
	var b strings.Builder
	line := func(name, format string, a ...any) {
		fmt.Fprintf(&b, "| %s | %s |\n", name, fmt.Sprintf(format, a...))
	}
	fmt.Fprintf(&b, "### %s: %s\n\n| | |\n|---|---|\n", words(t.start.Kind), words(t.s.Stage))
	if t.s.Category != "" {
		line("Category", "%s", words(t.s.Category))
	}
	c := t.s.Clock
	due := c.Due.Format("Monday, 2 January 2006, 15:04 -07:00")
	if c.Provisional {
		due += " (provisional: a schedule is not published yet)"
	}
	line("Reply due", "**%s**", due)
	line("Clock", "%s%s", words(c.SLA), t.clockRemark())
	if t.s.Assignee == ticket.Nobody {
		line("Has it", "nobody")
	} else {
		line("Has it", "%s%s", t.s.Assignee, t.claimRemark())
	}
	line("Waits for", "%s", words(t.s.Awaiting))
	line("Identity", "%s", words(levelCode(t.s.Level)))
	if d := t.s.Decision; d != nil {
		approval := ""
		if d.FourEyes {
			approval = ", approval pending"
			if d.Approved != ticket.Nobody {
				approval = ", approved by " + string(d.Approved)
			}
		}
		line("Decision", "%s by %s%s", words(d.Outcome), d.By, approval)
	}
	if c.Escalation > 0 {
		acked := ""
		if c.AckedBy != "" {
			acked = ", acknowledged by a " + words(c.AckedBy)
		}
		line("Escalation", "%d%s", c.Escalation, acked)
	}
	if a := t.s.Account; a.Obstacles > 0 && !a.Checked {
		line("Obstacles", "%d", a.Obstacles)
	}
	if m := t.s.Account.Manual; m != nil {
		line("To do by hand", "%s %s", words(m.Step), m.Field)
	}
	if t.s.Appealed {
		line("Appeal", "yes: before the privacy officer")
	}
	return b.String()
}

func (t *handling) clockRemark() string {
	switch {
	case !t.s.Clock.StoppedAt.IsZero():
		return ", stopped " + t.s.Clock.StoppedAt.In(t.s.Clock.Due.Location()).Format("2006-01-02 15:04")
	case t.s.Clock.Paused():
		return ", paused"
	}
	return ""
}

func (t *handling) claimRemark() string {
	if t.s.Lease.Holder == ticket.Nobody {
		return ""
	}
	return ", at work on it"
}

// gist is what a change was, in a few words for the timeline in the Temporal UI:
// "received, code sent, stage verifying".
func gist(r contract.Record) string {
	var said []string
	say := func(what string) {
		if !slices.Contains(said, what) {
			said = append(said, what)
		}
	}
	for _, e := range r.Ledger {
		say("clock " + words(e.Event))
	}
	for _, e := range r.Events {
		if e.Act == contract.ActStage {
			say("stage " + words(e.Code))
			continue
		}
		say(words(e.Act))
	}
	if len(said) == 0 {
		return "record" // nothing but the state changed
	}
	return strings.Join(said[:min(len(said), 6)], ", ")
}

func words[T ~string](s T) string { return strings.ReplaceAll(string(s), "_", " ") }
