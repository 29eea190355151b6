package api

import (
	"context"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// ticketView is the page of a ticket.
type ticketView struct {
	templates.Frame
	Number         ticket.Number
	Kind           ticket.Kind
	Category       ticket.Category
	Channel        ticket.Channel
	Relation       ticket.Relation
	RelationProved bool
	Language       ticket.Locale // of the person
	Stage          ticket.Stage
	StageWords     string
	Deadline       templates.Deadline
	SLA            ticket.SLAState
	Awaiting       ticket.Awaiting
	Outcome        ticket.Outcome
	Reason         ticket.RefusalReason
	Assignee       ticket.AgentID
	Lease          leaseView
	Level          ticket.Level
	Needed         ticket.Level
	Escalation     int
	Acked          bool
	Appealed       bool
	Starting       bool
	WordsLost      bool
	Extended       bool
	Received       time.Time
	Filed          time.Time // only when staff filed it
	FiledBy        ticket.AgentID
	Verified       time.Time
	PolicyName     string
	Open           bool
	Locked         bool
	Purged         bool
	KeptUntil      time.Time
	PurgedAt       time.Time
	Workflow       string // address in the Temporal UI

	Personal    *personalView
	Timeline    []eventLine
	Ledger      []ledgerLine
	Counting    countingView
	Mails       []mailLine
	MailPending bool
	Troubles    []troubleLine

	Acts   []actView
	Kept   []keptWords
	back   refill
	drafts map[actName]map[string]string
}

// troubleLine is something of the ticket that fails again and again.
type troubleLine struct {
	Activity string
	Code     contract.TroubleCode
	Attempts int // 0: not known
	Since    time.Time
}

// leaseView is who works on the ticket right now.
type leaseView struct {
	Number int
	Holder ticket.AgentID
	Mine   bool
	Until  time.Time
}

// personalView is what the purge destroys, as the page shows it.
type personalView struct {
	Person, OnBehalfOf store.Person
	RelationNote       string
	Subject, Text      string
	Changes            []changeLine
	Account            *accountView
	Messages           []messageView
	Notes              []noteView
	Attachments        []store.Attachment // that came with the form
}

type messageView struct {
	store.Message
	At      time.Time
	Mine    bool // of staff
	Pending bool // the workflow has not taken it yet
	Unsent  bool // an answer that no mail server has taken
}

type noteView struct {
	Agent ticket.AgentID
	At    time.Time
	Text  string
}

func (k *console) ticketView(c *gin.Context, r *ticketRead) (ticketView, error) {
	ctx := c.Request.Context()
	deadline, err := k.deadline(ctx, r.Ticket)
	if err != nil {
		return ticketView{}, err
	}
	v := ticketView{Frame: k.staffFrame(c, "console.ticket.title", "number", string(r.Number)),
		Number: r.Number, Kind: r.Kind, Category: r.Category, Channel: r.Channel, Relation: r.Relation, RelationProved: r.State.RelationProved, Language: r.Locale,
		Stage: r.Stage, StageWords: k.stageWords(c, r.Stage), Deadline: deadline, SLA: r.SLA, Awaiting: r.Awaiting,
		Outcome: r.Outcome, Reason: r.Reason, Assignee: r.Assignee, Level: r.Level, Needed: r.neededLevel(),
		Escalation: r.Escalation, Acked: r.State.Clock.AckedBy != "", Appealed: r.Appealed, Starting: r.Starting, WordsLost: r.State.WordsLost,
		Extended: r.State.Clock.Extended, Received: r.ReceivedAt.In(r.Zone), FiledBy: r.FiledBy,
		PolicyName: r.Policy.Name + " " + r.Policy.Version, Open: r.Stage.Open(),
		Locked: !r.LockedAt.IsZero(), Purged: !r.PurgedAt.IsZero(), Workflow: k.workflowLink(r.Number)}
	v.Path = "/desk/tickets/" + string(r.Number) // also when an act's form comes back
	v.KeptUntil, v.PurgedAt, v.Verified = in(r.KeptUntil, r.Zone), in(r.PurgedAt, r.Zone), in(r.VerifiedAt, r.Zone)
	if r.FiledBy != ticket.Nobody {
		v.Filed = r.FiledAt.In(r.Zone)
	}
	if v.Lease, err = k.leaseView(ctx, r, memberOf(c).ID); err != nil {
		return ticketView{}, err
	}
	if r.Personal != nil {
		v.Personal = k.personalView(c, r)
	}
	v.Timeline = k.timeline(c, r)
	v.Ledger = k.ledgerLines(c, r)
	if v.Counting, err = k.counting(c, r); err != nil {
		return ticketView{}, err
	}
	for _, t := range r.Troubles {
		v.Troubles = append(v.Troubles, troubleLine{t.Activity, t.Code, t.Attempts, in(t.Since, r.Zone)})
	}
	v.Mails = mailLines(r)
	for _, m := range v.Mails {
		v.MailPending = v.MailPending || m.Status == store.MailPending
	}
	return v, nil
}

// leaseView says who holds the ticket and until when: each act and being at the
// page renew the claim.
func (k *console) leaseView(ctx context.Context, r *ticketRead, me ticket.AgentID) (leaseView, error) {
	v := leaseView{Number: r.LeaseNumber}
	if r.LeaseHolder == ticket.Nobody {
		return v, nil
	}
	seen, err := k.Store.Presence(ctx, r.Number, r.LeaseHolder)
	if err != nil {
		return v, err
	}
	v.Holder, v.Mine, v.Until = r.LeaseHolder, r.LeaseHolder == me, r.LeaseUntil
	if until := seen.Add(time.Duration(r.Policy.Limits.LeaseMinutes) * time.Minute); until.After(v.Until) {
		v.Until = until
	}
	if v.Mine { // this very page counts
		v.Until = k.Now().Add(time.Duration(r.Policy.Limits.LeaseMinutes) * time.Minute)
	}
	if v.Until.Before(k.Now()) { // about to end, or to be renewed
		v.Until = time.Time{}
	}
	v.Until = in(v.Until, r.Zone)
	return v, nil
}

// neededLevel is the highest level of proof that anything on the ticket needs.
func (r *ticketRead) neededLevel() ticket.Level {
	level := r.terms().Verification.Level
	if r.Kind == ticket.InfoCorrection && r.Personal != nil {
		for _, change := range r.Personal.Content.Changes {
			if rule, ok := r.Policy.Field(string(change.Field)); ok {
				level = max(level, rule.Level)
			}
		}
	}
	return level
}

func (k *console) personalView(c *gin.Context, r *ticketRead) *personalView {
	p, content := r.Personal, r.Personal.Content
	v := &personalView{Person: content.Person, OnBehalfOf: content.OnBehalfOf, RelationNote: content.RelationNote,
		Subject: content.Subject, Text: content.Text, Changes: changeLines(r)}
	if p.Account != nil {
		v.Account = k.accountView(c, r)
	}
	for _, m := range p.Messages {
		v.Messages = append(v.Messages, messageView{Message: m, At: m.At.In(r.Zone), Mine: !m.Kind.FromSubject(), Pending: m.Pending,
			Unsent: m.Kind == store.MessageAnswer && !m.Pending && !r.answered(m.ID)})
	}
	for _, n := range p.Notes {
		v.Notes = append(v.Notes, noteView{Agent: n.Agent, At: n.At.In(r.Zone), Text: n.Text})
	}
	for _, a := range p.Attachments {
		if a.Message == 0 {
			v.Attachments = append(v.Attachments, a)
		}
	}
	return v
}

// answered reports that an answer was sent, and taken for delivery.
func (r *ticketRead) answered(message int64) bool {
	return slices.ContainsFunc(r.Events, func(e contract.Event) bool { return e.Act == contract.ActAnswered && e.Object == message })
}

// changeLine is a field to correct: what the person says stands there, what
// does, and what shall.
type changeLine struct {
	Field    contract.FieldName
	Old      string
	OnFile   string // masked
	Proposed string
	Level    ticket.Level
	FourEyes bool
	Applied  bool
	Decided  *contract.FieldDecision
}

func changeLines(r *ticketRead) []changeLine {
	var out []changeLine
	for _, change := range r.Personal.Content.Changes {
		line := changeLine{Field: change.Field, Old: change.Old, Proposed: change.Proposed}
		if rule, ok := r.Policy.Field(string(change.Field)); ok {
			line.Level, line.FourEyes = rule.Level, rule.FourEyes
		}
		if a := r.Personal.Account; a != nil {
			line.OnFile = masked(a.Fields[string(change.Field)])
		}
		if d := r.State.Decision; d != nil {
			for i := range d.Fields {
				if d.Fields[i].Field == change.Field {
					line.Decided = &d.Fields[i]
				}
			}
		}
		for _, f := range r.State.Account.Applied {
			line.Applied = line.Applied || f == change.Field
		}
		out = append(out, line)
	}
	return out
}

// in is an instant in a zone; none stays none.
func in(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(zone)
}
