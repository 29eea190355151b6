// Package mail writes the desk's letters and hands them to a mail server. It
// knows nothing of tickets' rows or workflows: who a letter is for and what it
// says is decided by the caller.
package mail

import (
	"context"
	"fmt"
	"time"

	"rightsdesk/ticket"
)

// Sender hands one message to a mail server.
type Sender interface {
	// Send returns once the server has taken responsibility for the message. A
	// *RefusedError is final; a *TemporaryError is worth a retry under the same
	// MessageID. When the connection breaks after the last byte and before the
	// server's word, nobody knows: that is a TemporaryError too, so a message
	// arrives at least once, and a second copy carries the same Message-ID.
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Receipt says that the server has taken the message, and when.
type Receipt struct {
	At        time.Time
	MessageID string
}

// Message is one mail to one person.
type Message struct {
	From       string // "" takes the sender's own
	To         string // a bare address: no display name
	Subject    string
	Text       string
	HTML       string
	MessageID  string // "<…@…>", the same at every attempt
	InReplyTo  string
	References []string
	Headers    map[string]string // more headers; those of automatic mail are always there
	Locale     ticket.Locale
}

// MessageID names the mail of one step of a ticket, the same at every attempt,
// so that mail programs drop a second copy.
func MessageID(step string, number ticket.Number, domain string) string {
	return fmt.Sprintf("<%s.%s@%s>", step, number, domain)
}

// Root is what all mails of a ticket refer to, so that mail programs show them
// as one conversation. No mail has this id itself: which one would come first
// is not known beforehand.
func Root(number ticket.Number, domain string) string {
	return fmt.Sprintf("<ticket.%s@%s>", number, domain)
}
