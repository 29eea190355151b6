package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// mailGrace is for how long a pending letter may be between the record that ordered
// it and its sending; mailPatience is when a workflow has given it up.
const (
	mailGrace    = time.Minute
	mailPatience = 10 * 24 * time.Hour
)

// judge says how what was seen differs.
func (s sight) judge() []Finding {
	switch {
	case s.row == nil:
		return s.judgeLost()
	case !s.row.PurgedAt.IsZero():
		if s.own.running() {
			return s.findings(contract.DriftWorkflowStray)
		}
		return nil
	case s.own.running():
		return append(s.judgeRunning(), s.judgeRow()...)
	case s.row.Ordered:
		return nil // it waits to be started
	}
	return append(s.judgeEnded(), s.judgeRow()...)
}

// judgeLost is for a workflow without a ticket.
func (s sight) judgeLost() []Finding {
	switch {
	case s.standing != nil:
		return s.findings(contract.DriftTicketMissing)
	case s.silent:
		return s.findings(contract.DriftWorkflowSilent)
	case s.retention.running():
		return s.findings(contract.DriftRetentionStray)
	}
	return nil
}

// judgeRow holds the row against itself and the rows beside it.
func (s sight) judgeRow() []Finding {
	var out []Finding
	if s.noPolicy {
		out = append(out, s.finding(contract.DriftPolicyMissing, s.row.Policy.Name+" "+s.row.Policy.Version))
	}
	if len(s.row.Skewed) > 0 {
		out = append(out, s.finding(contract.DriftProjection, strings.Join(s.row.Skewed, " ")))
	}
	if s.row.Stage == ticket.Retained && s.row.LockedAt.IsZero() {
		out = append(out, s.finding(contract.DriftLockMissing, ""))
	}
	if !s.goesOn {
		return out
	}
	if len(s.row.LostWords) > 0 {
		out = append(out, s.finding(contract.DriftWordsMissing, "message "+list(s.row.LostWords)))
	}
	if s.own.running() && len(s.row.LostProofs) > 0 {
		out = append(out, s.finding(contract.DriftProofMissing, "document "+list(s.row.LostProofs)))
	}
	if s.own.running() && s.row.LostAccount {
		out = append(out, s.finding(contract.DriftAccountMissing, ""))
	}
	return out
}

// judgeRunning is for a ticket whose workflow runs.
func (s sight) judgeRunning() []Finding {
	if s.standing == nil {
		if s.silent && !s.justStarted() {
			return s.findings(contract.DriftWorkflowSilent)
		}
		return nil
	}
	w, row := s.standing, s.row
	committing := w.Changing && w.State.Rev > w.Recorded // and what it commits is refused, if the row says another thing
	ahead := row.Rev > w.State.Rev || committing && row.Rev == w.State.Rev && !same(row.State, w.State)
	switch {
	case ahead && s.cutOff() && s.at.Sub(s.row.TaskAt) < lateAfter:
		return nil // a worker sees to it
	case ahead && s.goesOn:
		return s.findings(contract.DriftWorkflowBehind)
	case ahead:
		return s.findings(contract.DriftWorkflowStray)
	case w.Changing: // normal for a moment
		return []Finding{s.finding(contract.DriftWorkflowSilent, fmt.Sprintf("a change after revision %d is not recorded", w.Recorded))}
	case s.rowNow().Rev < w.State.Rev:
		return s.findings(contract.DriftDatabaseBehind)
	case row.Rev < w.State.Rev:
		return nil // it has moved on since it was read
	case !same(row.State, w.State):
		return []Finding{s.finding(contract.DriftProjection, "state")}
	}
	var out []Finding
	if differs := s.row.FactsDiffer(w.Start); len(differs) > 0 {
		out = append(out, s.finding(contract.DriftFacts, strings.Join(differs, " ")))
	}
	if stuck := s.stuckMails(); len(stuck) > 0 {
		out = append(out, s.finding(contract.DriftMailStuck, list(stuck)))
	}
	if c := w.State.Clock; !s.rollout && s.goesOn && c.StoppedAt.IsZero() && c.Calendar < s.calendar {
		out = append(out, s.finding(contract.DriftCalendarBehind, fmt.Sprintf("calendar %d of %d", c.Calendar, s.calendar)))
	}
	if differs := s.own.shown.differs(w.State); len(differs) > 0 {
		out = append(out, s.finding(contract.DriftAttributes, strings.Join(differs, " ")))
	}
	return out
}

