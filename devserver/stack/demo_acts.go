package stack

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// patience is how long a story waits for the desk to take its next step.
const patience = 30 * time.Second

const (
	liWei    ticket.AgentID = "li.wei"
	chenJing ticket.AgentID = "chen.jing"
	zhaoMin  ticket.AgentID = "zhao.min"
	sunYue   ticket.AgentID = "sun.yue"
)

// telling is one story on its way through the desk.
type telling struct {
	*demo
	story
	number  ticket.Number
	network string
	by      contract.Staff // who has claimed it, with their lease
}

// act is one step of a story.
type act func(ctx context.Context, t *telling) error

// request is the form as it was filled in, by the person or, where it came by
// letter or telephone, by the team lead.
func (t *telling) request(ctx context.Context, i int) (desk.Request, error) {
	r := desk.Request{
		Kind: t.kind, Category: t.category, Channel: t.channel, Locale: t.locale,
		Relation: t.relation, RelationNote: t.relationNote,
		Person:  store.Person{Name: t.name, Email: t.mail, Account: t.account},
		Subject: t.subject, Text: t.text, Changes: t.changes,
	}
	if t.channel == "" {
		return r, nil
	}
	filedBy := t.staff[zhaoMin]
	r.FiledBy = &filedBy
	var err error
	r.ReceivedAt, err = t.receivedAt(ctx, i)
	return r, err
}

// receivedAt looks for a working hour in the past at which a request has become
// as old as the story wants it.
func (t *telling) receivedAt(ctx context.Context, i int) (time.Time, error) {
	now := time.Now()
	today := now.In(t.zone)
	hour, minute := 9+i%8, 7*i%60
	for days := 1; days < 120; days++ {
		at := time.Date(today.Year(), today.Month(), today.Day()-days, hour, minute, 0, 0, t.zone)
		if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
			continue
		}
		old, err := t.oldEnough(ctx, at, now, days)
		if err != nil || old {
			return at, err
		}
	}
	return time.Time{}, fmt.Errorf("no time of receipt makes it %s", t.age.state)
}

func (t *telling) oldEnough(ctx context.Context, at, now time.Time, days int) (bool, error) {
	if t.age.state == ticket.OnTrack {
		return days >= t.age.days, nil
	}
	terms := t.policy.Kinds[t.kind]
	plan, err := t.planner.PlanClock(ctx, contract.PlanClock{Number: ticket.NewNumber(at), Policy: t.policy.Ref(),
		From: at, Term: terms.Deadline, Roll: terms.Roll})
	if err != nil {
		return false, err
	}
	if t.age.state == ticket.Breached {
		return now.Sub(plan.Due) >= time.Duration(t.age.days)*24*time.Hour, nil
	}
	return slices.ContainsFunc(plan.Rungs, func(r contract.Rung) bool {
		return r.Name == ticket.RungAtRisk && r.At.Before(now)
	}), nil
}

