package e2e

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"rightsdesk/accounts"
	"rightsdesk/command"
	"rightsdesk/deadline"
	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
	"rightsdesk/verify"
)

var (
	agent   = desk.Staff{ID: "li.wei", Role: ticket.Agent}
	lead    = desk.Staff{ID: "chen.jie", Role: ticket.Lead}
	officer = desk.Staff{ID: "zhao.min", Role: ticket.PrivacyOfficer}
)

// office is a running desk whose acts are called directly, without a browser.
type office struct {
	*world
	desk    *desk.Desk
	records *store.Store
	engine  client.Client
}

func openOffice(t *testing.T) *office {
	o := &office{world: begin(t, "")}
	var err error
	o.records, err = o.Records()
	require.NoError(t, err)
	t.Cleanup(func() { o.records.Close() })
	for _, s := range []desk.Staff{agent, lead, officer} {
		_, err := command.AddAgent(t.Context(), o.records, string(s.ID), string(s.ID), string(s.ID)+"@rightsdesk.example", s.Role)
		require.NoError(t, err)
	}
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)
	o.engine = o.client()
	o.desk = o.deskUnder(policy, text)
	return o
}

// deskUnder is a desk whose new tickets are received under a policy.
func (o *office) deskUnder(policy *ticket.Policy, text []byte) *desk.Desk {
	o.t.Helper()
	services, err := verify.New(verify.Config{URL: o.Gateways.URL(), Secret: o.Gateways.Secret()})
	require.NoError(o.t, err)
	d := desk.New(desk.Config{Store: o.records, Temporal: o.engine, Planner: deadline.NewPlanner(o.records, o.records),
		Policy: policy, PolicyText: text, ActBudget: 30 * time.Second, StaffBudget: 30 * time.Second,
		Verifiers: desk.Verifiers{RealNames: services, Payments: services, Texts: true}})
	o.t.Cleanup(d.Wait)
	return d
}

// in is the same office within a story.
func (o *office) in(t *testing.T) *office {
	return &office{world: &world{Stack: o.Stack, t: t}, desk: o.desk, records: o.records, engine: o.engine}
}

// unproved files a request whose person has yet to prove who they are.
func (o *office) unproved(r desk.Request) ticket.Number {
	o.t.Helper()
	r.FormToken, r.Locale, r.Person.Name = seal.NewToken(), ticket.English, "Recorded Person"
	receipt, wrong, err := o.desk.File(o.t.Context(), r)
	require.NoError(o.t, err)
	require.Empty(o.t, wrong)
	return receipt.Number
}

// proves enters the code that was sent to an address, or to a telephone.
func (o *office) proves(number ticket.Number, codeTo string) {
	o.t.Helper()
	proof, err := o.desk.Prove(o.t.Context(), number, o.code(codeTo), o.t.Name())
	require.Equal(o.t, store.CodeOK, proof.Result)
	o.taken(proof.Outcome, err)
}

// filed files a request and proves the person by the code mailed to an address.
func (o *office) filed(r desk.Request, codeTo string) ticket.Number {
	o.t.Helper()
	number := o.unproved(r)
	o.proves(number, codeTo)
	return number
}

// complaintOf is a complaint; its address is the story's own.
func (o *office) complaintOf() desk.Request {
	return desk.Request{Kind: ticket.Complaint, Category: ticket.CategoryPrivacy,
		Person: store.Person{Email: filepath.Base(o.t.Name()) + "@example.net"}, Text: "Please say what you did with my telephone number."}
}

// complaint is a verified complaint.
func (o *office) complaint() ticket.Number {
	o.t.Helper()
	r := o.complaintOf()
	return o.filed(r, r.Person.Email)
}

// accountOf is a request about an account. The address in the form is the story's own:
// the desk sends only so many letters to one that nobody has proved.
func (o *office) accountOf(kind ticket.Kind, onFile string, changes ...store.Change) desk.Request {
	return desk.Request{Kind: kind, Person: store.Person{Email: filepath.Base(o.t.Name()) + "-typed@example.net", Account: onFile}, Changes: changes}
}

// account is a verified request about an account.
func (o *office) account(kind ticket.Kind, onFile string, changes ...store.Change) ticket.Number {
	o.t.Helper()
	return o.filed(o.accountOf(kind, onFile, changes...), onFile)
}

// holder adds an account that is the story's own, and returns its address.
func (o *office) holder(more ...string) string {
	o.t.Helper()
	name := filepath.Base(o.t.Name())
	values := map[string]string{accounts.FieldName: name, accounts.FieldEmail: name + "@example.com", accounts.FieldAddress: "1 Old Street"}
	for i := 0; i+1 < len(more); i += 2 {
		values[more[i]] = more[i+1]
	}
	require.NoError(o.t, o.People.Add(o.t.Context(), accounts.Ref(name), values))
	return values[accounts.FieldEmail]
}

// taken requires that an act of the person was accepted there and then.
func (o *office) taken(done desk.Outcome, err error) {
	o.t.Helper()
	require.NoError(o.t, err)
	require.Nil(o.t, done.Refused)
	require.False(o.t, done.Pending)
}

// did requires that an act of staff was accepted.
func (o *office) did(_ any, err error) {
	o.t.Helper()
	require.NoError(o.t, err)
}

// claims is the member of staff with the claim on the ticket.
func (o *office) claims(by desk.Staff, number ticket.Number) desk.Staff {
	o.t.Helper()
	done, err := o.desk.Claim(o.t.Context(), by, number)
	require.NoError(o.t, err)
	by.Lease = done.Lease
	return by
}

// answers claims, decides, and waits until the answer has been delivered.
func (o *office) answers(by desk.Staff, number ticket.Number, d desk.Decision) {
	o.t.Helper()
	o.did(o.desk.Decide(o.t.Context(), o.claims(by, number), number, d))
	t, err := o.records.Ticket(o.t.Context(), number)
	require.NoError(o.t, err)
	if t.State.Decision.FourEyes {
		o.did(o.desk.Approve(o.t.Context(), lead, number, true, ""))
	}
	o.delivered(number)
}

func (o *office) delivered(number ticket.Number) {
	o.t.Helper()
	o.until(number, func(t store.Ticket) bool { return t.Stage == ticket.Answered || t.Stage == ticket.Refused })
}

func (o *office) until(number ticket.Number, is func(store.Ticket) bool) {
	o.t.Helper()
	o.eventually(func() bool {
		t, err := o.records.Ticket(o.t.Context(), number)
		require.NoError(o.t, err)
		return is(t)
	})
}

// eventually asks on this goroutine, so that what asks may fail the test.
func (o *office) eventually(is func() bool) {
	o.t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		require.True(o.t, time.Now().Before(end), "it did not come to that")
	}
}

// ends waits until a workflow has run to its end.
func (o *office) ends(id string) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 30*time.Second)
	defer cancel()
	require.NoError(o.t, o.engine.GetWorkflow(ctx, id, "").Get(ctx, nil))
}
