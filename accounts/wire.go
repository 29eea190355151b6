package accounts

import (
	"errors"
	"fmt"
	"time"
)

// operation is the last part of an endpoint's path. It stands in the signed
// body too, so that a request cannot be replayed at another endpoint.
type operation string

const (
	opLookup       operation = "lookup"
	opObstacles    operation = "obstacles"
	opStopServices operation = "stop-services"
	opErase        operation = "erase"
	opCorrect      operation = "correct"
	opPurge        operation = "purge"
)

// request is the body of every call. docs/account-system.md shows each shape.
type request struct {
	Operation      operation       `json:"operation"`
	Identifier     string          `json:"identifier,omitempty"`
	Ref            Ref             `json:"ref,omitempty"`
	Ticket         string          `json:"ticket,omitempty"`
	IdempotencyKey string          `json:"idempotency_key,omitempty"`
	Plan           []ErasePlanItem `json:"plan,omitempty"`
	Changes        []Change        `json:"changes,omitempty"`
}

func (r request) act() Act {
	return Act{Ref: r.Ref, IdempotencyKey: r.IdempotencyKey, Ticket: r.Ticket}
}

func actRequest(op operation, act Act) request {
	return request{Operation: op, Ref: act.Ref, Ticket: act.Ticket, IdempotencyKey: act.IdempotencyKey}
}

// check says what is missing in a request. It names fields, never values.
func (r request) check() error {
	switch r.Operation {
	case opLookup:
		if (r.Identifier == "") == (r.Ref == "") {
			return errors.New("exactly one of identifier and ref is needed")
		}
		return nil
	case opObstacles:
		if r.Ref == "" {
			return errors.New("ref is needed")
		}
		return nil
	case opStopServices, opErase, opCorrect, opPurge:
	default:
		return errors.New("unknown operation")
	}
	if r.Ref == "" || r.Ticket == "" {
		return errors.New("ref and ticket are needed")
	}
	if !validKey(r.IdempotencyKey) {
		return errors.New("idempotency_key must be 1 to 200 printable ASCII characters")
	}
	if r.Operation == opErase {
		return checkPlan(r.Plan)
	}
	if r.Operation == opCorrect {
		return checkChanges(r.Changes)
	}
	return nil
}

func checkPlan(plan []ErasePlanItem) error {
	if len(plan) == 0 {
		return errors.New("plan is empty")
	}
	seen := map[string]bool{}
	for i, item := range plan {
		if !ValidField(item.Field) || seen[item.Field] {
			return fmt.Errorf("plan[%d].field is no field name or named twice", i)
		}
		seen[item.Field] = true
		switch item.Do {
		case Delete, Anonymise:
		case Keep:
			if item.Until.IsZero() || item.Basis == "" {
				return fmt.Errorf("plan[%d]: keep needs until and basis", i)
			}
		default:
			return fmt.Errorf("plan[%d].do is none of delete, anonymise, keep", i)
		}
	}
	return nil
}

func checkChanges(changes []Change) error {
	if len(changes) == 0 {
		return errors.New("changes is empty")
	}
	seen := map[string]bool{}
	for i, c := range changes {
		if !ValidField(c.Field) || seen[c.Field] {
			return fmt.Errorf("changes[%d].field is no field name or named twice", i)
		}
		seen[c.Field] = true
	}
	return nil
}

func validKey(key string) bool {
	if key == "" || len(key) > 200 {
		return false
	}
	for _, c := range []byte(key) {
		if c < 0x21 || c > 0x7e {
			return false
		}
	}
	return true
}

// errorAnswer is the body of every answer that is not 200 or 202.
type errorAnswer struct {
	Code    string `json:"code"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message,omitempty"`
}

// codeNoAccount makes a 404 mean that there is no account. A 404 without it
// is a wrong address, and must not be taken for one.
const codeNoAccount = "no_account"

type obstaclesAnswer struct {
	Obstacles *[]Obstacle `json:"obstacles"`
}

// The checks below refuse answers that confirm nothing, such as the "{}" of
// a proxy in between: the desk must never say done on the strength of those.

func (a Account) check() error {
	if a.Ref == "" {
		return errors.New("account without ref")
	}
	switch a.Status {
	case Active, Stopped, Erased:
	default:
		return errors.New("account with unknown status")
	}
	for _, c := range a.Contacts {
		if (c.Type != Email && c.Type != Phone) || c.Value == "" {
			return errors.New("account with a contact of unknown type or without value")
		}
	}
	return nil
}

func (a obstaclesAnswer) check() error {
	if a.Obstacles == nil {
		return errors.New("answer without obstacles")
	}
	for _, o := range *a.Obstacles {
		switch o.Code {
		case UnpaidBill, RunningService, Balance, PendingDispute, OtherObstacle:
		default:
			return errors.New("obstacle with unknown code")
		}
		if o.ZH == "" || o.EN == "" {
			return errors.New("obstacle without words")
		}
	}
	return nil
}

func (d Done) check() error {
	if d.Reference == "" || d.At.IsZero() {
		return errors.New("confirmation without reference or time")
	}
	for _, k := range d.Kept {
		if !ValidField(k.Field) || k.Until.IsZero() || k.Basis == "" {
			return errors.New("kept field without name, date or basis")
		}
	}
	return nil
}

// keptOf lists what a plan keeps.
func keptOf(plan []ErasePlanItem) []KeptField {
	var kept []KeptField
	for _, item := range plan {
		if item.Do == Keep {
			kept = append(kept, KeptField{Field: item.Field, Until: item.Until.In(time.UTC), Basis: item.Basis})
		}
	}
	return kept
}
