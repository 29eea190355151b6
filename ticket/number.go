package ticket

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
	"time"
)

// Number names a ticket: DSR-20261123-7K3F9QXM, the day of receipt and eight
// characters of Crockford's base 32 drawn at random (40 bits), so that numbers
// can be read out on the telephone and can be neither guessed nor counted. It
// is also the id of the ticket's workflow.
type Number string

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewNumber draws a number for a ticket received at t, in t's own zone.
func NewNumber(t time.Time) Number {
	var raw [8]byte
	_, _ = rand.Read(raw[3:]) // never fails: crypto/rand ends the program instead
	bits := binary.BigEndian.Uint64(raw[:])
	tail := make([]byte, 8)
	for i := range tail {
		tail[7-i] = crockford[bits>>(5*i)&31]
	}
	return Number("DSR-" + t.Format("20060102") + "-" + string(tail))
}

// ParseNumber reads a number as people type it: lower case, spaces for
// hyphens, full-width characters, the letters O, I and L for digits.
func ParseNumber(s string) (Number, bool) {
	var b strings.Builder
	for _, r := range strings.ToUpper(s) {
		if r >= '！' && r <= '～' { // full-width forms
			r = r - '！' + '!'
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			b.WriteRune(r)
		}
	}
	c, ok := strings.CutPrefix(b.String(), "DSR")
	if !ok || len(c) != 16 {
		return "", false
	}
	fix := strings.NewReplacer("O", "0", "I", "1", "L", "1")
	day, tail := fix.Replace(c[:8]), fix.Replace(c[8:])
	if _, err := time.Parse("20060102", day); err != nil {
		return "", false
	}
	if strings.Trim(tail, crockford) != "" {
		return "", false
	}
	return Number("DSR-" + day + "-" + tail), true
}
