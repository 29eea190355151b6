package worker

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"rightsdesk/accounts"
	"rightsdesk/contract"
	"rightsdesk/mail"
	"rightsdesk/mail/mailtest"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// operator is an account system with one account.
type operator struct {
	accounts.System
	acts []string
}

func (o *operator) Lookup(context.Context, accounts.LookupRequest) (accounts.Account, error) {
	return accounts.Account{Ref: "a-1", Status: accounts.Active, Fields: map[string]string{"phone": "13800138012", "name": "Li Ming"},
		Contacts: []accounts.Contact{{Type: accounts.Email, Value: "onfile@example.com"}}}, nil
}

func (o *operator) Obstacles(context.Context, accounts.Ref) ([]accounts.Obstacle, error) {
	return nil, nil
}

func (o *operator) StopServices(context.Context, accounts.Act) (accounts.Done, error) {
	return o.done("stop")
}

func (o *operator) Erase(_ context.Context, _ accounts.Act, plan []accounts.ErasePlanItem) (accounts.Done, error) {
	done, err := o.done("erase")
	for _, item := range plan {
		if item.Do == accounts.Keep {
			done.Kept = append(done.Kept, accounts.KeptField{Field: item.Field, Until: item.Until, Basis: item.Basis})
		}
	}
	return done, err
}

func (o *operator) Purge(context.Context, accounts.Act) (accounts.Done, error) {
	return o.done("purge")
}

func (o *operator) done(what string) (accounts.Done, error) {
	o.acts = append(o.acts, what)
	return accounts.Done{Reference: "r", At: time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)}, nil
}

// Everything is real here but Temporal, whose clock is skipped forward, and the
// operator's system.
func TestTheStoryOfACancellation(t *testing.T) {
	smtp := mailtest.Start(t)
	o := &operator{}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	start := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	env.SetStartTime(start)
	c := config(t, nil)
	c.Accounts, c.Now, c.StaffLocale = o, env.Now, ticket.English
	sender, err := mail.NewSMTP(mail.Config{Addr: smtp.Addr, TLS: mail.TLSNone, From: "desk@desk.example", Now: env.Now})
	require.NoError(t, err)
	c.Mailer = sender
	register(env, c)

	ctx, s := t.Context(), c.Store
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)
	number := ticket.NewNumber(start)
	order := contract.Start{Number: number, Kind: ticket.AccountCancellation, Channel: ticket.ChannelWeb, Relation: ticket.Self,
		Locale: ticket.English, ReceivedAt: start, Policy: policy.Ref(), Terms: policy.Kinds[ticket.AccountCancellation],
		LeaseMinutes: 30, Messages: 50}
	_, _, err = s.File(ctx, store.Filing{Number: number, Kind: order.Kind, Channel: order.Channel, Relation: order.Relation,
		Locale: order.Locale, ReceivedAt: start, FiledAt: start, Policy: order.Policy, PolicyText: text, ReplyDue: start,
		Content: store.Content{Person: store.Person{Email: "typed@example.com", Account: "li.ming"}}, Start: order})
	require.NoError(t, err)
	require.NoError(t, s.CreateAgent(ctx, store.Agent{ID: "li.wei", Email: "li.wei@staff.example", Role: ticket.Agent, PasswordHash: "x"}))

	act := func(after time.Duration, name string, args func() any) {
		env.RegisterDelayedCallback(func() {
			env.UpdateWorkflow(name, name, accepted{t, name}, args())
		}, after)
	}
	act(time.Minute, contract.UpdateIdentityProved, func() any {
		code := codeMailedTo(t, smtp, "onfile@example.com")
		v, result, err := s.TryCode(ctx, number, code, env.Now())
		require.NoError(t, err)
		require.Equal(t, store.CodeOK, result)
		return contract.IdentityProved{Verification: v.ID, Level: v.Level, Method: v.Method}
	})
	act(time.Hour, contract.UpdateConfirm, func() any { return contract.Plain{} })
	agent := contract.Staff{ID: "li.wei", Role: ticket.Agent}
	act(2*time.Hour, contract.UpdateClaim, func() any { return contract.StaffAct{By: agent} })
	act(2*time.Hour+time.Minute, contract.UpdateDecide, func() any {
		id, err := s.AddMessage(ctx, store.NewMessage{Number: number, Kind: store.MessageAnswer, Agent: agent.ID, At: env.Now(), Text: "Done."})
		require.NoError(t, err)
		agent.Lease = 1
		return contract.Decide{By: agent, Outcome: ticket.Accepted, Message: id}
	})
	act(2*time.Hour+2*time.Minute, contract.UpdateApprove, func() any {
		return contract.Approve{By: contract.Staff{ID: "wang.fang", Role: ticket.Agent}, Approve: true}
	})

	env.ExecuteWorkflow(contract.WorkflowAccountCancellation, order)
	require.True(t, env.IsWorkflowCompleted())
	require.NoError(t, env.GetWorkflowError())

	row, err := s.Ticket(ctx, number)
	require.NoError(t, err)
	assert.Equal(t, ticket.Purged, row.Stage, "a year was skipped as well")
	assert.Equal(t, start.AddDate(1, 0, 0).Truncate(24*time.Hour), row.PurgedAt.Truncate(24*time.Hour))
	assert.Equal(t, ticket.InTime, row.SLA)
	assert.False(t, row.LockedAt.IsZero())
	assert.Equal(t, []string{"stop", "erase", "purge"}, o.acts)
	var letters []contract.Letter
	mails, err := s.Mails(ctx, number)
	require.NoError(t, err)
	for _, m := range mails {
		assert.Equal(t, store.MailAccepted, m.Status, m.Letter)
		letters = append(letters, m.Letter)
	}
	assert.Subset(t, letters, []contract.Letter{contract.LetterReceipt, contract.LetterCode, contract.LetterConsequences, contract.LetterAnswer})
	_, err = s.Content(ctx, number)
	assert.ErrorIs(t, err, store.ErrPurged)
	answer := mailtest.Parse(t, lastTo(t, smtp, "onfile@example.com"))
	assert.Contains(t, answer.Text, "Your account has been cancelled")
	assert.Contains(t, answer.Text, "Mobile number: kept until Tuesday, 2 March 2027")
}

var code = regexp.MustCompile(`(?m)^\s+(\d{6})$`)

func codeMailedTo(t *testing.T, smtp *mailtest.Server, to string) string {
	t.Helper()
	found := code.FindStringSubmatch(mailtest.Parse(t, lastTo(t, smtp, to)).Text)
	require.NotNil(t, found, "no code in the mail")
	return found[1]
}

func lastTo(t *testing.T, smtp *mailtest.Server, to string) []byte {
	t.Helper()
	var raw []byte
	for _, m := range smtp.Messages() {
		if strings.EqualFold(m.To, to) {
			raw = m.Raw
		}
	}
	require.NotNil(t, raw, "no mail")
	return raw
}

// accepted fails the test when an update is refused.
type accepted struct {
	t    *testing.T
	name string
}

func (a accepted) Accept()          {}
func (a accepted) Reject(err error) { a.t.Errorf("%s was refused: %v", a.name, err) }
func (a accepted) Complete(_ any, err error) {
	if err != nil {
		a.t.Errorf("%s failed: %v", a.name, err)
	}
}
