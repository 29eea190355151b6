package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// v1Personal is what the purge destroys.
type v1Personal struct {
	Request  V1Request      `json:"request" doc:"As it was written"`
	Changes  []v1ChangeLine `json:"changes,omitempty" nullable:"false" doc:"How each correction stands"`
	Account  *v1Account     `json:"account,omitempty" doc:"What the account system said last; values are masked"`
	Messages []v1Message    `json:"messages" nullable:"false" doc:"Internal reasons included"`
	Notes    []v1Note       `json:"notes" nullable:"false"`
	Files    []v1File       `json:"files" nullable:"false" doc:"That came with the request"`
	Drafts   []v1Draft      `json:"drafts" nullable:"false" doc:"Yours"`
	Proofs   []v1Proofs     `json:"proofs,omitempty" nullable:"false" doc:"Documents the person sent to prove something"`
}

// v1Proofs is a document, and how it stands. Its files are gone once it has been
// decided on.
type v1Proofs struct {
	ID     int64            `json:"id"`
	Kind   ticket.ProofKind `json:"kind"`
	SentAt time.Time        `json:"sent_at"`
	First  ticket.AgentID   `json:"first,omitempty" doc:"Who looked at it first and accepted it, where two have to"`
	Passed *bool            `json:"passed,omitempty" doc:"Absent: not decided yet"`
	Files  []v1File         `json:"files" nullable:"false" doc:"Under /tickets/{number}/proofs/{id}"`
}

// v1ChangeLine is how the correction of one field stands.
type v1ChangeLine struct {
	Field    contract.FieldName   `json:"field"`
	OnFile   string               `json:"on_file,omitempty" doc:"What the account system has, masked"`
	Level    ticket.Level         `json:"level"`
	FourEyes bool                 `json:"four_eyes"`
	Applied  bool                 `json:"applied"`
	Accepted *bool                `json:"accepted,omitempty" doc:"Absent: undecided"`
	Reason   ticket.RefusalReason `json:"reason,omitempty"`
}

// v1Account is an account, masked.
type v1Account struct {
	Ref       string         `json:"ref"`
	Status    string         `json:"status"`
	LookedAt  *time.Time     `json:"looked_at,omitempty"`
	Contacts  []v1NamedValue `json:"contacts" nullable:"false"`
	Fields    []v1NamedValue `json:"fields" nullable:"false"`
	Obstacles []string       `json:"obstacles" nullable:"false" doc:"What prevents a cancellation, in words"`
}

// v1NamedValue is a value under a name.
type v1NamedValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// v1Note is a remark of staff for staff.
type v1Note struct {
	ID    int64          `json:"id"`
	Agent ticket.AgentID `json:"agent"`
	At    time.Time      `json:"at"`
	Text  string         `json:"text"`
}

// v1Draft is what somebody is writing.
type v1Draft struct {
	Kind string `json:"kind" doc:"Of the message it becomes, or note"`
	Text string `json:"text"`
}

func (a *v1) newTicket(ctx context.Context, r *ticketRead) (v1Ticket, error) {
	c := callOf(ctx).gin
	due, err := a.deadline(ctx, r.Ticket)
	if err != nil {
		return v1Ticket{}, err
	}
	t, zone := r.Ticket, r.Zone
	out := v1Ticket{Number: t.Number, Kind: t.Kind, Category: t.Category, Channel: t.Channel, Relation: t.Relation, Locale: t.Locale,
		Stage: t.Stage, Awaiting: t.Awaiting, Outcome: t.Outcome, Reason: t.Reason, ReceivedAt: t.ReceivedAt.In(zone),
		FiledAt: t.FiledAt.In(zone), FiledBy: t.FiledBy, Policy: v1PolicyRef{t.Policy.Name, t.Policy.Version, t.Policy.Digest},
		Reply: newDeadline(due), Assignee: t.Assignee, Level: t.Level, Needed: r.neededLevel(), VerifiedAt: instant(t.VerifiedAt, zone),
		AnsweredAt: instant(t.AnsweredAt, zone), ClosedAt: instant(t.ClosedAt, zone), KeptUntil: instant(t.KeptUntil, zone),
		PurgedAt: instant(t.PurgedAt, zone), Appealed: t.Appealed, Starting: t.Starting, ByHand: t.State.Account.ByHand, Revision: t.Rev, Acts: []string{},
		Clock: v1Clock{SLA: t.SLA, Calendar: t.Calendar, Escalation: t.Escalation, Acknowledged: t.State.Clock.AckedBy,
			Extended: t.State.Clock.Extended, BreachedAt: instant(t.BreachedAt, zone), StoppedAt: instant(t.StoppedAt, zone)},
		Decision: newDecided(t.State.Decision, zone), Timeline: []v1Event{}, Ledger: []v1LedgerLine{}, Mails: []v1Mail{}, Troubles: []v1Trouble{}}
	if m := t.State.Account.Manual; m != nil && !m.Done {
		out.Task = &v1Task{Step: m.Step, Field: m.Field, First: m.First}
	}
	me := callOf(ctx).agent
	for _, form := range availableActs(onTicket{ticket: t, terms: r.terms(), level: r.neededLevel(), now: a.Now()}, me) {
		out.Acts = append(out.Acts, form.Path())
	}
	if lease, err := a.console.leaseView(ctx, r, me.ID); err != nil {
		return out, err
	} else if lease.Holder != ticket.Nobody {
		out.Claim = &v1Claim{Lease: lease.Number, Holder: lease.Holder, Mine: lease.Mine, Until: lease.Until}
	}
	if r.Personal != nil {
		out.Personal = a.newPersonal(c, r)
	}
	a.fillRecord(c, &out, r)
	return out, nil
}

