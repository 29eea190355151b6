package desk

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"unicode/utf8"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// DraftNote is the kind of a note's draft; those of messages are the kinds of
// the messages.
const DraftNote = store.DraftNote

const maxStaffText = 10000

// Ask asks the person something.
func (d *Desk) Ask(ctx context.Context, by Staff, number ticket.Number, text string) (contract.Done, error) {
	return d.say(ctx, by, number, store.MessageQuestion, text, contract.UpdateAsk)
}

// Escalate calls for those above, with the reason.
func (d *Desk) Escalate(ctx context.Context, by Staff, number ticket.Number, text string) (contract.Done, error) {
	return d.say(ctx, by, number, store.MessageReason, text, contract.UpdateEscalate)
}

// Extend lengthens the reply deadline where the policy allows it; the text is
// the notice to the person, who must have it before the old deadline.
func (d *Desk) Extend(ctx context.Context, by Staff, number ticket.Number, text string) (contract.Done, error) {
	return d.say(ctx, by, number, store.MessageExtension, text, contract.UpdateExtend)
}

// Bounced says that the answer came back undelivered.
func (d *Desk) Bounced(ctx context.Context, by Staff, number ticket.Number, text string) (contract.Done, error) {
	return d.say(ctx, by, number, store.MessageReason, text, contract.UpdateBounced)
}

// Decision is what an agent decides; its text becomes the answer once
// everything it promises has been done.
type Decision struct {
	Outcome ticket.Outcome // accepted, partly or refused
	Reason  ticket.RefusalReason
	Text    string
	Fields  []contract.FieldDecision // corrections
}

// Decide decides the ticket.
func (d *Desk) Decide(ctx context.Context, by Staff, number ticket.Number, dec Decision) (contract.Done, error) {
	if err := d.checkDecision(ctx, number, dec); err != nil {
		return contract.Done{}, err
	}
	return d.speak(ctx, by, number, store.MessageAnswer, dec.Text, contract.UpdateDecide, func(id int64) any {
		return contract.Decide{By: by, Outcome: dec.Outcome, Reason: dec.Reason, Message: id, Fields: dec.Fields}
	})
}

// checkDecision lets words of the vocabulary through to the workflow and
// nothing else: what stands in a history can't be taken out again.
func (d *Desk) checkDecision(ctx context.Context, number ticket.Number, dec Decision) error {
	if !slices.Contains([]ticket.Outcome{ticket.Accepted, ticket.Partly, ticket.Declined}, dec.Outcome) {
		return ticket.RefuseField(InputOutcome, CodeUnknownChoice)
	}
	if !reasonOrNone(dec.Reason) {
		return ticket.RefuseField(InputReason, CodeUnknownChoice)
	}
	if dec.Outcome == ticket.Declined && dec.Reason == "" {
		return ticket.RefuseField(InputReason, CodeRequired)
	}
	if len(dec.Fields) == 0 {
		return nil
	}
	t, err := d.store.Ticket(ctx, number)
	if err != nil {
		return err
	}
	policy, err := d.planner.Policy(ctx, t.Policy)
	if err != nil {
		return err
	}
	for _, f := range dec.Fields {
		if _, ok := policy.Field(string(f.Field)); !ok {
			return ticket.RefuseField(InputChanges, CodeFieldUnknown)
		}
		if !reasonOrNone(f.Reason) {
			return ticket.RefuseField(InputReason, CodeUnknownChoice)
		}
	}
	return nil
}

func reasonOrNone(r ticket.RefusalReason) bool {
	return r == "" || slices.Contains(ticket.RefusalReasons(), r)
}

// Approve is the second person's word on a decision. Refusing needs a reason,
// which stays inside the desk.
func (d *Desk) Approve(ctx context.Context, by Staff, number ticket.Number, approve bool, reason string) (contract.Done, error) {
	act := contract.Approve{By: by, Approve: approve}
	if approve && prose(reason) == "" {
		return d.tell(ctx, number, contract.UpdateApprove, act)
	}
	return d.speak(ctx, by, number, store.MessageReason, reason, contract.UpdateApprove, func(int64) any { return act })
}