// cutOff reports that the row is ahead by an act that nobody was told the end of; see
// Settler. What somebody was told of was not cut off: Temporal has lost it.
func (s sight) cutOff() bool {
	return s.row != nil && s.own.running() && s.standing != nil && !s.standing.Changing &&
		s.row.Unsettled > s.standing.State.Rev && s.row.Told <= s.standing.State.Rev
}

// justStarted reports that its worker may not have come to the ticket yet.
func (s sight) justStarted() bool { return s.row.Rev == 0 && s.at.Sub(s.row.FiledAt) < lateAfter }

// judgeEnded is for a ticket that has no running workflow.
func (s sight) judgeEnded() []Finding {
	if w := s.standing; w != nil && !w.Changing && w.State.Rev > s.rowNow().Rev {
		return s.findings(contract.DriftDatabaseBehind)
	}
	unsent, settled := s.leftMails()
	if s.goesOn || len(unsent) > 0 {
		if s.own.there() {
			return s.findings(contract.DriftWorkflowEnded)
		}
		return s.findings(contract.DriftWorkflowMissing)
	}
	var out []Finding
	if len(settled) > 0 {
		out = append(out, s.finding(contract.DriftMailStuck, list(settled)))
	}
	switch {
	case s.keep == nil || s.retention.running():
	case s.retention.completed():
		out = append(out, s.finding(contract.DriftPurgeUndone, ""))
	default:
		out = append(out, s.finding(contract.DriftRetentionMissing, ""))
	}
	return out
}

// leftMails are the pending letters of a ticket that has no running workflow: those
// that have still to be sent, and those that were settled, which the mail log has
// lost. A workflow that has run to its end has left none unsettled.
func (s sight) leftMails() (unsent, settled []contract.Step) {
	for _, step := range s.stuckMails() {
		if s.own.completed() || s.heard(step) || s.givenUp(step) {
			settled = append(settled, step)
		} else {
			unsent = append(unsent, step)
		}
	}
	return unsent, settled
}

// heard reports that the workflow knows what became of a letter.
func (s sight) heard(step contract.Step) bool {
	return s.standing != nil && slices.ContainsFunc(s.standing.Letters, func(l contract.Heard) bool { return l.Step == step })
}

// givenUp reports that a letter has been pending for longer than any is tried.
func (s sight) givenUp(step contract.Step) bool {
	return slices.ContainsFunc(s.row.Pending, func(m store.Mail) bool {
		return m.Step == step && m.QueuedAt.Before(s.at.Add(-mailPatience))
	})
}

// stuckMails are letters that the mail log has as pending and that no workflow is
// sending.
func (s sight) stuckMails() (steps []contract.Step) {
	sending := map[contract.Step]bool{}
	if s.own.running() && s.standing != nil {
		for _, step := range s.standing.Sending {
			sending[step] = true
		}
	}
	for _, m := range s.row.Pending {
		if !sending[m.Step] && m.QueuedAt.Before(s.at.Add(-mailGrace)) {
			steps = append(steps, m.Step)
		}
	}
	return steps
}

// rowNow is the row as it was read last.
func (s sight) rowNow() store.Ticket {
	if s.again != nil {
		return *s.again
	}
	return s.row.Ticket
}

func (s sight) findings(drifts ...contract.Drift) []Finding {
	out := make([]Finding, len(drifts))
	for i, drift := range drifts {
		out[i] = s.finding(drift, "")
	}
	return out
}

func (s sight) finding(drift contract.Drift, detail string) Finding {
	f := Finding{Number: s.number, Drift: drift, Row: -1, Workflow: -1, Detail: detail}
	if s.row != nil {
		f.Row = s.row.Rev
	}
	if s.standing != nil {
		f.Workflow = s.standing.State.Rev
	}
	return f
}

// same reports that two states say the same, but for what a workflow changes between
// two records: the lease of a holder who is still there, and numbers it has given.
func same(a, b contract.State) bool {
	a.Lease.Until, b.Lease.Until = time.Time{}, time.Time{}
	a.Counter, b.Counter = 0, 0
	return store.SameState(a, b)
}

func list[T any](all []T) string {
	words := make([]string, len(all))
	for i, one := range all {
		words[i] = fmt.Sprint(one)
	}
	return strings.Join(words, " ")
}
