// Package doctor rehearses what `rightsdesk doctor` is for: a backup of the
// database and one of Temporal, taken at different moments, are put back, and every
// ticket comes to its end all the same. The parts are the real ones.
package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"rightsdesk/command"
	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/desk"
	"rightsdesk/devserver/mailcatcher"
	"rightsdesk/devserver/stack"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/store/mariadbtest"
	"rightsdesk/ticket"
)

func TestMain(m *testing.M) { os.Exit(mariadbtest.Run(m)) }

var (
	agent   = desk.Staff{ID: "li.wei", Role: ticket.Agent}
	lead    = desk.Staff{ID: "chen.jie", Role: ticket.Lead}
	officer = desk.Staff{ID: "zhao.min", Role: ticket.PrivacyOfficer}
)

// office is a running desk whose acts are called directly, without a browser.
type office struct {
	*stack.Stack
	t       testing.TB
	desk    *desk.Desk
	records *store.Store
	engine  client.Client
}

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// open starts a desk whose Temporal keeps its address through a restart.
func open(t testing.TB, database string) *office {
	t.Helper()
	s, err := stack.Start(context.Background(), stack.Options{DataDir: t.TempDir(), Database: database,
		TemporalPort: freePort(t), UIPort: freePort(t)})
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	o := &office{Stack: s, t: t}
	o.enter()
	t.Cleanup(o.leave)
	for _, by := range []desk.Staff{agent, lead, officer} {
		_, err := command.AddAgent(t.Context(), o.records, string(by.ID), string(by.ID), string(by.ID)+"@rightsdesk.example", by.Role)
		require.NoError(t, err)
	}
	return o
}

// enter opens the records and the engine; leave lets go of them.
func (o *office) enter() {
	o.t.Helper()
	var err error
	o.records, err = o.Records()
	require.NoError(o.t, err)
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(o.t, err)
	o.engine, err = client.Dial(client.Options{HostPort: o.Temporal, Namespace: o.Namespace})
	require.NoError(o.t, err)
	o.desk = desk.New(desk.Config{Store: o.records, Temporal: o.engine, Planner: deadline.NewPlanner(o.records, o.records),
		Policy: policy, PolicyText: text, StartBudget: 30 * time.Second, ActBudget: 30 * time.Second, StaffBudget: 30 * time.Second})
}

func (o *office) leave() {
	if o.records == nil {
		return
	}
	o.desk.Wait()
	o.engine.Close()
	_ = o.records.Close()
	o.records = nil
}

