package mailcatcher

import "time"

// Message is one mail as GET /messages shows it.
type Message struct {
	ID           int64               `json:"id"`            // grows with every mail
	Time         time.Time           `json:"time"`          // when it was accepted, UTC
	EnvelopeFrom string              `json:"envelope_from"` // MAIL FROM: where a bounce would go
	From         string              `json:"from"`          // the From header, decoded
	To           []string            `json:"to"`            // RCPT TO: who really gets it, Bcc included
	Subject      string              `json:"subject"`
	Text         string              `json:"text"` // the first text/plain part
	HTML         string              `json:"html"` // the first text/html part
	MessageID    string              `json:"message_id"`
	InReplyTo    string              `json:"in_reply_to"`
	References   []string            `json:"references"`
	Headers      map[string][]string `json:"headers"` // all of them, decoded, by canonical name
	Attachments  []Attachment        `json:"attachments"`
	Problem      string              `json:"problem,omitempty"` // what a strict reader would object to
}

// Attachment is any other part of a mail.
type Attachment struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int    `json:"size"` // bytes, decoded
}
