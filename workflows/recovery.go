package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// After a restore a ticket may be known better to the database than to Temporal,
// or to the database alone. `rightsdesk doctor --repair` then begins a run anew
// from the row (contract.Start.Recovered). A run that continues as new has nothing
// in the air when it hands over; here the run before was cut off anywhere. What
// the state does not tell stands in the mail log, and each step must find from the
// state how far it had come:
//
//   - Letters that were pending are sent, under their old steps. An answer that had
//     left is waited for and not sent again; so is the notice of an extension.
//   - An act at the account system is asked for again under the same key (see
//     actOnAccount), and one that staff do by hand goes on where they were.
//   - A ticket that had been withdrawn, or had ended, ends.
//   - Rungs that were missed fire on the next morning of a working day.
//
// Lost are a code by text message and notices to staff that were in the air.

// takeUp begins such a run. It holds the lock, so that nothing is ordered between
// the look at the mail log and what follows from it.
func (t *handling) takeUp() error {
	t.shown.unsure = true
	t.show(t.ctx)
	return t.change(t.ctx, func(ctx workflow.Context) error {
		var air contract.MailsInTheAir
		in := contract.MailsOf{Number: t.start.Number, Since: t.now().Add(-patience)}
		if err := local(ctx, contract.ActivityMailsInTheAir, "what was in the air", in, &air); err != nil {
			return err
		}
		for _, letter := range air.Letters {
			t.takeUpLetter(letter)
		}
		was := slices.Clone(t.s.Clock.Rungs)
		if t.s.Clock.Running() {
			if err := t.delayMissed(ctx); err != nil {
				return err
			}
		}
		if slices.Equal(was, t.s.Clock.Rungs) {
			return errUnchanged
		}
		return nil
	})
}

func (t *handling) takeUpLetter(letter contract.LetterInTheAir) {
	order := letter.Order
	switch {
	case slices.Contains(t.dispatched, order.Step):
		return // ordered by an act that came before
	case order.Letter == contract.LetterAnswer && t.answerUnderWay() && order.Message == t.s.Answer.Message:
		t.leftover = order.Step
	case order.Letter == contract.LetterExtension && !t.s.Clock.Extended:
		t.extend = true
		by := contract.StaffWords{By: contract.Staff{ID: letter.Agent}, Message: order.Message}
		workflow.Go(t.ctx, func(ctx workflow.Context) { t.awaitExtension(ctx, order.Step, by) })
	}
	if letter.Settled {
		t.mailed[order.Step] = letter.Result
		return
	}
	order.Code = t.carriesCode(order)
	t.dispatch(order)
}

// carriesCode says it of a letter in the mail log, where it does not stand. Who has
// proved themselves needs none.
func (t *handling) carriesCode(order contract.MailOrder) bool {
	if t.s.Level >= t.codeLevel() {
		return false
	}
	return order.Letter == contract.LetterCode || order.Letter == contract.LetterReceipt && order.To == t.codeTo()
}

// over reports that the ticket had ended before the restore, and only what was in
// the air and the beginning of its retention may be left to do. An answered ticket
// is closed and not over: its procedure knows until when an appeal is heard.
func (t *handling) over() bool {
	if !t.recovered {
		return false
	}
	switch t.s.Stage {
	case ticket.Withdrawn, ticket.VerificationExpired, ticket.Retained, ticket.Purged:
		return true
	case ticket.Closed:
		return t.s.Answer.Delivered.IsZero()
	}
	return false
}

// restoreEnding brings back what ends the ticket from outside its procedure. Of a
// withdrawal the state shows the clock that it stopped.
func (t *handling) restoreEnding() {
	switch {
	case !t.recovered:
	case t.over():
		t.ended = &ending{stage: t.s.Stage, outcome: t.s.Outcome}
	case t.s.Stage.Open() && !t.s.Clock.StoppedAt.IsZero():
		t.ended = withdrawal()
	}
}

// interrupted reports that the run before this one was carrying the decision out.
func (t *handling) interrupted() bool { return t.recovered && t.s.Stage == ticket.Fulfilling }
