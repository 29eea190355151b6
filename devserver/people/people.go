// Package people is who uses a desk: persons and members of staff, by the JSON
// interface and by reading mail, as they would. A Case is one ticket and how far
// its people want to take it; Lead does what they would do next, until it is
// there. Answers that never come, refusals because somebody was quicker, and parts
// that are away do not stop them: they look how the ticket stands and go on.
package people

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"rightsdesk/command"
	"rightsdesk/devserver/sampleaccounts"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// Aim is how far a case is taken.
type Aim string

const (
	Sent       Aim = "sent"       // the person has a receipt
	Filed      Aim = "filed"      // and the desk has begun
	Verified   Aim = "verified"   // and proves who they are
	Triaged    Aim = "triaged"    // and nobody has taken it up yet; the consequences of a cancellation are accepted
	Claimed    Aim = "claimed"    // and somebody has
	Asked      Aim = "asked"      // and is asked something
	Decided    Aim = "decided"    // and a decision waits for a second person, where one is needed
	Fulfilling Aim = "fulfilling" // and it is carried out, which takes long: the account system is away
	Answered   Aim = "answered"   // and has the answer
	Refused    Aim = "refused"    // and is refused
	Appealed   Aim = "appealed"   // and appeals against that
	Closed     Aim = "closed"     // and says that it is solved
	Withdrawn  Aim = "withdrawn"  // and takes it back
)

// Office is a desk as people reach it.
type Office struct {
	URL   string // of the desk
	Mail  string // of the mail catcher
	Staff []Member

	officer Member // decides appeals
	http    *http.Client
	next    atomic.Int64 // sample account
}

// Member is somebody of the staff, with a token.
type Member struct {
	ID    ticket.AgentID
	Token string
}

// Open hires staff straight into the database: agents who handle, one lead, the
// last of Staff, who approves, and the privacy officer.
func Open(ctx context.Context, url, mail string, records *store.Store, agents int) (*Office, error) {
	o := &Office{URL: url, Mail: mail, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}}}
	for i := range agents + 1 {
		id, role := fmt.Sprintf("agent%02d", i+1), ticket.Agent
		if i == agents {
			id, role = "lead", ticket.Lead
		}
		m, err := hire(ctx, records, id, role)
		if err != nil {
			return nil, err
		}
		o.Staff = append(o.Staff, m)
	}
	var err error
	o.officer, err = hire(ctx, records, "officer", ticket.PrivacyOfficer)
	return o, err
}

func hire(ctx context.Context, records *store.Store, id string, role ticket.Role) (Member, error) {
	if _, err := command.AddAgent(ctx, records, id, id, id+"@rightsdesk.example", role); err != nil {
		return Member{}, err
	}
	agent, err := records.Agent(ctx, ticket.AgentID(id))
	if err != nil {
		return Member{}, err
	}
	if err := records.SetPassword(ctx, agent.ID, agent.PasswordHash, false); err != nil { // chosen, so that the token may act
		return Member{}, err
	}
	token, _, err := records.CreateAPIToken(ctx, agent.ID, "people")
	return Member{agent.ID, token}, err
}

func (o *Office) lead() Member { return o.Staff[len(o.Staff)-1] }

// Case is one ticket.
type Case struct {
	Kind   ticket.Kind
	Aim    Aim
	Number ticket.Number
	Due    time.Time // as the receipt said, and then the appeal's
	Acts   []string  // what was confirmed to its people, in order

	office  *Office
	typed   string // address given in the form
	onFile  string // address on file at the account system
	account string
	field   string // which a correction is about
	from    string
	key     string
	agent   Member
	link    string
	tried   string // the last code that was wrong
}

// New is a case that nobody has filed yet: of the next sample account, and of the
// next agent.
func (o *Office) New(kind ticket.Kind, aim Aim) *Case {
	n := int(o.next.Add(1))
	c := &Case{Kind: kind, Aim: aim, office: o, key: seal.NewToken(), agent: o.Staff[n%(len(o.Staff)-1)],
		field: "address", typed: fmt.Sprintf("person%06d@example.net", n), from: fmt.Sprintf("198.51.%d.%d", n/250%250, n%250)}
	if kind != ticket.Complaint {
		c.account = string(sampleaccounts.SampleRef(n))
		c.onFile = c.account + "@example.com"
	}
	return c
}

// WriteFrom has the person give another address in the form.
func (c *Case) WriteFrom(address string) { c.typed = address }

// OfRealName has a correction be about the real name, which takes a stronger proof
// and a second person.
func (c *Case) OfRealName() { c.field = "real_name" }

// Account is the name of the account it is about.
func (c *Case) Account() string { return c.account }

// Addresses are all to which its mails may go.
func (c *Case) Addresses() []string {
	if c.onFile == "" {
		return []string{c.typed}
	}
	return []string{c.typed, c.onFile}
}
