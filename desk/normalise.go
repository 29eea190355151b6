package desk

import (
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// People type with Chinese keyboards, copy from web pages and add spaces. What
// follows understands them and gives the one way to write a value down.

// line cleans a value of one line: full-width letters, digits and spaces become
// plain ones, runs of space one, and what can't be seen goes.
func line(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	var b strings.Builder
	gap := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			gap = b.Len() > 0
			continue
		case invisible(r):
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(plainLetter(r))
	}
	return norm.NFC.String(b.String())
}

// plainLetter turns full-width letters and digits into plain ones. Full-width
// punctuation stays: in Chinese it is how punctuation is written.
func plainLetter(r rune) rune {
	if r >= '０' && r <= '９' || r >= 'Ａ' && r <= 'Ｚ' || r >= 'ａ' && r <= 'ｚ' {
		return r - '０' + '0'
	}
	return r
}

// blanks are letters and symbols that show nothing: fillers of Hangul, and Braille's
// pattern without a dot.
const blanks = "\u115f\u1160\u3164\uffa0\u2800"

// invisible reports characters that show nothing: controls, byte order marks, blanks and
// marks that turn the writing direction, which can make one name look like
// another. The joiners that some scripts need stay.
func invisible(r rune) bool {
	return strings.ContainsRune(blanks, r) || unicode.IsControl(r) || r == '\ufffd' || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d'
}

// prose cleans a text of several lines: it keeps paragraphs and punctuation, and
// drops what can't be seen.
func prose(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s)
	s = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && invisible(r) {
			return -1
		}
		return r
	}, s)
	if strings.Trim(s, "\u200c\u200d \t\n") == "" { // joiners that join nothing
		return ""
	}
	return strings.TrimSpace(norm.NFC.String(s))
}

// code cleans a value in which letters and digits count and space does not: an
// account name, the number of a document.
func code(s string) string { return width.Fold.String(line(s)) }

// ideographic turns the full stops of Chinese keyboards into dots.
var ideographic = strings.NewReplacer("。", ".", "｡", ".", "．", ".")

const (
	maxEmail = 254 // RFC 5321, 4.5.3.1.3
	maxLocal = 64
)

// email gives the address of one mailbox with its domain in lower-case ASCII.
// Display names, comments, quoted parts and lists are no such address.
func email(s string) (string, bool) {
	s = strings.TrimSpace(code(ideographic.Replace(s)))
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > maxLocal || !atoms(s[:at]) {
		return "", false
	}
	domain, err := idna.Lookup.ToASCII(s[at+1:])
	if err != nil || !hostname(domain) {
		return "", false
	}
	s = s[:at+1] + domain
	return s, len(s) <= maxEmail
}

// atoms reports a dot-atom of RFC 5322.
func atoms(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || strings.IndexFunc(part, func(r rune) bool { return !atomRune(r) }) >= 0 {
			return false
		}
	}
	return true
}

func atomRune(r rune) bool {
	return letterOrDigit(r) || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func letterOrDigit(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// hostname reports a name of at least two labels whose last is not a number.
func hostname(s string) bool {
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' ||
			strings.IndexFunc(l, func(r rune) bool { return r != '-' && !letterOrDigit(r) }) >= 0 {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(labels) > 1 && len(s) <= 253 && strings.Trim(last, "0123456789") != ""
}

// phone gives a telephone number as +8613812345678. One without a country code
// is taken for Chinese.
func phone(s string) (string, bool) {
	s = code(s)
	if strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789+-–—‐() ./", r) }) >= 0 {
		return "", false
	}
	n, err := phonenumbers.Parse(s, "CN")
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// account cleans what an account is found by. An e-mail address or a telephone
// number in full is written as such; anything else stays as it is, since the
// account system knows its own names.
func account(s string) string {
	s = code(s)
	if e, ok := email(s); ok {
		return e
	}
	if p, ok := phone(s); ok && mobile(p) {
		return p
	}
	return s
}

// SearchedContact gives the ways in which filing may have written down a contact
// that staff look for. The same digits may have come as a telephone number or as
// an account's name.
func SearchedContact(typed string) []string {
	ways := []string{account(typed)}
	if p, ok := phone(typed); ok && p != ways[0] {
		ways = append(ways, p)
	}
	return ways
}

// mobile reports a Chinese mobile number, or one given with its country code.
// Shorter runs of digits may well be an account's name.
func mobile(e164 string) bool { return len(e164) == len("+8613812345678") }
