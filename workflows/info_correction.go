package workflows

import (
	"errors"
	"slices"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// InfoCorrection is clauses 5.1 and 5.2, 信息更正: field by field, with old and
// proposed value. An agent accepts or refuses each with a reason; fields of the
// real-name proof need the stronger verification and a second, different person.
// What was accepted is applied to the account system; if one field fails for
// good, those already applied are put back to their old values.
func InfoCorrection(ctx workflow.Context, start contract.Start) error {
	return conduct(ctx, start, func(t *handling) error {
		if err := t.verifyIdentity(); err != nil {
			return err
		}
		return t.settle(t.nothingToPrepare, t.applyCorrections)
	})
}

// mayCorrect: each field exactly once, each refusal with its reason, and nothing
// accepted beyond the level proved.
func (t *handling) mayCorrect(in contract.Decide) *ticket.Error {
	accepted, refused := 0, 0
	for _, task := range t.start.Fields {
		i := slices.IndexFunc(in.Fields, func(f contract.FieldDecision) bool { return f.Field == task.Field })
		if i < 0 {
			return ticket.RefuseField("field_"+string(task.Field), "field_undecided", "field", string(task.Field))
		}
		f := in.Fields[i]
		if !f.Accept {
			refused++
			if _, ok := ticket.ParseOne(string(f.Reason), ticket.RefusalReasons()); !ok {
				return ticket.RefuseField("field_"+string(task.Field), "reason_missing", "field", string(task.Field))
			}
			continue
		}
		accepted++
		if task.Level > t.s.Level {
			return ticket.RefuseField("field_"+string(task.Field), "identity_not_strong_enough", "field", string(task.Field))
		}
	}
	switch {
	case len(in.Fields) != len(t.start.Fields):
		return ticket.Refuse("unknown_field")
	case in.Outcome == ticket.Accepted && refused > 0,
		in.Outcome == ticket.Declined && accepted > 0,
		in.Outcome == ticket.Partly && (accepted == 0 || refused == 0):
		return ticket.RefuseField("outcome", "outcome_and_fields_differ")
	}
	return nil
}

// applyCorrections carries the decision out: all of it or nothing. What an
// earlier decision applied, whose answer did not arrive, is put back where this
// one refuses it; what was answered and appealed against stands.
func (t *handling) applyCorrections(d contract.Decision) error {
	accepted := func(name contract.FieldName) bool {
		return slices.ContainsFunc(d.Fields, func(f contract.FieldDecision) bool { return f.Field == name && f.Accept })
	}
	before := slices.Clone(t.s.Account.Applied)
	if t.interrupted() {
		before = slices.Clone(t.s.Account.Before)
	}
	dropped := slices.DeleteFunc(slices.Clone(before), func(f contract.FieldName) bool {
		return accepted(f) || !slices.Contains(t.s.Account.Applied, f)
	})
	if t.s.Reopened {
		dropped = nil
	}
	if t.interrupted() && t.s.Account.Undoing {
		return t.leaveNothingApplied(before, t.ended == nil)
	}
	if d.Outcome == ticket.Declined && len(dropped) == 0 {
		return nil
	}
	if err := t.lookUpAccount(t.ctx); err != nil {
		return err
	}
	if err := t.fulfilling(before); err != nil {
		return err
	}
	if err := t.putBack(dropped); err != nil {
		return err
	}
	for _, f := range d.Fields {
		if !f.Accept || slices.Contains(t.s.Account.Applied, f.Field) {
			continue
		}
		err := t.actOnAccount(contract.AccountAct{Act: contract.StepCorrect, Field: f.Field}, contract.ActCorrected)
		switch {
		case errors.Is(err, errAccountRefused):
			return t.leaveNothingApplied(before, true)
		case t.ended != nil:
			return t.leaveNothingApplied(before, false)
		case err != nil:
			return err
		}
	}
	if t.ended != nil {
		return t.leaveNothingApplied(before, false)
	}
	return nil
}

// leaveNothingApplied puts back what this decision has applied: a field failed for
// good, and the ticket lies with the agent again, or it was withdrawn half-way.
func (t *handling) leaveNothingApplied(before []contract.FieldName, failed bool) error {
	since := t.appliedSince(before)
	if err := t.undoing(len(since) > 0); err != nil {
		return err
	}
	if err := t.putBack(since); err != nil {
		return err
	}
	if failed {
		return t.fulfilmentFailed(contract.StepCorrect)
	}
	return t.ended
}

// undoing says so before the first field is put back: a run that is taken up from
// the database must not apply again what was about to be undone.
func (t *handling) undoing(something bool) error {
	if !something || t.s.Account.Undoing {
		return nil
	}
	if workflow.GetVersion(t.ctx, "undoing-on-record", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return nil
	}
	return t.change(t.ctx, func(workflow.Context) error {
		t.s.Account.Undoing = true
		return nil
	})
}

func (t *handling) appliedSince(before []contract.FieldName) []contract.FieldName {
	return slices.DeleteFunc(slices.Clone(t.s.Account.Applied), func(f contract.FieldName) bool { return slices.Contains(before, f) })
}

// putBack restores fields, the last applied first. A system that refuses even
// that leaves the field to staff, by hand.
func (t *handling) putBack(fields []contract.FieldName) error {
	for _, field := range slices.Backward(fields) {
		undo := contract.AccountAct{Act: contract.StepUndo, Field: field}
		err := t.actOnAccount(undo, contract.ActCorrectionUndone)
		if errors.Is(err, errAccountRefused) {
			err = t.putBackByHand(undo)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *handling) putBackByHand(undo contract.AccountAct) error {
	if err := t.awaitTask(undo); err != nil {
		return err
	}
	return t.change(t.ctx, func(workflow.Context) error {
		t.s.Account.Manual, t.s.Awaiting = nil, ticket.AwaitingAccounts
		t.s.Account.Applied = without(t.s.Account.Applied, undo.Field)
		t.event(contract.BySystem, ticket.Nobody, contract.ActCorrectionUndone, contract.Code(undo.Field), 0)
		return nil
	})
}