// consult runs the command as an operator does, and gives its exit code, the findings
// and the summary.
func (o *office) consult(args ...string) (int, []finding, summary) {
	o.t.Helper()
	var out, log bytes.Buffer
	args = append([]string{"doctor", "--json", "--pause", "1s", "--database", o.Database.Database, "--master-key-file", o.Database.MasterKeyFile,
		"--temporal-address", o.Temporal, "--temporal-namespace", o.Namespace}, args...)
	code := command.Main(args, &out, &log)
	var findings []finding
	var sum summary
	for line := range strings.Lines(out.String()) {
		require.NotContains(o.t, line, "example.", "nothing personal is printed")
		if strings.HasPrefix(line, `{"ticket":`) {
			var f finding
			require.NoError(o.t, json.Unmarshal([]byte(line), &f))
			findings = append(findings, f)
			continue
		}
		require.NoError(o.t, json.Unmarshal([]byte(line), &sum))
	}
	if code != 0 || testing.Verbose() {
		o.t.Logf("doctor %v: exit %d\n%s%s", args[12:], code, out.String(), lastLine(log.String()))
	}
	return code, findings, sum
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

type finding struct {
	Ticket   ticket.Number  `json:"ticket"`
	Finding  contract.Drift `json:"finding"`
	Detail   string         `json:"detail"`
	Repaired bool           `json:"repaired"`
	Why      string         `json:"why"`
}

type summary struct {
	Tickets  int                    `json:"tickets"`
	Asked    int                    `json:"asked"`
	Starting int                    `json:"waiting_to_start"`
	Found    map[contract.Drift]int `json:"found"`
	Repaired int                    `json:"repaired"`
	Left     int                    `json:"left"`
}

// healthy requires that a doctor finds nothing.
func (o *office) healthy() {
	o.t.Helper()
	code, findings, _ := o.consult()
	require.Empty(o.t, findings)
	require.Zero(o.t, code)
}

// repaired requires that a doctor repairs all it finds.
func (o *office) repaired(flags ...string) map[contract.Drift]int {
	o.t.Helper()
	code, findings, sum := o.consult(append(flags, "--repair")...)
	for _, f := range findings {
		require.True(o.t, f.Repaired, "%s %s: %s; %s", f.Ticket, f.Finding, f.Detail, f.Why)
	}
	require.Zero(o.t, code)
	return sum.Found
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

func (o *office) now(number ticket.Number) store.Ticket {
	o.t.Helper()
	t, err := o.records.Ticket(o.t.Context(), number)
	require.NoError(o.t, err)
	return t
}

func (o *office) until(number ticket.Number, what string, is func(store.Ticket) bool) {
	o.t.Helper()
	o.eventually(func() bool { return is(o.now(number)) }, "%s: %s; it is %s", number, what, func() any { return o.now(number).Stage })
}

func (o *office) stage(number ticket.Number, stage ticket.Stage) {
	o.t.Helper()
	o.until(number, string(stage), func(t store.Ticket) bool { return t.Stage == stage })
}

func (o *office) eventually(is func() bool, words string, args ...any) {
	o.t.Helper()
	for end := time.Now().Add(60 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().Before(end) {
			continue
		}
		for i, a := range args {
			if f, ok := a.(func() any); ok {
				args[i] = f()
			}
		}
		require.Fail(o.t, "it did not come to that", append([]any{words}, args...)...)
	}
}

// filed files a request whose person, and mail address, are the story's own.
func (o *office) filed(r desk.Request) ticket.Number {
	o.t.Helper()
	r.FormToken, r.Locale, r.Person.Name = seal.NewToken(), ticket.English, "Sample Person"
	receipt, wrong, err := o.desk.File(o.t.Context(), r)
	require.NoError(o.t, err)
	require.Empty(o.t, wrong)
	o.until(receipt.Number, "the receipt", func(t store.Ticket) bool { return t.Rev > 0 })
	return receipt.Number
}

func (o *office) complaint(name string) ticket.Number {
	o.t.Helper()
	return o.filed(desk.Request{Kind: ticket.Complaint, Category: ticket.CategoryPrivacy,
		Person: store.Person{Email: name + "@example.net"}, Text: "Please say what you did with my telephone number."})
}

// account is a request about a sample account, named by its address on file.
func (o *office) account(kind ticket.Kind, onFile string, changes ...store.Change) ticket.Number {
	o.t.Helper()
	return o.filed(desk.Request{Kind: kind, Person: store.Person{Email: "typed-" + onFile, Account: onFile}, Changes: changes})
}

var sixDigits = regexp.MustCompile(`(?m)^\s+(\d{6})$`)

// proves types the newest code that was mailed for the ticket.
func (o *office) proves(number ticket.Number) {
	o.t.Helper()
	var code string
	o.eventually(func() bool {
		for _, m := range o.mails() {
			if found := sixDigits.FindStringSubmatch(m.Text); found != nil && strings.Contains(m.MessageID, strings.ToLower(string(number))) ||
				found != nil && strings.Contains(m.Subject+m.Text, string(number)) {
				code = found[1]
				return true
			}
		}
		return false
	}, "%s: no code was mailed", number)
	proof, err := o.desk.Prove(o.t.Context(), number, code, string(number))
	require.Equal(o.t, store.CodeOK, proof.Result)
	o.taken(proof.Outcome, err)
}

func (o *office) mails() []mailcatcher.Message {
	o.t.Helper()
	all, err := o.Mails.Messages(o.t.Context(), "", 0)
	require.NoError(o.t, err)
	return all
}

// claims is the member of staff with the claim on the ticket.
func (o *office) claims(by desk.Staff, number ticket.Number) desk.Staff {
	o.t.Helper()
	done, err := o.desk.Claim(o.t.Context(), by, number)
	require.NoError(o.t, err)
	by.Lease = done.Lease
	return by
}

// decides decides, and has a second person approve where it takes two.
func (o *office) decides(by desk.Staff, number ticket.Number, outcome ticket.Outcome) {
	o.t.Helper()
	d := desk.Decision{Outcome: outcome, Text: "We looked into it."}
	if outcome == ticket.Declined {
		d.Reason = ticket.ReasonUnfounded
	}
	t := o.now(number)
	if t.Kind == ticket.InfoCorrection {
		content, err := o.records.Content(o.t.Context(), number)
		require.NoError(o.t, err)
		for _, c := range content.Changes {
			d.Fields = append(d.Fields, contract.FieldDecision{Field: c.Field, Accept: outcome != ticket.Declined, Reason: d.Reason})
		}
	}
	o.did(o.desk.Decide(o.t.Context(), o.claims(by, number), number, d))
}

func (o *office) approves(number ticket.Number) {
	o.t.Helper()
	if d := o.now(number).State.Decision; d != nil && d.FourEyes && d.Approved == ticket.Nobody {
		o.did(o.desk.Approve(o.t.Context(), lead, number, true, ""))
	}
}

func (o *office) answered(number ticket.Number) {
	o.t.Helper()
	o.until(number, "answered", func(t store.Ticket) bool { return !t.AnsweredAt.IsZero() })
}

func (o *office) ends(id string) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 60*time.Second)
	defer cancel()
	require.NoError(o.t, o.engine.GetWorkflow(ctx, id, "").Get(ctx, nil))
}