// say is for acts that carry a message and no more.
func (d *Desk) say(ctx context.Context, by Staff, number ticket.Number, kind store.MessageKind, text, update string) (contract.Done, error) {
	return d.speak(ctx, by, number, kind, text, update, func(id int64) any {
		return contract.StaffWords{By: by, Message: id}
	})
}

// speak stores the words unseen, asks the workflow, and lets them be seen once
// it has accepted. When it refuses, the words become the agent's draft again.
// When it can't be reached they become a draft as well, and the stored ones stay
// unseen: should it have accepted after all, its record lets them be seen.
func (d *Desk) speak(ctx context.Context, by Staff, number ticket.Number, kind store.MessageKind, text, update string, args func(id int64) any) (contract.Done, error) {
	field := InputText
	if kind == store.MessageReason {
		field = InputReason
	}
	text, err := staffText(field, text, true)
	if err != nil {
		return contract.Done{}, err
	}
	key := keyOf(ctx, update)
	id, err := d.store.AddMessage(ctx, store.NewMessage{
		Number: number, Kind: kind, Agent: by.ID, At: d.now(), Text: text, Pending: true, DropDraft: true, Key: key,
	})
	if err != nil {
		return contract.Done{}, closedOr(err)
	}
	if key != "" {
		if done, is, err := carriedOut(d.store.ActOf(ctx, number, id)); is || err != nil {
			return done, err
		}
	}
	done, err := d.tell(ctx, number, update, args(id))
	return done, d.settle(ctx, err, words{
		confirm: func(ctx context.Context) error { return d.store.ConfirmMessage(ctx, number, id) },
		back:    func(ctx context.Context) error { return d.store.DropMessage(ctx, number, id, true) },
		copy:    func(ctx context.Context) error { return d.store.SaveDraft(ctx, number, by.ID, string(kind), text) },
	}, number)
}

// Note leaves a remark for colleagues. No mail ever carries one.
func (d *Desk) Note(ctx context.Context, by Staff, number ticket.Number, text string) (contract.Done, error) {
	text, err := staffText(InputText, text, true)
	if err != nil {
		return contract.Done{}, err
	}
	key := keyOf(ctx, contract.UpdateNote)
	id, err := d.store.AddNoteOnce(ctx, number, by.ID, d.now(), text, key)
	if err != nil {
		return contract.Done{}, closedOr(err)
	}
	if key != "" {
		if done, is, err := carriedOut(d.store.ActOfNote(ctx, number, id)); is || err != nil {
			return done, err
		}
	}
	done, err := d.tell(ctx, number, contract.UpdateNote, contract.StaffWords{By: by, Message: id})
	back := func(ctx context.Context) error { return d.store.DropNote(ctx, number, id, true) }
	return done, d.settle(ctx, err, words{
		confirm: func(context.Context) error { return nil },
		back:    back,
		copy:    back,
	}, number)
}

// words is what can become of stored words.
type words struct {
	confirm func(context.Context) error // let them be seen
	back    func(context.Context) error // make them a draft again
	copy    func(context.Context) error // keep them, and a draft of them
}

// settle sees to the stored words after the workflow has spoken, and passes its
// word on. Trouble in doing so does not change what the workflow decided.
func (d *Desk) settle(ctx context.Context, said error, w words, number ticket.Number) error {
	ctx = context.WithoutCancel(ctx)
	var err error
	var refusal *ticket.Error
	switch {
	case said == nil:
		err = w.confirm(ctx)
	case errors.As(said, &refusal):
		err = w.back(ctx)
	default:
		err = w.copy(ctx)
	}
	if err != nil {
		d.log.Warn("settling the words of an act", "ticket", number, "error", err)
	}
	return said
}

func staffText(field, text string, required bool) (string, error) {
	text = prose(text)
	switch n := utf8.RuneCountInString(text); {
	case n == 0 && required:
		return "", ticket.RefuseField(field, CodeRequired)
	case n > maxStaffText:
		return "", ticket.RefuseField(field, CodeTooLong, "max", strconv.Itoa(maxStaffText), "length", strconv.Itoa(n))
	}
	return text, nil
}
