package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// File takes a request in. Once it returns a receipt, the ticket is stored and
// cannot be lost: its workflow is started now, or by the Courier as soon as
// Temporal is back. The receipt waits for Temporal no longer than the start
// budget. Filing the same FormToken again gives the same receipt.
func (d *Desk) File(ctx context.Context, r Request) (Receipt, []FieldError, error) {
	ctx, span := d.tracer.Start(ctx, "desk: file", trace.WithAttributes(attribute.String("kind", string(r.Kind))))
	defer span.End()
	r.Changes = slices.Clone(r.Changes)
	errs, err := d.check(ctx, &r)
	if err != nil {
		return Receipt{}, nil, fmt.Errorf("checking a request: %w", err)
	}
	if len(errs) > 0 {
		return Receipt{}, errs, nil
	}
	filing, err := d.filing(ctx, r)
	if err != nil {
		return Receipt{}, nil, err
	}
	t, start, err := d.store.File(ctx, filing)
	for tries := 0; errors.Is(err, store.ErrExists) && tries < 3; tries++ { // the number is taken
		filing.Number = ticket.NewNumber(r.ReceivedAt.In(filing.ReplyDue.Location()))
		filing.Start.Number = filing.Number
		t, start, err = d.store.File(ctx, filing)
	}
	if err != nil {
		return Receipt{}, nil, fmt.Errorf("filing a ticket: %w", err)
	}
	span.SetAttributes(attribute.String("ticket", string(t.Number)))
	if start != nil {
		d.metrics.Filed(t.Kind, t.Channel)
	}
	if t.Starting {
		d.startSoon(ctx, t, start)
	}
	address := r.Person.Email
	if start == nil { // it was filed before
		address = d.typedAddress(ctx, t.Number)
	}
	return d.receipt(t, filing.ReplyDue.Location(), address, d.daysLeft(ctx, t)), nil, nil
}

// filing is a checked request as it is stored.
func (d *Desk) filing(ctx context.Context, r Request) (store.Filing, error) {
	number := ticket.NewNumber(r.ReceivedAt)
	terms := d.policy.Kinds[r.Kind]
	plan, err := d.planner.PlanClock(ctx, contract.PlanClock{
		Number: number, Policy: d.policy.Ref(), From: r.ReceivedAt, Term: terms.Deadline, Roll: terms.Roll,
	})
	if err != nil {
		return store.Filing{}, fmt.Errorf("computing a reply deadline: %w", err)
	}
	// the day in the number is that of receipt where the desk is
	number = ticket.NewNumber(r.ReceivedAt.In(plan.Due.Location()))
	f := store.Filing{
		FormToken:   r.FormToken,
		Number:      number,
		Kind:        r.Kind,
		Category:    r.Category,
		Channel:     r.Channel,
		Relation:    r.Relation,
		Locale:      r.Locale,
		ReceivedAt:  r.ReceivedAt,
		FiledAt:     d.now(),
		Policy:      d.policy.Ref(),
		PolicyText:  d.policyText,
		ReplyDue:    plan.Due,
		Provisional: plan.Provisional,
		Calendar:    plan.Calendar,
		Files:       r.Files,
		Content: store.Content{
			Person: r.Person, OnBehalfOf: r.OnBehalfOf, RelationNote: r.RelationNote,
			Subject: r.Subject, Text: r.Text, Changes: r.Changes,
		},
		Start: d.start(number, r),
	}
	if r.FiledBy != nil {
		f.FiledBy = r.FiledBy.ID
	}
	f.Uploads, err = d.staged(ctx, r.FormToken)
	return f, err
}

// start is what the ticket's workflow is told: nothing of the person, only how
// the ticket is to be handled.
func (d *Desk) start(number ticket.Number, r Request) contract.Start {
	start := startUnder(d.policy, contract.Start{Number: number, Kind: r.Kind, Category: r.Category, Channel: r.Channel,
		Relation: r.Relation, Locale: r.Locale, ReceivedAt: r.ReceivedAt})
	start.Fields = fieldsUnder(d.policy, r.Changes)
	return start
}

// staged lists the files uploaded under a form before it was sent.
func (d *Desk) staged(ctx context.Context, token string) ([]store.UploadID, error) {
	if token == "" {
		return nil, nil
	}
	uploads, err := d.store.Uploads(ctx, token)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("listing a form's uploads: %w", err)
	}
	var ids []store.UploadID
	for _, u := range uploads {
		ids = append(ids, u.ID)
	}
	return ids, nil
}

// startSoon starts the workflow behind the answer and waits for it no longer than
// the budget; not at all while the last receipt that waited did so in vain and no
// start has succeeded since. What does not succeed is left to the Courier. A start of
// nil is one made by an earlier request, which is looked for.
func (d *Desk) startSoon(ctx context.Context, t store.Ticket, start *store.Delivery) {
	done := make(chan struct{})
	started := d.behind(func() {
		defer close(done)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.startLimit)
		defer cancel()
		err := d.startNow(ctx, t, start)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			d.log.Warn("workflow not started yet; the courier will", "ticket", t.Number, "error", err)
		}
	})
	if !started || d.slow.Load() {
		return
	}
	budget := time.NewTimer(d.startBudget)
	defer budget.Stop()
	select {
	case <-done:
	case <-budget.C:
		d.slow.Store(true)
	case <-ctx.Done():
	}
}

func (d *Desk) startNow(ctx context.Context, t store.Ticket, start *store.Delivery) error {
	if start == nil {
		pending, err := d.store.PendingStart(ctx, t.Number)
		if err != nil {
			return err
		}
		start = &pending
	}
	_, err := d.engine.carryOf(ctx, *start, &t)
	if err == nil {
		d.slow.Store(false)
	}
	return err
}

// Receipt gives the receipt of a ticket again.
func (d *Desk) Receipt(ctx context.Context, number ticket.Number) (Receipt, error) {
	t, err := d.store.Ticket(ctx, number)
	if err != nil {
		return Receipt{}, err
	}
	zone, err := d.zone(ctx, t.Policy)
	if err != nil {
		return Receipt{}, err
	}
	return d.receipt(t, zone, d.typedAddress(ctx, number), d.daysLeft(ctx, t)), nil
}

func (d *Desk) receipt(t store.Ticket, zone *time.Location, address string, daysLeft int) Receipt {
	return Receipt{
		Number: t.Number, Kind: t.Kind, ReceivedAt: t.ReceivedAt.In(zone), ReplyDue: t.ReplyDue.In(zone),
		Provisional: t.Provisional, DaysLeft: daysLeft, Email: address,
	}
}

// zone is where a policy's days begin and end.
func (d *Desk) zone(ctx context.Context, ref ticket.PolicyRef) (*time.Location, error) {
	policy, err := d.planner.Policy(ctx, ref)
	if err != nil {
		return nil, err
	}
	return d.planner.Zone(ctx, policy.Calendar)
}

// daysLeft is for show: the ticket is stored, so its receipt is given even when
// the days can't be counted at this moment.
func (d *Desk) daysLeft(ctx context.Context, t store.Ticket) int {
	n, err := d.planner.DaysLeft(ctx, t.Policy, d.now(), t.ReplyDue)
	if err != nil {
		d.log.Warn("counting the days left", "ticket", t.Number, "error", err)
	}
	return n
}

// typedAddress is the address given in the form, as long as it may be read.
func (d *Desk) typedAddress(ctx context.Context, number ticket.Number) string {
	content, err := d.store.Content(ctx, number)
	if err != nil {
		return ""
	}
	return content.Person.Email
}
