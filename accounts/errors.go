package accounts

import (
	"errors"
	"fmt"
	"regexp"
	"time"
)

var (
	// ErrNoAccount: the system knows no such account.
	ErrNoAccount = errors.New("no such account")

	// ErrLookupManual: there is no system to ask; an agent looks it up.
	ErrLookupManual = errors.New("an agent looks it up")
)

// Codes of permanent errors that mean the same with every system. A system
// may use others of its own.
const (
	CodeChangedMeanwhile = "changed_meanwhile" // the value on file is not the expected one
	CodeUnknownField     = "unknown_field"     // the system has no such field
	CodeInvalidValue     = "invalid_value"     // the system does not accept the value
	CodeObstacles        = "obstacles"         // something prevents it, see Obstacles
	CodeNotStopped       = "not_stopped"       // erasure before services were stopped
	CodeNotErased        = "not_erased"        // purge before erasure
	CodeKeyReused        = "key_reused"        // the idempotency key belongs to another act
	CodeAmbiguous        = "ambiguous"         // the identifier fits more than one account
	CodeUnspecified      = "unspecified"       // the system gave no usable code
)

// PermanentError is a refusal that a retry will not change. Its text holds
// the code and the field name alone, so it may be logged and put into a
// workflow's history.
type PermanentError struct {
	Code  string // lower-case letters, digits, underscores
	Field string // the field it is about, if it is about one

	words string
}

// Permanent makes a refusal. The words are for an agent's eyes.
func Permanent(code, field, words string) *PermanentError {
	return &PermanentError{Code: name(code, CodeUnspecified), Field: name(field, ""), words: words}
}

func (e *PermanentError) Error() string {
	if e.Field != "" {
		return fmt.Sprintf("account system refused: %s (field %s)", e.Code, e.Field)
	}
	return "account system refused: " + e.Code
}

// Words is what the system said, for the agent's page. It may hold personal
// data: it must not be logged nor reach a workflow.
func (e *PermanentError) Words() string { return e.words }

// TemporaryError is what kept the system from answering, fit for logs.
// Everything that is neither ErrNoAccount nor a PermanentError is temporary,
// of this type or not.
type TemporaryError struct {
	Operation  string        // "lookup", "erase", …
	Status     int           // HTTP status, 0 when there was no answer
	Code       string        // the system's code, if it gave one
	RetryAfter time.Duration // when the system asked for patience, else 0

	cause error
}

func (e *TemporaryError) Error() string {
	text := "account system: " + e.Operation
	if e.Status != 0 {
		text += fmt.Sprintf(": HTTP %d", e.Status)
	}
	if e.Code != "" {
		text += " " + e.Code
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

func (e *TemporaryError) Unwrap() error { return e.cause }

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// ValidField reports that a text may be a field's name.
func ValidField(field string) bool { return namePattern.MatchString(field) }

// name lets only harmless machine names through, so that no system can put a
// person's data where a code belongs.
func name(s, otherwise string) string {
	if namePattern.MatchString(s) {
		return s
	}
	return otherwise
}
