package mailcatcher

import (
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// laterTries is how often a "later-" recipient is put off.
const laterTries = 2

// Behaviour makes the server misbehave as mail servers do. The zero value is
// a good server.
type Behaviour struct {
	mu    sync.Mutex
	code  int
	delay time.Duration
	lose  int
	tries map[string]int // of later- recipients
	off   string         // the recipient that is put off
}

// AnswerAll answers every recipient with the code: 451 for a server in
// trouble, 550 for one that refuses. 0 ends it.
func (b *Behaviour) AnswerAll(code int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.code = code
}

// PutOff puts mails to one recipient off, as if their mailbox were full; "" ends
// it.
func (b *Behaviour) PutOff(to string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.off = strings.ToLower(to)
}

// Delay makes the server take its time before it confirms a mail.
func (b *Behaviour) Delay(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.delay = d
}

// LoseReplies cuts the connection instead of confirming each of the next n
// mails. They are kept all the same: the sender cannot know.
func (b *Behaviour) LoseReplies(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lose = n
}

// recipient says what happens to a recipient; nil accepts.
func (b *Behaviour) recipient(to string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	to = strings.ToLower(to)
	switch {
	case b.code != 0:
		return answer(b.code, "as told by a test")
	case to == b.off:
		return answer(452, "mailbox full")
	case strings.HasPrefix(to, "refuse-"):
		return answer(550, "no such mailbox")
	case strings.HasPrefix(to, "never-"):
		return answer(451, "try again later, whenever that is")
	case strings.HasPrefix(to, "later-"):
		if b.tries == nil {
			b.tries = map[string]int{}
		}
		if b.tries[to]++; b.tries[to] <= laterTries {
			return answer(451, "greylisted, try again later")
		}
	}
	return nil
}

// confirming takes its time, and reports whether the reply is to be lost.
func (b *Behaviour) confirming() (lost bool) {
	b.mu.Lock()
	delay := b.delay
	if lost = b.lose > 0; lost {
		b.lose--
	}
	b.mu.Unlock()
	time.Sleep(delay)
	return lost
}

func answer(code int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: words}
}
