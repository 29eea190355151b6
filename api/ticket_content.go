package api

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/mail"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// shown are the messages the person may read: their own, and those of staff that
// a letter has carried. A draft decision or an internal reason is neither.
func shown(messages []store.Message, mails []store.Mail) (out []store.Message) {
	carried := map[int64]bool{}
	for _, m := range mails {
		carried[m.Message] = true
	}
	for _, m := range messages {
		if m.Kind.FromSubject() || m.Kind.ToSubject() && carried[m.ID] {
			out = append(out, m)
		}
	}
	return out
}

// correspondence reads the messages the person may read.
func (s *server) correspondence(ctx context.Context, number ticket.Number) ([]store.Message, error) {
	messages, err := s.Store.Messages(ctx, number)
	if err != nil {
		return nil, err
	}
	mails, err := s.Store.Mails(ctx, number)
	if err != nil {
		return nil, err
	}
	return shown(messages, mails), nil
}

// fillProved adds what only the person may see. What has been locked away after
// a cancellation, or destroyed, is not there any more, and the page says so.
func (s *server) fillProved(ctx context.Context, v *trackedView, t store.Ticket, zone *time.Location, read bool) error {
	events, err := s.Store.Events(ctx, t.Number)
	if err != nil {
		return err
	}
	v.Timeline = timeline(events, zone)
	err = s.fillWritten(ctx, v, t, zone, read)
	if errors.Is(err, store.ErrLocked) || errors.Is(err, store.ErrPurged) {
		v.Locked = true
		v.Messages, v.Answers, v.Changes, v.Files, v.Answer, v.Asked = nil, nil, nil, nil, nil, nil
		return nil
	}
	return err
}

func (s *server) fillWritten(ctx context.Context, v *trackedView, t store.Ticket, zone *time.Location, read bool) error {
	content, err := s.Store.Content(ctx, t.Number)
	if err != nil {
		return err
	}
	v.Answers, v.Changes = contentAnswers(t, content)
	messages, err := s.correspondence(ctx, t.Number)
	if err != nil {
		return err
	}
	for _, m := range messages {
		view := trackedMessage{ID: m.ID, Kind: m.Kind, Mine: m.Kind.FromSubject(), At: m.At.In(zone), Text: m.Text, Files: m.Files}
		switch {
		case m.ID == t.State.Answer.Message:
			v.Answer = answerOf(t, view, read, zone)
			if err := s.fillOutcome(ctx, v.Answer, t, content, zone); err != nil {
				return err
			}
			v.Answer.Remedies = mail.NewWriter(s.Templates).Remedies(v.Locale, t.Policy.Name)
			continue
		case t.Stage.Open() && t.State.Asked != nil && m.ID == t.State.Asked.Message:
			v.Asked = &view
			continue
		}
		v.Messages = append(v.Messages, view)
	}
	files, err := s.Store.Attachments(ctx, t.Number)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Message == 0 {
			v.Files = append(v.Files, f)
		}
	}
	if v.Obstacles != nil {
		return s.fillObstacles(ctx, v, t.Number, zone)
	}
	return nil
}

func answerOf(t store.Ticket, m trackedMessage, read bool, zone *time.Location) *answerBox {
	a := &answerBox{ID: m.ID, At: in(t.State.Answer.Delivered, zone), OfAppeal: t.State.Reopened, Outcome: t.Outcome, Reason: t.Reason, Appeal: !t.State.Appealed,
		Open: read || !t.State.Answer.ReadAt.IsZero()}
	if a.Open {
		a.Text, a.Files = m.Text, m.Files
	}
	return a
}

// fillOutcome says what was done and what is kept, as the mail with the answer
// does.
func (s *server) fillOutcome(ctx context.Context, a *answerBox, t store.Ticket, content store.Content, zone *time.Location) error {
	decision := t.State.Decision
	if !a.Open || decision == nil {
		return nil
	}
	a.Cancelled = t.Kind == ticket.AccountCancellation && decision.Outcome == ticket.Accepted
	for _, f := range decision.Fields {
		change := answeredChange{Field: string(f.Field), Reason: f.Reason, Done: f.Accept && slices.Contains(t.State.Account.Applied, f.Field)}
		for _, c := range content.Changes {
			if c.Field == f.Field {
				change.To = c.Proposed
			}
		}
		a.Changes = append(a.Changes, change)
	}
	account, err := s.Store.Account(ctx, t.Number)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	for _, k := range account.Kept {
		k.Until = in(k.Until, zone)
		a.Kept = append(a.Kept, k)
	}
	return nil
}

func (s *server) fillObstacles(ctx context.Context, v *trackedView, number ticket.Number, zone *time.Location) error {
	account, err := s.Store.Account(ctx, number)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, o := range account.Obstacles {
		words := o.ZH
		if v.Locale == ticket.English && o.EN != "" {
			words = o.EN
		}
		v.Obstacles.Items = append(v.Obstacles.Items, words)
	}
	if said := lastSettled(v.Timeline); !said.IsZero() && account.LookedAt.After(said) && !v.Obstacles.Settled {
		v.Obstacles.Again = account.LookedAt.In(zone)
	}
	return nil
}

// lastSettled is when the person last said that all is settled.
func lastSettled(timeline []happened) time.Time {
	for _, h := range timeline { // the latest first
		if h.Key == "track.act."+string(contract.ActObstaclesSettled) {
			return h.At
		}
	}
	return time.Time{}
}

// contentAnswers is what the person asked for, as "check your answers" showed it.
func contentAnswers(t store.Ticket, content store.Content) ([]answer, []changeAnswer) {
	d := &draft{Kind: t.Kind, Values: url.Values{}}
	d.adopt(desk.Request{Kind: t.Kind, Category: t.Category, Relation: t.Relation, Person: content.Person,
		OnBehalfOf: content.OnBehalfOf, RelationNote: content.RelationNote, Subject: content.Subject, Text: content.Text})
	var changes []changeAnswer
	for _, change := range content.Changes {
		changes = append(changes, changeAnswer{Field: string(change.Field), Old: change.Old, Proposed: change.Proposed})
	}
	return answers(d), changes
}
