package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// Outcome is what became of a person's act: taken and answered, taken and to be
// delivered once Temporal is back (Pending), or refused in the workflow's words.
type Outcome struct {
	Pending bool
	Stage   ticket.Stage
	Refused *ticket.Error
}

// Words is what a person writes on the tracking page.
type Words struct {
	Text      string
	FormToken string          // files staged under it come along; the same token twice is one message
	Files     []store.NewFile // not staged; checked with CheckFile by the caller
}

// Reply answers a question of the desk, or adds to the ticket.
func (d *Desk) Reply(ctx context.Context, number ticket.Number, w Words) (Outcome, error) {
	return d.write(ctx, number, store.MessageReply, contract.UpdateReply, w)
}

// NotSolved is the appeal: once, within the policy's window, to the privacy
// officer.
func (d *Desk) NotSolved(ctx context.Context, number ticket.Number, w Words) (Outcome, error) {
	return d.write(ctx, number, store.MessageAppeal, contract.UpdateNotSolved, w)
}

// Solved closes an answered ticket.
func (d *Desk) Solved(ctx context.Context, number ticket.Number) (Outcome, error) {
	return d.act(ctx, number, contract.UpdateSolved, contract.Plain{})
}

// Withdraw takes the request back, as long as erasure has not begun.
func (d *Desk) Withdraw(ctx context.Context, number ticket.Number) (Outcome, error) {
	return d.act(ctx, number, contract.UpdateWithdraw, contract.Plain{})
}

// Confirm accepts the consequences of a cancellation (clause 5.4).
func (d *Desk) Confirm(ctx context.Context, number ticket.Number) (Outcome, error) {
	return d.act(ctx, number, contract.UpdateConfirm, contract.Plain{})
}

// ObstaclesSettled asks for the obstacles of a cancellation to be looked at
// again.
func (d *Desk) ObstaclesSettled(ctx context.Context, number ticket.Number) (Outcome, error) {
	return d.act(ctx, number, contract.UpdateObstaclesSettled, contract.Plain{})
}

// ResendCode asks for another one-time code.
func (d *Desk) ResendCode(ctx context.Context, number ticket.Number) (Outcome, error) {
	return d.act(ctx, number, contract.UpdateResendCode, contract.Plain{})
}

// AnswerRead says that the person has opened the answer on the tracking page.
// However often they look, the workflow is told about once.
func (d *Desk) AnswerRead(ctx context.Context, number ticket.Number, message int64) (Outcome, error) {
	t, err := d.store.Ticket(ctx, number)
	if err != nil {
		return Outcome{}, err
	}
	untouched := Outcome{Stage: t.Stage}
	if answer := t.State.Answer; answer.Message != message || !answer.ReadAt.IsZero() {
		return untouched, nil
	}
	key := fmt.Sprintf("answer-read/%s/%d", number, message)
	if ok, _, err := d.store.Allow(ctx, key, 1, 10*time.Minute, d.now()); err != nil || !ok {
		return untouched, err
	}
	return d.record(ctx, t, contract.UpdateAnswerRead, contract.Plain{Message: message})
}

// act stores a person's act that carries no words, and delivers it.
func (d *Desk) act(ctx context.Context, number ticket.Number, update string, payload any) (Outcome, error) {
	t, err := d.store.Ticket(ctx, number)
	if err == nil {
		err = d.allow(ctx, limitActs, string(number))
	}
	if err != nil {
		return refusedOr(err)
	}
	return d.record(ctx, t, update, payload)
}

func (d *Desk) record(ctx context.Context, t store.Ticket, update string, payload any) (Outcome, error) {
	body, err := json.Marshal(payload)
	if err != nil {
		return Outcome{}, fmt.Errorf("%s: %w", update, err)
	}
	delivery, err := d.store.AddDelivery(ctx, t.Number, store.OpUpdate, update, body)
	if err != nil {
		return Outcome{}, fmt.Errorf("storing %s: %w", update, err)
	}
	return d.deliver(ctx, t, delivery)
}