// fillRecord adds what survives the purge.
func (a *v1) fillRecord(c *gin.Context, out *v1Ticket, r *ticketRead) {
	zone := r.Zone
	for _, t := range r.Troubles {
		text := a.console.say(c, "activity."+t.Activity) + a.console.say(c, "page.colon") + a.console.say(c, "trouble."+string(t.Code))
		out.Troubles = append(out.Troubles, v1Trouble{Activity: t.Activity, Code: t.Code, Attempts: t.Attempts, Since: t.Since.In(zone),
			LastAt: t.LastAt.In(zone), Text: text})
	}
	for _, e := range r.Events {
		text := a.console.sentence(c, "act."+string(e.Act), string(e.Act))
		if detail := a.console.codeWords(c, e); detail != "" {
			text += a.say(c, "page.colon") + detail
		}
		out.Timeline = append(out.Timeline, v1Event{At: e.At.In(zone), Actor: e.Actor, Agent: e.Agent, Act: e.Act, Code: e.Code,
			Object: e.Object, Text: text})
	}
	for _, e := range r.Ledger {
		line := v1LedgerLine{At: e.At.In(zone), Event: e.Event, Running: e.Running, Due: instant(e.Due, zone),
			Provisional: e.Provisional, Calendar: e.Calendar, Rung: e.Rung, Actor: e.Actor, Agent: e.Agent, Reason: e.Reason}
		if e.Event == ticket.ClockStarted && r.filedLater() {
			line.RunsFrom = instant(r.ReceivedAt, zone)
		}
		out.Ledger = append(out.Ledger, line)
	}
	for _, m := range r.Mails {
		out.Mails = append(out.Mails, v1Mail{ID: m.ID, Letter: m.Letter, To: m.To, Message: m.Message, Status: m.Status,
			Attempts: m.Attempts, LastCode: m.LastCode, QueuedAt: m.QueuedAt.In(zone), AcceptedAt: instant(m.AcceptedAt, zone)})
	}
}

func (a *v1) newPersonal(c *gin.Context, r *ticketRead) *v1Personal {
	p, zone := r.Personal, r.Zone
	out := &v1Personal{Request: written(r.Ticket, p.Content), Messages: []v1Message{}, Notes: []v1Note{},
		Files: formFiles(p.Attachments, zone), Drafts: []v1Draft{}}
	for _, line := range changeLines(r) {
		change := v1ChangeLine{Field: line.Field, OnFile: line.OnFile, Level: line.Level, FourEyes: line.FourEyes, Applied: line.Applied}
		if d := line.Decided; d != nil {
			change.Accepted, change.Reason = &d.Accept, d.Reason
		}
		out.Changes = append(out.Changes, change)
	}
	if p.Account != nil {
		out.Account = newAccount(p.Account, locale(c), zone)
	}
	for _, m := range p.Messages {
		message := newMessage(m, zone)
		message.Agent, message.Pending = m.Agent, m.Pending
		out.Messages = append(out.Messages, message)
	}
	for _, n := range p.Notes {
		out.Notes = append(out.Notes, v1Note{ID: n.ID, Agent: n.Agent, At: n.At.In(zone), Text: n.Text})
	}
	for kind, text := range p.Drafts {
		out.Drafts = append(out.Drafts, v1Draft{Kind: kind, Text: text})
	}
	for _, sent := range p.Proofs {
		proof := v1Proofs{ID: sent.ID, Kind: sent.Kind, SentAt: sent.SentAt.In(zone), Files: []v1File{}}
		for _, f := range sent.Files {
			proof.Files = append(proof.Files, v1File{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, At: sent.SentAt.In(zone)})
		}
		for _, stands := range r.State.Proofs {
			if stands.ID != sent.ID {
				continue
			}
			if proof.First = stands.First; stands.Done {
				proof.Passed = &stands.Passed
			}
		}
		out.Proofs = append(out.Proofs, proof)
	}
	slices.SortFunc(out.Drafts, func(a, b v1Draft) int { return strings.Compare(a.Kind, b.Kind) })
	return out
}

func newAccount(s *store.AccountSnapshot, l ticket.Locale, zone *time.Location) *v1Account {
	out := &v1Account{Ref: s.Ref, Status: s.Status, LookedAt: instant(s.LookedAt, zone), Contacts: []v1NamedValue{},
		Fields: []v1NamedValue{}, Obstacles: []string{}}
	for _, contact := range s.Contacts {
		out.Contacts = append(out.Contacts, v1NamedValue{contact.Type, masked(contact.Value)})
	}
	for name, value := range s.Fields {
		out.Fields = append(out.Fields, v1NamedValue{name, masked(value)})
	}
	slices.SortFunc(out.Fields, func(a, b v1NamedValue) int { return strings.Compare(a.Name, b.Name) })
	for _, o := range s.Obstacles {
		words := o.ZH
		if l == ticket.English && o.EN != "" {
			words = o.EN
		}
		out.Obstacles = append(out.Obstacles, words)
	}
	return out
}
