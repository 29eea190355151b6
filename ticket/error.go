package ticket

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Error is a refusal in words: a code for programs and catalogues, and facts
// for the sentence. The facts carry no personal data: they pass through
// Temporal. Anything that is not an Error is internal and only logged.
type Error struct {
	Code  string            `json:"code"`            // e.g. "already_answered"; catalogue key "refusal.already_answered"
	Field string            `json:"field,omitempty"` // the input field to mend, if one is
	Facts map[string]string `json:"facts,omitempty"` // e.g. {"agent": "li.wei", "at": "2026-03-03T10:00:00+08:00"}
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(strings.ReplaceAll(e.Code, "_", " "))
	for _, k := range slices.Sorted(maps.Keys(e.Facts)) {
		fmt.Fprintf(&b, " %s=%s", k, e.Facts[k])
	}
	return b.String()
}

// Refuse makes an Error from a code and pairs of facts.
func Refuse(code string, facts ...string) *Error {
	e := &Error{Code: code}
	for i := 0; i+1 < len(facts); i += 2 {
		if e.Facts == nil {
			e.Facts = map[string]string{}
		}
		e.Facts[facts[i]] = facts[i+1]
	}
	return e
}

// RefuseField is Refuse for an input field that can be mended.
func RefuseField(field, code string, facts ...string) *Error {
	e := Refuse(code, facts...)
	e.Field = field
	return e
}

// AsError finds the Error in err's chain.
func AsError(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}
