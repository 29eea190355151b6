package activities

import (
	"context"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/mail"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// terms are what a ticket was promised, and where its days begin and end.
type terms struct {
	policy *ticket.Policy
	zone   *time.Location
	ticket.Terms
}

func (p Post) terms(ctx context.Context, t store.Ticket) (terms, error) {
	policy, err := p.Planner.Policy(ctx, t.Policy)
	if err != nil {
		return terms{}, planned("reading the policy", err)
	}
	zone, err := p.Planner.Zone(ctx, policy.Calendar)
	if err != nil {
		return terms{}, planned("reading the calendar", err)
	}
	return terms{policy: policy, zone: zone, Terms: policy.Kinds[t.Kind]}, nil
}

// letter gathers what a letter says. What is anybody's words, or tells of an
// account, is left out for an address that is not proved.
func (m *Mails) letter(ctx context.Context, o contract.MailOrder, t store.Ticket, row store.Mail, proved bool) (mail.Letter, error) {
	promised, err := m.terms(ctx, t)
	if err != nil {
		return mail.Letter{}, err
	}
	l := m.heading(t, promised)
	if !o.Due.IsZero() && !o.Due.Equal(t.ReplyDue) {
		c, _, err := m.Planner.Calendar(ctx, promised.policy.Calendar)
		if err != nil {
			return mail.Letter{}, planned("reading the calendar", err)
		}
		l.Due = o.Due.In(promised.zone)
		l.Provisional = t.Provisional || !c.Covered(l.Due.Year())
	}
	if err := m.addWords(ctx, &l, o, proved); err != nil {
		return mail.Letter{}, err
	}
	if from, days := waitOf(o.Letter, t, row, promised.Terms); days > 0 {
		wait, err := m.Planner.PlanWait(ctx, contract.PlanWait{Policy: t.Policy, From: from, Expires: days})
		if err != nil {
			return mail.Letter{}, planned("planning a wait", err)
		}
		l.Until = wait.Expires.In(promised.zone)
	}
	switch o.Letter {
	case contract.LetterObstacles:
		if proved {
			err = m.addObstacles(ctx, &l)
		}
	case contract.LetterConsequences:
		l.KeptDays = promised.Retention
		for _, rule := range promised.policy.Retain {
			l.Kept = append(l.Kept, mail.Kept{Field: m.Writer.FieldName(l.Locale, rule.Field)})
		}
	case contract.LetterReceipt, contract.LetterVerified:
		l.RealName, err = m.realNameNeeded(ctx, t, promised)
		l.Relation = t.Relation != ticket.Self && !t.State.RelationProved
	case contract.LetterAnswer:
		l.Due, l.OfAppeal = noTime, t.State.Reopened
		err = m.addAnswer(ctx, &l, t, promised, proved)
	case contract.LetterVerifyExpired, contract.LetterWithdrawn, contract.LetterClosedNoReply:
		l.Due = noTime // no answer is owed any more
	}
	l.Remedies = m.Writer.Remedies(l.Locale, t.Policy.Name)
	return l, err
}

// heading is what every mail about a ticket says.
func (p Post) heading(t store.Ticket, promised terms) mail.Letter {
	zone := promised.zone
	return mail.Letter{Locale: t.Locale, Number: t.Number, Kind: t.Kind, Stage: t.Stage,
		Received: t.ReceivedAt.In(zone), Due: t.ReplyDue.In(zone), Provisional: t.Provisional}
}

// addWords takes over what staff wrote to the person. What is not addressed to
// the person, a reason or a note, can't be mailed: it is not found here, or
// refused.
func (m *Mails) addWords(ctx context.Context, l *mail.Letter, o contract.MailOrder, proved bool) error {
	if o.Message == 0 {
		return nil
	}
	message, err := m.Store.WordsOf(ctx, o.Number, o.Message)
	if err != nil {
		return err
	}
	if !message.Kind.ToSubject() {
		return wrong("mail: the message is not addressed to the person")
	}
	if proved {
		l.Words = message.Text
	} else {
		l.Hidden = true
	}
	return nil
}

// realNameNeeded reports that a field to be changed needs the real name, which
// has not been proved yet.
func (m *Mails) realNameNeeded(ctx context.Context, t store.Ticket, promised terms) (bool, error) {
	if t.Kind != ticket.InfoCorrection || t.Level >= ticket.LevelReal {
		return false, nil
	}
	content, err := m.Store.Content(ctx, t.Number)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(content.Changes, func(c store.Change) bool {
		rule, ok := promised.policy.Field(string(c.Field))
		return ok && rule.Level >= ticket.LevelReal
	}), nil
}

// waitOf says how long the letter's request stands: from when, how many days.
func waitOf(letter contract.Letter, t store.Ticket, row store.Mail, promised ticket.Terms) (time.Time, int) {
	switch letter {
	case contract.LetterVerifyReminder:
		return t.ReceivedAt, promised.Verification.Expires
	case contract.LetterQuestion, contract.LetterObstacles, contract.LetterConsequences, contract.LetterWaitReminder:
		switch {
		case t.State.Asked != nil:
			return t.State.Asked.At, promised.Waiting.Silence
		case !t.State.WaitingSince.IsZero():
			return t.State.WaitingSince, promised.Waiting.Silence
		case letter != contract.LetterWaitReminder:
			return row.QueuedAt, promised.Waiting.Silence
		}
	}
	return noTime, 0
}

func (m *Mails) addObstacles(ctx context.Context, l *mail.Letter) error {
	account, err := m.Store.Account(ctx, l.Number)
	if err != nil {
		return err
	}
	for _, o := range account.Obstacles {
		if l.Locale == ticket.Chinese {
			l.Obstacles = append(l.Obstacles, o.ZH)
		} else {
			l.Obstacles = append(l.Obstacles, o.EN)
		}
	}
	return nil
}

// addAnswer adds what was decided and done. An answer without a decision is
// wrong: it would tell of something that did not happen.
func (m *Mails) addAnswer(ctx context.Context, l *mail.Letter, t store.Ticket, promised terms, proved bool) error {
	decision := t.State.Decision
	if decision == nil {
		return temporal.NewApplicationError("mail: the decision is not on record yet", errDatabase)
	}
	l.Outcome, l.Reason = decision.Outcome, decision.Reason
	if !t.Appealed {
		l.Appeal = promised.Appeal.Window
	}
	if !proved {
		return nil
	}
	account, err := m.accountOf(ctx, t.Number)
	if err != nil {
		return err
	}
	zone := promised.zone
	for _, k := range account.Kept {
		l.Kept = append(l.Kept, mail.Kept{Field: m.Writer.FieldName(l.Locale, k.Field), Until: k.Until.In(zone), Basis: k.Basis})
	}
	if len(decision.Fields) == 0 {
		return nil
	}
	content, err := m.Store.Content(ctx, t.Number)
	if err != nil {
		return err
	}
	for _, f := range decision.Fields {
		changed := mail.Changed{Field: m.Writer.FieldName(l.Locale, string(f.Field)), Reason: f.Reason,
			Done: f.Accept && slices.Contains(t.State.Account.Applied, f.Field)}
		for _, c := range content.Changes {
			if c.Field == f.Field && changed.Done {
				changed.From = mask(string(f.Field), account.Fields[string(f.Field)])
				changed.To = mask(string(f.Field), c.Proposed)
			}
		}
		l.Changes = append(l.Changes, changed)
	}
	return nil
}

// noTime is a time that is not said.
var noTime time.Time
