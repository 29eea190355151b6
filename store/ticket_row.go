package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

type ticketRow struct {
	Number        ticket.Number `gorm:"primaryKey"`
	FormHash      *string
	Kind          ticket.Kind
	Category      ticket.Category
	Channel       ticket.Channel
	Relation      ticket.Relation
	Locale        ticket.Locale
	Open          bool
	Stage         ticket.Stage
	Awaiting      ticket.Awaiting
	Outcome       ticket.Outcome
	Reason        ticket.RefusalReason
	ReceivedAt    instant
	FiledAt       instant
	FiledBy       ticket.AgentID
	PolicyName    string
	PolicyVersion string
	PolicyDigest  string
	ReplyDue      instant
	Provisional   bool
	Calendar      contract.CalendarVersion
	SLA           ticket.SLAState
	Escalation    int
	Assignee      ticket.AgentID
	LeaseNumber   int
	LeaseHolder   ticket.AgentID
	LeaseUntil    instant
	Level         ticket.Level
	VerifiedAt    instant
	AnsweredAt    instant
	ClosedAt      instant
	StoppedAt     instant
	BreachedAt    instant
	Appealed      bool
	Rev           int64
	Told          int64   // the newest revision that somebody has been told is done
	TaskAt        instant // Temporal's time of the task in which Rev was recorded
	Unsettled     int64   // the revision of an act that was asked for once, and nobody has been told the end of; 0: none
	State         string  // JSON of contract.State
	KeptUntil     instant
	LockedAt      instant
	PurgedAt      instant
	Unstarted     bool

	Tail  string `gorm:"->"` // computed by the database, as is Shown
	Shown bool   `gorm:"->"`
}

func (ticketRow) TableName() string { return "tickets" }

// project makes the row say what the workflow's state says. What has been purged
// stays so, whatever a late record says.
func (r *ticketRow) project(st contract.State) error {
	if !r.PurgedAt.isZero() {
		st.Stage, st.Awaiting = ticket.Purged, ticket.AwaitingNobody
	}
	text, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("encoding the state: %w", err)
	}
	r.State, r.Rev = string(text), st.Rev
	r.Stage, r.Open = st.Stage, st.Stage.Open()
	r.Awaiting, r.Outcome, r.Reason = st.Awaiting, st.Outcome, st.Reason
	if st.Category != "" {
		r.Category = st.Category
	}
	r.Assignee = st.Assignee
	r.LeaseNumber, r.LeaseHolder, r.LeaseUntil = st.Lease.Number, st.Lease.Holder, instantOf(st.Lease.Until)
	r.Level, r.VerifiedAt = st.Level, instantOf(st.VerifiedAt)
	if c := st.Clock; !c.Due.IsZero() { // until the clock is planned, the filing's own deadline stands
		r.ReplyDue, r.Provisional, r.Calendar = instantOf(c.Due), c.Provisional, c.Calendar
		r.SLA, r.Escalation = c.SLA, c.Escalation
		r.BreachedAt, r.StoppedAt = instantOf(c.BreachedAt), instantOf(c.StoppedAt)
	}
	r.Appealed = st.Appealed
	r.AnsweredAt, r.ClosedAt = instantOf(st.Answer.Delivered), instantOf(st.ClosedAt)
	if !st.Account.KeptUntil.IsZero() {
		r.KeptUntil = instantOf(st.Account.KeptUntil)
	}
	return nil
}

// update writes what differs from what the row was. SQLite maintains every index that
// has a column in it which a statement names, whether its value changes or not.
func (r ticketRow) update(tx *gorm.DB, was ticketRow) error {
	st := &gorm.Statement{DB: tx}
	if err := st.Parse(&r); err != nil {
		return err
	}
	now, then := reflect.ValueOf(r), reflect.ValueOf(was)
	change := map[string]any{}
	for _, f := range st.Schema.Fields {
		new, _ := f.ValueOf(tx.Statement.Context, now)
		old, _ := f.ValueOf(tx.Statement.Context, then)
		if f.Updatable && !reflect.DeepEqual(new, old) {
			change[f.DBName] = new
		}
	}
	if len(change) == 0 {
		return nil
	}
	return tx.Model(&ticketRow{}).Where("number = ?", r.Number).Updates(change).Error
}

// says reports that the row was projected from this state.
func (r ticketRow) says(st contract.State) bool {
	was, err := r.state()
	if err != nil {
		return false
	}
	if !r.PurgedAt.isZero() {
		st.Stage, st.Awaiting = ticket.Purged, ticket.AwaitingNobody
	}
	return SameState(was, st)
}

// SameState reports that two states say the same.
func SameState(a, b contract.State) bool {
	one, err := json.Marshal(a)
	if err != nil {
		return false
	}
	other, err := json.Marshal(b)
	return err == nil && bytes.Equal(one, other)
}

func (r ticketRow) state() (st contract.State, err error) {
	if err := json.Unmarshal([]byte(r.State), &st); err != nil {
		return st, fmt.Errorf("decoding the state of %s: %w", r.Number, err)
	}
	return st, nil
}

func (r ticketRow) ticket() (Ticket, error) {
	t := Ticket{
		Number: r.Number, Kind: r.Kind, Category: r.Category, Channel: r.Channel, Relation: r.Relation, Locale: r.Locale,
		Stage: r.Stage, Awaiting: r.Awaiting, Outcome: r.Outcome, Reason: r.Reason,
		ReceivedAt: r.ReceivedAt.time(), FiledAt: r.FiledAt.time(), FiledBy: r.FiledBy,
		Policy:   ticket.PolicyRef{Name: r.PolicyName, Version: r.PolicyVersion, Digest: r.PolicyDigest},
		ReplyDue: r.ReplyDue.time(), Provisional: r.Provisional, Calendar: r.Calendar, SLA: r.SLA, Escalation: r.Escalation,
		Assignee: r.Assignee, LeaseNumber: r.LeaseNumber, LeaseHolder: r.LeaseHolder, LeaseUntil: r.LeaseUntil.time(),
		Level: r.Level, VerifiedAt: r.VerifiedAt.time(), AnsweredAt: r.AnsweredAt.time(), ClosedAt: r.ClosedAt.time(),
		StoppedAt: r.StoppedAt.time(), BreachedAt: r.BreachedAt.time(), Appealed: r.Appealed, Rev: r.Rev,
		KeptUntil: r.KeptUntil.time(), LockedAt: r.LockedAt.time(), PurgedAt: r.PurgedAt.time(), Starting: r.Unstarted,
	}
	var err error
	t.State, err = r.state()
	return t, err
}