// write stores a person's words together with their delivery, and delivers it.
// Words the workflow refuses are not kept: the person still has them before
// their eyes.
func (d *Desk) write(ctx context.Context, number ticket.Number, kind store.MessageKind, update string, w Words) (Outcome, error) {
	t, err := d.store.Ticket(ctx, number)
	if err == nil {
		err = d.allow(ctx, limitWords, string(number))
	}
	if err != nil {
		return refusedOr(err)
	}
	uploads, err := d.checkWords(ctx, t, kind, &w)
	if err != nil {
		return refusedOr(err)
	}
	key := ""
	if w.FormToken != "" {
		key = string(kind) + "/" + w.FormToken
	}
	id, delivery, err := d.store.AddMessageToDeliver(ctx, store.NewMessage{
		Number: number, Kind: kind, At: d.now(), Text: w.Text,
		FormToken: w.FormToken, Uploads: uploads, Files: w.Files, Key: key,
	}, update, func(id int64, files int) []byte {
		body, _ := json.Marshal(contract.Words{Message: id, Files: files}) // two numbers: can't fail
		return body
	})
	if err != nil {
		return refusedOr(closedOr(fmt.Errorf("storing a %s: %w", kind, err)))
	}
	outcome, err := d.deliver(ctx, t, delivery)
	if err == nil && outcome.Refused != nil {
		err = d.store.DropMessage(context.WithoutCancel(ctx), number, id, false)
	}
	return outcome, err
}

// checkWords sees to the words and to how much one ticket takes in, so that
// nobody silences a ticket by filling it up.
func (d *Desk) checkWords(ctx context.Context, t store.Ticket, kind store.MessageKind, w *Words) ([]store.UploadID, error) {
	w.Text = prose(w.Text)
	uploads, err := d.staged(ctx, w.FormToken)
	if err != nil {
		return nil, err
	}
	files := len(uploads) + len(w.Files)
	switch n := utf8.RuneCountInString(w.Text); {
	case n == 0 && kind == store.MessageAppeal:
		return nil, ticket.RefuseField(InputText, CodeRequired)
	case n == 0 && files == 0:
		return nil, ticket.RefuseField(InputText, CodeWordsOrFile)
	case n > maxText:
		return nil, ticket.RefuseField(InputText, CodeTooLong, "max", strconv.Itoa(maxText), "length", strconv.Itoa(n))
	case files > MaxFiles:
		return nil, ticket.RefuseField(InputFiles, CodeTooManyFiles, "max", strconv.Itoa(MaxFiles))
	}
	policy, err := d.planner.Policy(ctx, t.Policy)
	if err != nil {
		return nil, err
	}
	sent, attached, err := d.store.CountFromSubject(ctx, t.Number)
	if err != nil {
		return nil, err
	}
	if sent >= policy.Limits.Messages {
		return nil, ticket.Refuse(CodeTooManyMessages, "max", strconv.Itoa(policy.Limits.Messages))
	}
	if files > 0 && attached+files > policy.Limits.Files {
		return nil, ticket.RefuseField(InputFiles, CodeTooManyFiles, "max", strconv.Itoa(policy.Limits.Files))
	}
	return uploads, nil
}

// deliver tells the workflow and waits for its word no longer than the budget.
// After that the Courier takes over; the delivery's id makes it one act.
func (d *Desk) deliver(ctx context.Context, t store.Ticket, delivery store.Delivery) (Outcome, error) {
	if !delivery.DoneAt.IsZero() { // the same words once more
		if delivery.Rejected != "" {
			return Outcome{Stage: t.Stage, Refused: ticket.Refuse(delivery.Rejected)}, nil
		}
		return Outcome{Stage: t.Stage}, nil
	}
	if t.Starting {
		return Outcome{Pending: true, Stage: t.Stage}, nil
	}
	ctx, span := d.span(ctx, "tell "+delivery.Name, delivery.Number)
	defer span.End()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.actBudget)
	defer cancel()
	done, err := d.engine.carry(ctx, delivery)
	if err == nil {
		return Outcome{Stage: done.Stage}, nil
	}
	if refusal, ok := ticket.AsError(err); ok {
		return Outcome{Stage: t.Stage, Refused: refusal}, nil
	}
	d.log.Warn("an act of the person waits for the courier", "ticket", delivery.Number, "act", delivery.Name, "error", err)
	return Outcome{Pending: true, Stage: t.Stage}, nil
}

// closedOr turns "purged" and "locked away" into the words for a ticket that has
// ended.
func closedOr(err error) error {
	if errors.Is(err, store.ErrPurged) || errors.Is(err, store.ErrLocked) {
		return ticket.Refuse(CodeTicketClosed)
	}
	return err
}

// refusedOr gives a refusal as an outcome and anything else as an error.
func refusedOr(err error) (Outcome, error) {
	var refusal *ticket.Error
	if errors.As(err, &refusal) {
		return Outcome{Refused: refusal}, nil
	}
	return Outcome{}, err
}
