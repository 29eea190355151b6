package mail

import (
	"net/mail"
	"net/textproto"
	"strings"
	"time"
	"unicode"

	"github.com/jordan-wright/email"
)

// envelope is a message in bytes, and between which addresses it travels.
type envelope struct {
	from, to  string
	messageID string
	raw       []byte
}

// build checks every part of the message and writes it out. What is wrong is a
// *RefusedError: no retry mends it. Nothing with a line break, or another
// control character, comes into a header.
func build(m Message, from mail.Address, at time.Time) (envelope, error) {
	if m.From != "" {
		parsed, err := mail.ParseAddress(m.From)
		if err != nil {
			return envelope{}, &RefusedError{Step: StepCheck, Code: 554}
		}
		from = *parsed
	}
	sender, ok := Address(from.Address)
	if !ok || !line(from.Name) {
		return envelope{}, &RefusedError{Step: StepCheck, Code: 554}
	}
	to, ok := Address(m.To)
	if !ok {
		return envelope{}, &RefusedError{Step: StepCheck, Code: 553}
	}
	headers, ok := m.headers(at)
	if !ok || !line(m.Subject) || m.Subject == "" || m.Text == "" {
		return envelope{}, &RefusedError{Step: StepCheck, Code: 554}
	}
	e := email.Email{
		From:    (&mail.Address{Name: from.Name, Address: sender}).String(),
		To:      []string{to},
		Subject: m.Subject,
		Text:    []byte(m.Text),
		HTML:    []byte(m.HTML),
		Headers: headers,
	}
	raw, err := e.Bytes()
	if err != nil {
		return envelope{}, &RefusedError{Step: StepCheck, Code: 554}
	}
	return envelope{from: sender, to: to, messageID: m.MessageID, raw: raw}, nil
}

// headers are all but From, To and Subject.
func (m Message) headers(at time.Time) (textproto.MIMEHeader, bool) {
	h := textproto.MIMEHeader{}
	for name, value := range m.Headers {
		if !token(name) || !line(value) || reserved[textproto.CanonicalMIMEHeaderKey(name)] {
			return nil, false
		}
		h.Set(name, value)
	}
	h.Set("Date", at.Format(time.RFC1123Z))
	h.Set("Auto-Submitted", "auto-generated") // RFC 3834: no holiday answers to us
	h.Set("X-Auto-Response-Suppress", "All")
	if !messageID(m.MessageID) {
		return nil, false
	}
	h.Set("Message-Id", m.MessageID)
	if m.InReplyTo != "" {
		if !messageID(m.InReplyTo) {
			return nil, false
		}
		h.Set("In-Reply-To", m.InReplyTo)
	}
	for _, r := range m.References {
		if !messageID(r) {
			return nil, false
		}
	}
	if len(m.References) > 0 {
		h.Set("References", strings.Join(m.References, " "))
	}
	if m.Locale != "" {
		if !token(string(m.Locale)) {
			return nil, false
		}
		h.Set("Content-Language", string(m.Locale))
	}
	return h, true
}

// reserved headers have a field of their own in Message, or are the builder's.
var reserved = map[string]bool{"From": true, "To": true, "Cc": true, "Bcc": true, "Sender": true,
	"Subject": true, "Date": true, "Message-Id": true, "In-Reply-To": true, "References": true,
	"Mime-Version": true, "Content-Type": true, "Content-Transfer-Encoding": true, "Content-Language": true}

// line reports that s stays on one line of a header.
func line(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar
	})
}

// token reports a header name or a language: letters, digits and hyphens.
func token(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-')
	})
}

// messageID reports "<left@right>" of letters, digits, dots, hyphens, underscores.
func messageID(s string) bool {
	if len(s) < 5 || len(s) > 250 || s[0] != '<' || s[len(s)-1] != '>' {
		return false
	}
	left, right, ok := strings.Cut(s[1:len(s)-1], "@")
	plain := func(s string) bool { return token(strings.NewReplacer(".", "", "_", "").Replace(s)) }
	return ok && plain(left) && plain(right)
}
