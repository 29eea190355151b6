package api

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// v1Deadline is a reply deadline and how it stands.
type v1Deadline struct {
	Due         time.Time          `json:"due" doc:"The last second of the period, in the zone of the policy's calendar"`
	Provisional bool               `json:"provisional" doc:"Some year's schedule is not published yet: the deadline may move"`
	WorkingDays int                `json:"working_days" doc:"Left; when late, since"`
	State       templates.DueState `json:"state"`
}

func newDeadline(d templates.Deadline) v1Deadline {
	return v1Deadline{Due: d.Due, Provisional: d.Provisional, WorkingDays: d.Left, State: d.State}
}

// v1Tracked is a ticket as the person sees it.
type v1Tracked struct {
	Number     ticket.Number   `json:"number"`
	Kind       ticket.Kind     `json:"kind"`
	Category   ticket.Category `json:"category,omitempty"`
	Stage      ticket.Stage    `json:"stage"`
	Starting   bool            `json:"starting" doc:"Filed and safe, but the procedure has not begun yet"`
	ReceivedAt time.Time       `json:"received_at"`
	Reply      v1Deadline      `json:"reply"`
	Proved     bool            `json:"proved" doc:"The link used may read and act"`
	Acts       []string        `json:"acts" nullable:"false" doc:"What can be done now: the ends of the addresses under /ticket"`
	Identity   *v1Identity     `json:"identity,omitempty" doc:"While identity is to be proved"`

	Obstacles    []string        `json:"obstacles,omitempty" nullable:"false" doc:"What prevents the cancellation, in words"`
	Consequences *v1Brings       `json:"consequences,omitempty" doc:"What a cancellation brings, to be confirmed"`
	Request      *V1Request      `json:"request,omitempty" doc:"As it was written"`
	Files        []v1File        `json:"files,omitempty" nullable:"false" doc:"That came with the request"`
	Messages     []v1Message     `json:"messages,omitempty" nullable:"false"`
	Asked        int64           `json:"asked,omitempty" doc:"Id of the question that waits for a reply"`
	Answer       *v1Answer       `json:"answer,omitempty"`
	Closes       *time.Time      `json:"closes,omitempty" doc:"When silence closes it, while the person is waited for"`
	AppealUntil  *time.Time      `json:"appeal_until,omitempty" doc:"Until when not-solved may be said"`
	Timeline     []v1PersonEvent `json:"timeline,omitempty" nullable:"false" doc:"The latest first"`
	Locked       bool            `json:"locked,omitempty" doc:"What was written is locked away or gone"`
}

// v1Identity says how identity is proved.
type v1Identity struct {
	Level   ticket.Level `json:"level"`
	Days    int          `json:"days" doc:"In which it has to be"`
	ByStaff bool         `json:"by_staff" doc:"Staff check it: there is no code"`
	Refused bool         `json:"refused,omitempty" doc:"The mail server of the address that was given took no mail for it, so that no code arrives"`
}

// v1Brings is what a cancellation brings.
type v1Brings struct {
	Kept           []v1Kept `json:"kept" nullable:"false"`
	RetentionDays  int      `json:"retention_days"`
	CoolingOffDays int      `json:"cooling_off_days"`
}

// v1Answer is the answer. Its words are there once it was opened.
type v1Answer struct {
	ID      int64                `json:"id"`
	At      *time.Time           `json:"at,omitempty" doc:"Of its delivery. Absent: it is on its way"`
	Opened  bool                 `json:"opened"`
	Outcome ticket.Outcome       `json:"outcome,omitempty"`
	Reason  ticket.RefusalReason `json:"reason,omitempty"`
	Text    string               `json:"text,omitempty"`
	Files   []v1File             `json:"files,omitempty" nullable:"false"`
}

// v1PersonEvent is something that happened, in words for the person.
type v1PersonEvent struct {
	At   time.Time    `json:"at"`
	Act  contract.Act `json:"act"`
	Text string       `json:"text"`
}

