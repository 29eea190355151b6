package mail

import "fmt"

// Step is where a conversation with the mail server was.
type Step string

const (
	StepCheck    Step = "check" // before any server was asked
	StepConnect  Step = "connect"
	StepGreeting Step = "greeting"
	StepHello    Step = "hello"
	StepTLS      Step = "tls"
	StepAuth     Step = "auth"
	StepFrom     Step = "from"
	StepTo       Step = "to"
	StepData     Step = "data"
	StepAccept   Step = "accept" // the whole message is over there, and the word is awaited
)

// RefusedError says that the message will never be taken as it is: the server
// refused the recipient or the content with 5xx, or the message can't be sent
// at all. Its text holds neither the address nor what the server said.
type RefusedError struct {
	Step Step
	Code int // the server's, or 553 and 554 for an address or a message that is wrong in itself
}

func (e *RefusedError) Error() string { return fmt.Sprintf("mail refused at %s: %d", e.Step, e.Code) }

// TemporaryError says that it may work later. A server that refuses the desk
// itself (greeting, TLS, sign-in, sender) is temporary: the operator mends that,
// and no answer to a person may be lost by it. It wraps nothing: what lies below
// may quote the server, and Temporal keeps every cause it can unwrap.
type TemporaryError struct {
	Step   Step
	Code   int    // the server's, 0 when it said nothing
	Reason string // when it said nothing: "timeout", "connection refused", …
}

func (e *TemporaryError) Error() string {
	if e.Code != 0 {
		return fmt.Sprintf("mail deferred at %s: %d", e.Step, e.Code)
	}
	return fmt.Sprintf("mail deferred at %s: %s", e.Step, e.Reason)
}
