package desk

import (
	"time"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// Request is what somebody asks for, as typed.
type Request struct {
	FormToken    string // filing it again gives the same receipt; its staged uploads become the ticket's
	Kind         ticket.Kind
	Category     ticket.Category // complaints only
	Channel      ticket.Channel  // empty: the web
	Relation     ticket.Relation // empty: self
	Locale       ticket.Locale   // empty: Chinese
	ReceivedAt   time.Time       // only when staff file it; else it is now
	FiledBy      *Staff          // nil: the person
	Person       store.Person
	OnBehalfOf   store.Person // the data subject, where the relation is not self; all of it optional
	RelationNote string
	Subject      string
	Text         string
	Changes      []store.Change  // corrections only
	Files        []store.NewFile // not staged; checked with CheckFile by the caller
}

// The names of the inputs, in forms and in FieldError.Field.
const (
	InputKind         = "kind"
	InputCategory     = "category"
	InputChannel      = "channel"
	InputRelation     = "relation"
	InputRelationNote = "relation_note"
	InputLocale       = "locale"
	InputReceivedAt   = "received_at"
	InputName         = "name"
	InputEmail        = "email"
	InputPhone        = "phone"
	InputAccount      = "account"
	InputBehalfName   = "behalf_name"
	InputBehalfEmail  = "behalf_email"
	InputBehalfPhone  = "behalf_phone"
	InputSubject      = "subject"
	InputText         = "text"
	InputChanges      = "changes"
	InputFiles        = "files"
	InputReason       = "reason"
	InputOutcome      = "outcome"
)

// InputOld and InputProposed name the two inputs of a field to correct.
func InputOld(f contract.FieldName) string      { return "change." + string(f) + ".old" }
func InputProposed(f contract.FieldName) string { return "change." + string(f) + ".proposed" }

// FieldError is an input to mend. Its sentence is "refusal."+Code of the
// catalogues, with the facts; none of them repeats what was typed.
type FieldError struct {
	Field string            `json:"field"`
	Row   int               `json:"row,omitempty"` // of Request.Changes, counted from 1; 0: not about one
	Code  string            `json:"code"`
	Facts map[string]string `json:"facts,omitempty"`
}

// Receipt is what the person holds in hand from then on.
type Receipt struct {
	Number      ticket.Number
	Kind        ticket.Kind
	ReceivedAt  time.Time
	ReplyDue    time.Time // in the zone of the policy's calendar
	Provisional bool
	DaysLeft    int // working days
	Email       string
}
