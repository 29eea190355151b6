package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/evidence"
	"rightsdesk/ticket"
)

// EvidenceOrder is who asks for evidence, and what the database does not know.
type EvidenceOrder struct {
	By       ticket.AgentID // Nobody: at the command line
	At       time.Time
	Product  string         // version of this program
	Policy   *ticket.Policy // the ticket's own
	Workflow evidence.History
}

// ExportEvidence makes the signed file that proves how a ticket was handled, or fails
// with ErrForeignEntry. That it was made is the last entry of the trail in it. Nothing of it is sealed, so
// that it is the same after a purge.
func (s *Store) ExportEvidence(ctx context.Context, number ticket.Number, o EvidenceOrder) ([]byte, error) {
	key, err := s.signingKey(ctx)
	if err != nil {
		return nil, err
	}
	var f evidence.File
	err = s.inTx(ctx, "exporting the evidence of "+string(number), func(tx *gorm.DB) (err error) {
		row, err := lockTicket(tx, number)
		if err != nil {
			return err
		}
		by := contract.Event{At: o.At, Actor: contract.ByStaff, Agent: o.By, Act: contract.ActEvidenceExported}
		if o.By == ticket.Nobody {
			by.Actor = contract.BySystem
		}
		if err := s.addEvents(tx, number, 0, by); err != nil {
			return err
		}
		f, err = s.evidence(tx, row, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return evidence.Sign(f, key)
}

func (s *Store) evidence(tx *gorm.DB, row ticketRow, o EvidenceOrder) (evidence.File, error) {
	t, err := row.ticket()
	if err != nil {
		return evidence.File{}, err
	}
	f := evidence.File{
		Product: o.Product, MadeAt: instantOf(o.At).time(), MadeBy: string(o.By), Ticket: evidenceTicket(t),
		Policy:     evidence.Policy{Name: t.Policy.Name, Version: t.Policy.Version, Digest: t.Policy.Digest},
		Decision:   evidenceDecision(t.State.Decision),
		Fulfilment: evidenceFulfilment(t, o.Policy),
		Workflow:   o.Workflow,
	}
	if o.By == ticket.Nobody {
		f.MadeBy = evidence.CommandLine
	}
	var head chainHeadRow
	if err := tx.Take(&head, "id = 1").Error; err != nil {
		return f, err
	}
	f.Chain = evidence.Head{Position: head.Position, Hash: head.Hash}
	if f.Calendar, err = evidenceCalendar(tx, o.Policy.Calendar, t.Calendar); err != nil {
		return f, err
	}
	return f, s.evidenceRows(tx, t.Number, &f)
}

func evidenceTicket(t Ticket) evidence.Ticket {
	return evidence.Ticket{
		Number: t.Number, Kind: t.Kind, Category: t.Category, Channel: t.Channel, Relation: t.Relation, Locale: t.Locale,
		Stage: t.Stage, Outcome: t.Outcome, Reason: t.Reason, Level: t.Level, Appealed: t.Appealed, SLA: t.SLA,
		Provisional: t.Provisional, FiledBy: t.FiledBy, ReceivedAt: t.ReceivedAt, FiledAt: t.FiledAt, ReplyDue: t.ReplyDue,
		VerifiedAt: t.VerifiedAt, AnsweredAt: t.AnsweredAt, BreachedAt: t.BreachedAt, ClosedAt: t.ClosedAt, LockedAt: t.LockedAt,
		PurgedAt: t.PurgedAt,
	}
}

func evidenceDecision(d *contract.Decision) *evidence.Decision {
	if d == nil {
		return nil
	}
	out := &evidence.Decision{By: d.By, At: instantOf(d.At).time(), Outcome: d.Outcome, Reason: d.Reason, FourEyes: d.FourEyes,
		ApprovedBy: d.Approved, Fields: []evidence.FieldDecision{}}
	for _, f := range d.Fields {
		out.Fields = append(out.Fields, evidence.FieldDecision{Field: f.Field, Accepted: f.Accept, Reason: f.Reason})
	}
	return out
}

func evidenceFulfilment(t Ticket, policy *ticket.Policy) evidence.Fulfilment {
	a := t.State.Account
	f := evidence.Fulfilment{Done: append([]contract.AccountStep{}, a.Done...), FieldsChanged: append([]contract.FieldName{}, a.Applied...),
		PointOfNoReturn: instantOf(a.NoReturn).time(), KeptUntil: t.KeptUntil, KeptByPolicy: []evidence.KeptRule{}}
	if t.Kind == ticket.AccountCancellation && slices.Contains(a.Done, contract.StepErase) {
		for _, r := range policy.Retain {
			f.KeptByPolicy = append(f.KeptByPolicy, evidence.KeptRule{Field: r.Field, Basis: r.Basis})
		}
	}
	return f
}

func evidenceCalendar(tx *gorm.DB, name string, version contract.CalendarVersion) (evidence.Calendar, error) {
	c := evidence.Calendar{Name: name, Version: version, Schedules: []evidence.Schedule{}}
	var rows []calendarRow
	err := tx.Omit("text").Order("version").Find(&rows, "name = ? AND version <= ?", name, version).Error
	for _, r := range rows {
		c.Schedules = append(c.Schedules, evidence.Schedule{Version: r.Version, Digest: r.Digest, LoadedAt: r.LoadedAt.time()})
	}
	return c, err
}

// evidenceRows fills in what stands in rows of its own.
func (s *Store) evidenceRows(tx *gorm.DB, number ticket.Number, f *evidence.File) error {
	of := func() *gorm.DB { return tx.Where("number = ?", number) }
	f.Trail, f.Clock.Entries = []evidence.Entry{}, []evidence.ClockEntry{}
	f.Mails, f.Verification = []evidence.Mail{}, []evidence.Check{}
	var events []eventRow
	if err := of().Order(inChain).Find(&events).Error; err != nil {
		return err
	}
	for _, r := range events {
		ours, adopted := s.isOurs(r.chained())
		if !ours {
			return ErrForeignEntry
		}
		e := r.entry()
		e.Adopted = adopted
		f.Trail = append(f.Trail, e)
	}
	var ledger []ledgerRow
	if err := of().Order(inChain).Find(&ledger).Error; err != nil {
		return err
	}
	for _, r := range ledger {
		ours, adopted := s.isOurs(r.chained())
		if !ours {
			return ErrForeignEntry
		}
		e := r.entry()
		e.Adopted = adopted
		f.Clock.Entries = append(f.Clock.Entries, e)
	}
	var mails []mailRow
	if err := of().Order("id").Find(&mails).Error; err != nil {
		return err
	}
	for _, r := range mails {
		f.Mails = append(f.Mails, evidence.Mail{Letter: r.Letter, To: r.Recipient, Status: string(r.Status), Attempts: r.Attempts,
			Code: r.LastCode, QueuedAt: r.QueuedAt.time(), TriedAt: r.LastTriedAt.time(), AcceptedAt: r.AcceptedAt.time()})
	}
	var checks []verificationRow
	if err := of().Omit("contact", "code_hash").Order("id").Find(&checks).Error; err != nil {
		return err
	}
	for _, r := range checks {
		f.Verification = append(f.Verification, evidence.Check{Method: r.Method, Level: r.Level, To: r.Recipient, Tries: r.Tries,
			Delivered: r.Delivered, SentAt: r.SentAt.time(), ExpiresAt: r.ExpiresAt.time(), ProvedAt: r.ProvedAt.time()})
	}
	return nil
}