// ownTicket shows what the tracking page shows.
func (a *v1) ownTicket(ctx context.Context, _ *struct{}) (*v1TrackedOutput, error) {
	call := callOf(ctx)
	t := call.ticket
	v, err := a.tracked(call.gin, call.link.Proved, t, typedReply{}, nil)
	if err != nil {
		return nil, err
	}
	zone := v.Deadline.Due.Location()
	out := v1Tracked{Number: t.Number, Kind: t.Kind, Category: t.Category, Stage: t.Stage, Starting: t.Starting,
		ReceivedAt: t.ReceivedAt.In(zone), Reply: newDeadline(v.Deadline), Proved: v.Proved, Acts: personActs(v)}
	if v.Code != nil {
		out.Identity = &v1Identity{Level: v.Code.Level, Days: v.Code.Expires, ByStaff: v.Code.ByHand, Refused: v.Code.Refused}
	}
	if !v.Proved {
		return &v1TrackedOutput{out}, nil
	}
	a.fillTracked(call.gin, &out, v, zone)
	content, err := a.Store.Content(ctx, t.Number)
	if err == nil {
		request := written(t, content)
		out.Request = &request
	} else if !errors.Is(err, store.ErrLocked) && !errors.Is(err, store.ErrPurged) {
		return nil, err
	}
	return &v1TrackedOutput{out}, nil
}

func (a *v1) fillTracked(c *gin.Context, out *v1Tracked, v trackedView, zone *time.Location) {
	out.Closes = instant(v.Closes, zone)
	out.Locked, out.Files = v.Locked, newFiles(v.Files, zone)
	if v.Obstacles != nil {
		out.Obstacles = v.Obstacles.Items
	}
	if b := v.Confirm; b != nil {
		out.Consequences = &v1Brings{Kept: []v1Kept{}, RetentionDays: b.Retention, CoolingOffDays: b.Cooling}
		for _, k := range b.Kept {
			out.Consequences.Kept = append(out.Consequences.Kept, v1Kept{Field: k.Name, Basis: k.Basis})
		}
	}
	for _, m := range v.Messages {
		out.Messages = append(out.Messages, v1Message{ID: m.ID, Kind: m.Kind, At: m.At, Text: m.Text, Files: newFiles(m.Files, zone)})
	}
	if v.Asked != nil {
		out.Asked = v.Asked.ID
	}
	if b := v.Answer; b != nil {
		out.Answer = &v1Answer{ID: b.ID, At: instant(b.At, zone), Opened: b.Open, Outcome: b.Outcome, Reason: b.Reason, Text: b.Text,
			Files: newFiles(b.Files, zone)}
	}
	if v.Closing != nil && v.Closing.Appeal {
		out.AppealUntil = &v.Closing.Until
	}
	for _, h := range v.Timeline {
		e := v1PersonEvent{At: h.At, Act: contract.Act(strings.TrimPrefix(h.Key, "track.act."))}
		e.Text = a.say(c, h.Key)
		if h.Field != "" {
			e.Text += a.say(c, "page.colon") + a.console.sentence(c, "field."+string(h.Field), string(h.Field))
		}
		out.Timeline = append(out.Timeline, e)
	}
}

// personActs are the acts that the tracking page would offer.
func personActs(v trackedView) []string {
	out := []string{}
	add := func(on bool, acts ...string) {
		if on {
			out = append(out, acts...)
		}
	}
	add(v.Code != nil && !v.Code.ByHand, "code")
	add(v.Code != nil && !v.Code.ByHand && !v.Code.Again, "code/resend")
	add(v.Code != nil && v.Code.Texts, "code/text")
	add(v.RealName != nil && v.RealName.Offers(string(ticket.MethodRealName)), "real-name")
	add(v.RealName != nil && v.RealName.Offers(string(ticket.MethodBankPayment)), "payment")
	add(v.RealName != nil && v.RealName.Paid, "payment/amount")
	add(v.Relation != nil && !v.Relation.Waits || v.RealName != nil && v.RealName.Proof != nil && !v.RealName.Proof.Waits, "proofs")
	add(v.Withdraw, "withdrawal")
	add(v.Reply != nil, "replies")
	add(v.Obstacles != nil, "obstacles-settled")
	add(v.Confirm != nil, "consequences")
	add(v.Answer != nil && !v.Answer.Open, "answer-read")
	add(v.Closing != nil && v.Closing.Solved, "solved")
	add(v.Closing != nil && v.Closing.Appeal, "not-solved")
	return out
}

// written is what the person asked for, as it is stored.
func written(t store.Ticket, c store.Content) V1Request {
	out := V1Request{Kind: t.Kind, Category: t.Category, Relation: t.Relation, RelationNote: c.RelationNote, Locale: t.Locale,
		Person:  v1Person{c.Person.Name, c.Person.Email, c.Person.Phone, c.Person.Account},
		Subject: c.Subject, Text: c.Text}
	if o := c.OnBehalfOf; o != (store.Person{}) {
		out.OnBehalfOf = &v1Subject{o.Name, o.Email, o.Phone}
	}
	for _, change := range c.Changes {
		out.Changes = append(out.Changes, v1Change{string(change.Field), change.Old, change.Proposed})
	}
	return out
}