// until waits until the ticket stands as asked.
func (t *telling) until(ctx context.Context, what string, ok func(store.Ticket) bool) error {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		now, err := t.store.Ticket(ctx, t.number)
		if err != nil || ok(now) {
			return err
		}
		if err := nap(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s: waited in vain for %s", t.number, what)
}

func (t *telling) stage(ctx context.Context, stage ticket.Stage) error {
	return t.until(ctx, string(stage), func(now store.Ticket) bool { return now.Stage == stage })
}

func nap(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}

// taken makes an error of an act of the person that the desk refused or put off.
func taken(what string, o desk.Outcome, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", what, err)
	case o.Refused != nil:
		return fmt.Errorf("%s: %w", what, o.Refused)
	case o.Pending:
		return fmt.Errorf("%s: the desk did not get to it", what)
	}
	return nil
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// code is the one-time code mailed for this ticket: to the address given, or to
// the one on file where an account is touched.
func (t *telling) code(ctx context.Context) (string, error) {
	to := t.mail
	if t.account != "" {
		to = t.account
	}
	for end := time.Now().Add(patience); time.Now().Before(end); {
		messages, err := t.stack.Mails.Messages(ctx, to, 100)
		if err != nil {
			return "", err
		}
		for _, m := range messages {
			if strings.Contains(m.Subject+m.Text, string(t.number)) {
				if code := sixDigits.FindString(strings.ReplaceAll(m.Text, string(t.number), "")); code != "" {
					return code, nil
				}
			}
		}
		if err := nap(ctx); err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("%s: no code was mailed", t.number)
}

// prove types the code. Who cancels an account is asked something at once.
func prove(ctx context.Context, t *telling) error {
	code, err := t.code(ctx)
	if err != nil {
		return err
	}
	proof, err := t.demo.desk.Prove(ctx, t.number, code, t.network)
	if err := taken("typing the code", proof.Outcome, err); err != nil {
		return err
	}
	if proof.Result != store.CodeOK {
		return fmt.Errorf("typing the code: %s", proof.Result)
	}
	if t.kind == ticket.AccountCancellation {
		return t.stage(ctx, ticket.WaitingOnSubject)
	}
	return t.stage(ctx, ticket.Triage)
}

func confirm(ctx context.Context, t *telling) error {
	o, err := t.demo.desk.Confirm(ctx, t.number)
	return taken("confirming", o, err)
}

func withdraw(ctx context.Context, t *telling) error {
	o, err := t.demo.desk.Withdraw(ctx, t.number)
	if err := taken("withdrawing", o, err); err != nil {
		return err
	}
	return t.stage(ctx, ticket.Withdrawn)
}

func reply(text string) act {
	return func(ctx context.Context, t *telling) error {
		o, err := t.demo.desk.Reply(ctx, t.number, desk.Words{Text: text})
		return taken("replying", o, err)
	}
}

// solved closes the ticket; of a cancelled account something is retained.
func solved(end ticket.Stage) act {
	return func(ctx context.Context, t *telling) error {
		o, err := t.demo.desk.Solved(ctx, t.number)
		if err := taken("saying that it is solved", o, err); err != nil {
			return err
		}
		return t.stage(ctx, end)
	}
}

func appeal(text string) act {
	return func(ctx context.Context, t *telling) error {
		o, err := t.demo.desk.NotSolved(ctx, t.number, desk.Words{Text: text})
		if err := taken("appealing", o, err); err != nil {
			return err
		}
		return t.stage(ctx, ticket.Triage)
	}
}

func claim(id ticket.AgentID) act {
	return func(ctx context.Context, t *telling) error {
		t.by = t.staff[id]
		done, err := t.demo.desk.Claim(ctx, t.by, t.number)
		if err != nil {
			return fmt.Errorf("claiming: %w", err)
		}
		t.by.Lease = done.Lease
		return nil
	}
}

func assign(to ticket.AgentID) act {
	return func(ctx context.Context, t *telling) error {
		_, err := t.demo.desk.Assign(ctx, t.staff[zhaoMin], t.number, to)
		return err
	}
}

func ask(text string) act {
	return staffAct("asking", func(ctx context.Context, t *telling) (contract.Done, error) {
		return t.demo.desk.Ask(ctx, t.by, t.number, text)
	})
}

func note(text string) act {
	return staffAct("noting", func(ctx context.Context, t *telling) (contract.Done, error) {
		return t.demo.desk.Note(ctx, t.by, t.number, text)
	})
}

func escalate(text string) act {
	return staffAct("escalating", func(ctx context.Context, t *telling) (contract.Done, error) {
		return t.demo.desk.Escalate(ctx, t.by, t.number, text)
	})
}

// acknowledge: the privacy officer has taken note of the breach.
func acknowledge(ctx context.Context, t *telling) error {
	err := t.until(ctx, "its breach", func(now store.Ticket) bool { return !now.BreachedAt.IsZero() })
	if err != nil {
		return err
	}
	_, err = t.demo.desk.Acknowledge(ctx, t.staff[sunYue], t.number)
	return err
}

// checkRealName: an agent has compared documents.
func checkRealName(ctx context.Context, t *telling) error {
	_, err := t.demo.desk.CheckIdentity(ctx, t.by, t.number, true)
	return err
}

func staffAct(what string, do func(context.Context, *telling) (contract.Done, error)) act {
	return func(ctx context.Context, t *telling) error {
		if _, err := do(ctx, t); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return nil
	}
}

// decide decides; of a correction, every field alike.
func decide(outcome ticket.Outcome, reason ticket.RefusalReason, text string) act {
	return staffAct("deciding", func(ctx context.Context, t *telling) (contract.Done, error) {
		decision := desk.Decision{Outcome: outcome, Reason: reason, Text: text}
		for _, c := range t.changes {
			decision.Fields = append(decision.Fields, contract.FieldDecision{
				Field: c.Field, Accept: outcome == ticket.Accepted, Reason: reason})
		}
		return t.demo.desk.Decide(ctx, t.by, t.number, decision)
	})
}

// answer decides, and waits until the answer has gone out.
func answer(outcome ticket.Outcome, reason ticket.RefusalReason, text string) act {
	return func(ctx context.Context, t *telling) error {
		if err := decide(outcome, reason, text)(ctx, t); err != nil {
			return err
		}
		if t.kind == ticket.AccountCancellation && outcome != ticket.Declined { // erasure takes two
			if _, err := t.demo.desk.Approve(ctx, t.staff[zhaoMin], t.number, true, ""); err != nil {
				return fmt.Errorf("approving: %w", err)
			}
		}
		if outcome == ticket.Declined {
			return t.stage(ctx, ticket.Refused)
		}
		return t.stage(ctx, ticket.Answered)
	}
}
