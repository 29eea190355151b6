package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// office is the console over a real store, with Temporal out of reach.
type office struct {
	*web
	n int
}

const goodPassword = "correct horse battery"

// goodHash costs little, so that tests don't hash for minutes; what it costs
// stands in the hash itself.
var goodHash = func() string {
	h, err := argon2id.CreateHash(goodPassword, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		panic(err)
	}
	return h
}()

func newOffice(t *testing.T, change ...func(*Config)) *office {
	t.Helper()
	temporal, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1", Logger: quiet{}})
	require.NoError(t, err)
	t.Cleanup(temporal.Close)
	return newOfficeOn(t, temporal, change...)
}

func newOfficeOn(t *testing.T, temporal client.Client, change ...func(*Config)) *office {
	t.Helper()
	o := &office{}
	impatient := func(c *Config) {
		policy, text, err := ticket.EmbeddedPolicy(c.Policy.Name)
		require.NoError(t, err)
		c.UI, c.Namespace = "http://localhost:8233", "desk"
		c.Desk = desk.New(desk.Config{Store: c.Store, Temporal: temporal, Planner: c.Planner, Policy: policy, PolicyText: text,
			Now: c.Now, Log: c.Log, StartBudget: time.Millisecond, ActBudget: 50 * time.Millisecond, StaffBudget: 100 * time.Millisecond})
		t.Cleanup(c.Desk.Wait)
	}
	o.web = newWeb(t, append([]func(*Config){impatient}, change...)...)
	for id, role := range map[ticket.AgentID]ticket.Role{"li.wei": ticket.Agent, "wang.fang": ticket.Agent, "zhao.lead": ticket.Lead,
		"chen.manager": ticket.Manager, "sun.officer": ticket.PrivacyOfficer, "wu.auditor": ticket.Auditor,
		"zheng.admin": ticket.Administrator} {
		o.hire(store.Agent{ID: id, Name: "成员 " + string(id), Email: string(id) + "@desk.example", Role: role, PasswordHash: goodHash})
	}
	return o
}

func (o *office) hire(a store.Agent) {
	o.t.Helper()
	require.NoError(o.t, o.store.CreateAgent(o.t.Context(), a))
	require.NoError(o.t, o.store.SetPassword(o.t.Context(), a.ID, a.PasswordHash, a.MustChange))
	if a.MustChange {
		return // enrols by themselves
	}
	codes := make([]string, manyCodes)
	for i := range codes {
		codes[i] = recoveryCode(i)
	}
	require.NoError(o.t, o.store.EnrolFactor(o.t.Context(), a.ID, goodSecret, 0, codes, monday))
}

// goodSecret is everybody's second factor; and everybody has so many recovery
// codes, since a test's clock stands still and a code of the app is good once.
const (
	goodSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	manyCodes  = 40
)

func recoveryCode(i int) string { return fmt.Sprintf("%05d-%05d", i, i) }

// as is a browser in which somebody has signed in.
func (o *office) as(id ticket.AgentID) *browser {
	o.t.Helper()
	b := o.browser(en)
	p := b.signIn(string(id), goodPassword)
	require.Equal(o.t, http.StatusSeeOther, p.Status, p.Body)
	require.Equal(o.t, pageFactor, p.Header.Get("Location"))
	p = o.giveFactor(b, id)
	require.Equal(o.t, http.StatusSeeOther, p.Status, p.Body)
	return b
}

// giveFactor gives the second factor by the next recovery code.
func (o *office) giveFactor(b *browser, id ticket.AgentID) answerPage {
	o.t.Helper()
	left, err := o.store.RecoveryCodesLeft(o.t.Context(), id)
	require.NoError(o.t, err)
	require.NotZero(o.t, left)
	return b.post(pageFactor, url.Values{"code": {recoveryCode(left - 1)}})
}

// appCode is what the app of everybody shows, so many steps from now.
func (o *office) appCode(steps int) string {
	o.t.Helper()
	code, err := totp.GenerateCode(goodSecret, o.now.Add(time.Duration(steps)*30*time.Second))
	require.NoError(o.t, err)
	return code
}

func (b *browser) signIn(name, password string) answerPage {
	b.w.t.Helper()
	return b.post("/desk/sign-in", url.Values{"name": {name}, "password": {password}})
}

// filed stores a ticket as if its workflow had brought it to a state.
func (o *office) filed(kind ticket.Kind, change func(*store.Filing, *contract.State)) ticket.Number {
	o.t.Helper()
	o.n++
	number := ticket.Number(fmt.Sprintf("DSR-20260105-%08d", o.n))
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(o.t, err)
	due := time.Date(2026, 1, 26, 15, 59, 59, 0, time.UTC)
	f := store.Filing{Number: number, Kind: kind, Channel: ticket.ChannelWeb, Relation: ticket.Self, Locale: ticket.Chinese,
		ReceivedAt: monday, FiledAt: monday, Policy: policy.Ref(), PolicyText: text, ReplyDue: due,
		Content: store.Content{Person: store.Person{Name: "王小明", Email: "wang@example.com", Phone: "+8613812345678"}, Text: "请处理我的请求。"},
		Start:   contract.Start{Number: number, Kind: kind}}
	if kind == ticket.Complaint {
		f.Category = ticket.CategoryMarketing
	}
	state := contract.State{Rev: 1, Stage: ticket.Triage, Awaiting: ticket.AwaitingAgent, Category: f.Category, Level: ticket.LevelAccount,
		Clock: contract.Clock{From: monday, Due: due, SLA: ticket.OnTrack}}
	if change != nil {
		change(&f, &state)
	}
	_, _, err = o.store.File(o.t.Context(), f)
	require.NoError(o.t, err)
	require.NoError(o.t, o.store.Record(o.t.Context(), contract.Record{Number: number, State: state,
		Events: []contract.Event{{At: monday, Actor: contract.BySystem, Act: contract.ActStage, Code: contract.Code(state.Stage)}},
		Ledger: []contract.LedgerEntry{{At: monday, Event: ticket.ClockStarted, Running: true, Due: due, Actor: contract.BySystem}},
		Mails:  []contract.MailOrder{{Number: number, Step: "receipt-1", Letter: contract.LetterReceipt, To: contract.ToTyped}}}))
	return number
}

// heldBy puts a ticket into somebody's hands.
func heldBy(id ticket.AgentID) func(*store.Filing, *contract.State) {
	return func(_ *store.Filing, s *contract.State) {
		s.Stage, s.Assignee = ticket.InProgress, id
		s.Lease = contract.Lease{Number: 3, Holder: id, Until: monday.Add(30 * time.Minute)}
	}
}

func page(n ticket.Number) string { return "/desk/tickets/" + string(n) }

func (o *office) acts(n ticket.Number) (out []contract.Event) {
	o.t.Helper()
	out, err := o.store.Events(o.t.Context(), n)
	require.NoError(o.t, err)
	return out
}

func (o *office) shownTo(n ticket.Number, who ticket.AgentID) (times int) {
	o.t.Helper()
	for _, e := range o.acts(n) {
		if e.Act == contract.ActPersonalDataShown && e.Agent == who {
			times++
		}
	}
	return times
}

// text is what a page says, without its line breaks.
func (p answerPage) text() string { return strings.Join(strings.Fields(text(p.doc)), " ") }

func itoa(n int64) string { return fmt.Sprint(n) }

func sentText(v any) string { return fmt.Sprintf("%+v", v) }
