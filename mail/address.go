package mail

import (
	"net/mail"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// Address checks that s is one bare address and gives it as it goes on the
// wire: the domain in ASCII, the part before the @ as it was (its case counts,
// and it may hold letters of any script). Display names, comments, quotes,
// lists, address literals, spaces and control characters are refused.
func Address(s string) (string, bool) {
	if strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r) || r == unicode.ReplacementChar
	}) || strings.ContainsAny(s, "\"\\<>()[]:;,") {
		return "", false
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s {
		return "", false
	}
	at := strings.LastIndexByte(s, '@')
	domain, err := idna.Lookup.ToASCII(s[at+1:])
	if err != nil || strings.Contains("."+domain+".", "..") || at > 64 { // an empty label may be left of "xn--"
		return "", false
	}
	if s = s[:at+1] + domain; len(s) > 254 {
		return "", false
	}
	return s, true
}

// ascii reports that an address needs no SMTPUTF8.
func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
