// Package accounts is the desk's view of the operator's own account system:
// the place where a decision is carried out. The desk never touches the
// operator's databases; it asks through System and believes only what System
// confirms.
//
// Two implementations are shipped: Webhook (a signed HTTP contract, see
// docs/account-system.md) and Manual (a person does it and ticks it off).
package accounts

import (
	"context"
	"log/slog"
	"time"
)

// System is the operator's own account system: what fulfilment acts on.
//
// Errors are of three classes. ErrNoAccount: there is no such account (any
// more). *PermanentError: the system refuses and will refuse again. Anything
// else is temporary and worth a retry.
//
// StopServices, Erase, Correct and Purge are acts. An act may be asked for
// more than once with the same Act.IdempotencyKey; it is done once, and every
// later call gives the answer of the first, except that Done.Pending may have
// turned false in the meantime.
type System interface {
	// Lookup finds one account by what the person typed, or by Ref. It never
	// changes anything. Manual answers ErrLookupManual.
	Lookup(ctx context.Context, q LookupRequest) (Account, error)

	// Obstacles lists what prevents cancellation at this moment; none means
	// that nothing does. It never changes anything.
	Obstacles(ctx context.Context, ref Ref) ([]Obstacle, error)

	// StopServices ends every service of the account and blocks sign-in. No
	// data is deleted. Refused with a PermanentError while obstacles stand.
	StopServices(ctx context.Context, act Act) (Done, error)

	// Erase treats each field of the plan as it says, all or none. Fields the
	// plan does not name are deleted. Done.Kept says what remains and why.
	Erase(ctx context.Context, act Act, plan []ErasePlanItem) (Done, error)

	// Correct writes new values, all or none. A change whose Expected differs
	// from the value on file is refused with CodeChangedMeanwhile.
	Correct(ctx context.Context, act Act, changes []Change) (Done, error)

	// Purge deletes the kept rest of an erased account, at the end of its
	// retention. Afterwards nothing of the account is left.
	Purge(ctx context.Context, act Act) (Done, error)
}

// Ref is the operator's own key of an account. It is opaque to the desk and
// must not be personal data in itself (no e-mail address, no phone number).
type Ref string

// LookupRequest names an account in one of two ways; exactly one is set.
type LookupRequest struct {
	Identifier string // as typed by the person: account name, e-mail address or phone number
	Ref        Ref    // as given by an earlier Lookup, to see what has become of it
}

// LogValue keeps what the person typed out of logs.
func (q LookupRequest) LogValue() slog.Value { return slog.StringValue("lookup") }

func (q LookupRequest) String() string { return "lookup" }

// Status is where an account stands.
type Status string

const (
	Active  Status = "active"
	Stopped Status = "stopped" // services ended, data still there
	Erased  Status = "erased"  // data deleted or anonymised; what law demands may be kept
)

// Account is what the system tells about one account.
type Account struct {
	Ref      Ref               `json:"ref"`
	Status   Status            `json:"status"`
	Contacts []Contact         `json:"contacts"` // verified contacts on file; codes go only to these
	Fields   map[string]string `json:"fields"`   // current values by field name
}

// LogValue keeps personal data out of logs.
func (a Account) LogValue() slog.Value { return slog.StringValue(a.String()) }

func (a Account) String() string { return "account " + string(a.Status) }

// ContactType is the kind of a contact.
type ContactType string

const (
	Email ContactType = "email"
	Phone ContactType = "phone"
)

// Contact is a way to reach the person that the operator had on file before
// the request came.
type Contact struct {
	Type  ContactType `json:"type"`
	Value string      `json:"value"`
	Since time.Time   `json:"since,omitzero"` // on file since; a contact that is new proves nothing yet. Zero: long ago
}

// The field names the desk knows words for. An operator may declare more:
// any name of lower-case letters, digits and underscores.
const (
	FieldName     = "name"
	FieldEmail    = "email"
	FieldPhone    = "phone"
	FieldAddress  = "address"
	FieldRealName = "real_name"
	FieldIDNumber = "id_number"
	FieldCompany  = "company"
)

// ObstacleCode is a machine's name for what prevents cancellation.
type ObstacleCode string

const (
	UnpaidBill     ObstacleCode = "unpaid_bill"
	RunningService ObstacleCode = "running_service"
	Balance        ObstacleCode = "balance"
	PendingDispute ObstacleCode = "pending_dispute"
	OtherObstacle  ObstacleCode = "other"
)

// Obstacle is one thing that prevents cancellation, in words the person can
// act on. The words hold no personal data.
type Obstacle struct {
	Code ObstacleCode `json:"code"`
	ZH   string       `json:"zh"`
	EN   string       `json:"en"`
}

// Act is who is acted on, on whose ticket, and under which key.
type Act struct {
	Ref            Ref
	IdempotencyKey string // one per act of a ticket, at most 200 printable ASCII characters
	Ticket         string // ticket number, for the system's own records
}

// Treatment is what happens to a field on erasure.
type Treatment string

const (
	Delete    Treatment = "delete"
	Anonymise Treatment = "anonymise" // no one can tell any more whom it was about
	Keep      Treatment = "keep"      // locked away until a date, then purged
)

// ErasePlanItem says what to do with one field. Until and Basis belong to Keep.
type ErasePlanItem struct {
	Field string    `json:"field"`
	Do    Treatment `json:"do"`
	Until time.Time `json:"until,omitzero"`
	Basis string    `json:"basis,omitempty"` // the law or contract that demands keeping
}

// Change is one field's new value.
type Change struct {
	Field    string  `json:"field"`
	Value    string  `json:"value"`
	Expected *string `json:"expected,omitempty"` // value on file the change was decided on; nil: whatever it is
}

// LogValue keeps the values out of logs.
func (c Change) LogValue() slog.Value { return slog.StringValue(c.String()) }

func (c Change) String() string { return "change of " + c.Field }

// Done is the confirmation of an act.
type Done struct {
	Reference string      `json:"reference"`         // the system's own record of the act; no personal data
	Pending   bool        `json:"pending,omitempty"` // accepted, but a person has still to do it
	At        time.Time   `json:"at"`                // when it was done, or accepted if pending
	Kept      []KeptField `json:"kept,omitempty"`
}

// KeptField is a field that remains after erasure, until when and why.
type KeptField struct {
	Field string    `json:"field"`
	Until time.Time `json:"until"`
	Basis string    `json:"basis"`
}
