package activities_test

import (
	"context"
	"fmt"
	"maps"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"rightsdesk/accounts"
	"rightsdesk/activities"
	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// operator is an account system with one account.
type operator struct {
	mu      sync.Mutex
	fields  map[string]string
	status  accounts.Status
	plan    []accounts.ErasePlanItem
	asked   map[string]int // calls by operation and key
	bills   bool
	refuse  *accounts.PermanentError
	failing int // so many calls fail for now
	pending bool
	purged  accounts.Ref // of which account
}

func (o *operator) call(what string, act accounts.Act) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked[what+" "+act.IdempotencyKey]++
	switch {
	case o.failing > 0:
		o.failing--
		return fmt.Errorf("down, and %s is told", markedLogin)
	case o.refuse != nil:
		return o.refuse
	case act.Ref != "" && act.Ref != "a-1", o.status == "":
		return accounts.ErrNoAccount
	}
	return nil
}

func (o *operator) done() accounts.Done {
	return accounts.Done{Reference: "r-1", At: time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC), Pending: o.pending}
}

func (o *operator) Lookup(_ context.Context, q accounts.LookupRequest) (accounts.Account, error) {
	if err := o.call("lookup", accounts.Act{}); err != nil {
		return accounts.Account{}, err
	}
	if q.Identifier != markedLogin {
		return accounts.Account{}, accounts.ErrNoAccount
	}
	return accounts.Account{Ref: "a-1", Status: o.status, Fields: maps.Clone(o.fields),
		Contacts: []accounts.Contact{{Type: accounts.Email, Value: markedFile}}}, nil
}

func (o *operator) Obstacles(context.Context, accounts.Ref) ([]accounts.Obstacle, error) {
	if err := o.call("obstacles", accounts.Act{}); err != nil || !o.bills {
		return nil, err
	}
	return []accounts.Obstacle{{Code: accounts.UnpaidBill, ZH: "账单未付", EN: "A bill is unpaid"}}, nil
}

func (o *operator) StopServices(_ context.Context, act accounts.Act) (accounts.Done, error) {
	return o.done(), o.call("stop", act)
}

func (o *operator) Erase(_ context.Context, act accounts.Act, plan []accounts.ErasePlanItem) (accounts.Done, error) {
	err := o.call("erase", act)
	done := o.done()
	for _, item := range plan {
		if item.Do == accounts.Keep {
			done.Kept = append(done.Kept, accounts.KeptField{Field: item.Field, Until: item.Until, Basis: item.Basis})
		}
	}
	o.plan = plan
	return done, err
}

func (o *operator) Correct(_ context.Context, act accounts.Act, changes []accounts.Change) (accounts.Done, error) {
	if err := o.call("correct", act); err != nil {
		return accounts.Done{}, err
	}
	for _, c := range changes {
		if o.asked["correct "+act.IdempotencyKey] > 1 {
			break // done already under this key
		}
		if c.Expected != nil && *c.Expected != o.fields[c.Field] {
			return accounts.Done{}, accounts.Permanent(accounts.CodeChangedMeanwhile, c.Field, markedText)
		}
		o.fields[c.Field] = c.Value
	}
	return o.done(), nil
}

func (o *operator) Purge(_ context.Context, act accounts.Act) (accounts.Done, error) {
	o.purged = act.Ref
	return o.done(), o.call("purge", act)
}

// system is the operator behind its signed webhook.
func (d *desktop) system(o *operator) *activities.Accounts {
	d.t.Helper()
	secret := []byte("a secret of at least thirty-two bytes, for tests")
	server := httptest.NewServer(accounts.NewHandler(o, d.clock, secret))
	d.t.Cleanup(server.Close)
	hook, err := accounts.NewWebhook(accounts.WebhookConfig{BaseURL: server.URL, Secret: secret, Now: d.clock})
	require.NoError(d.t, err)
	return activities.NewAccounts(d.store, d.planner, hook, d.clock, nil)
}

func newOperator() *operator {
	return &operator{status: accounts.Active, asked: map[string]int{},
		fields: map[string]string{"name": "Old Name", "phone": markedPhone, "account_name": markedLogin}}
}

func TestAnAccountIsLookedUpUntilItIsFoundAndThenNeverAgain(t *testing.T) {
	d := newDesktop(t)
	o := newOperator()
	number := d.file(ticket.InfoCorrection)
	system := d.system(o)
	ref := contract.AccountRef{Number: number}

	o.failing = 1
	_, err := system.LookUpAccount(t.Context(), ref)
	d.retryable(err)
	o.status = ""
	found, err := system.LookUpAccount(t.Context(), ref)
	require.NoError(t, err)
	assert.False(t, found.Found)
	o.status = accounts.Active
	for range 2 {
		found, err = system.LookUpAccount(t.Context(), ref)
		require.NoError(t, err)
		assert.Equal(t, contract.AccountFound{Found: true}, found)
		o.fields["phone"] = "changed by somebody else"
	}
	snapshot, err := d.store.Account(t.Context(), number)
	require.NoError(t, err)
	assert.Equal(t, markedPhone, snapshot.Fields["phone"], "an undo needs the value from before")
	assert.Equal(t, markedFile, snapshot.Contacts[0].Value)
}

func TestANameThatFitsSeveralAccountsIsNotFound(t *testing.T) {
	d := newDesktop(t)
	o := newOperator()
	o.refuse = accounts.Permanent(accounts.CodeAmbiguous, "", markedText)
	number := d.file(ticket.InfoCorrection)
	found, err := d.system(o).LookUpAccount(t.Context(), contract.AccountRef{Number: number})
	require.NoError(t, err)
	assert.Equal(t, contract.AccountFound{}, found)
}

func TestWithoutASystemStaffDoTheWork(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.AccountCancellation)
	system := activities.NewAccounts(d.store, d.planner, accounts.NewManual(d.clock), d.clock, nil)
	found, err := system.LookUpAccount(t.Context(), contract.AccountRef{Number: number})
	require.NoError(t, err)
	assert.Equal(t, contract.AccountFound{Manual: true}, found)
	for _, step := range []contract.AccountStep{contract.StepStopServices, contract.StepErase, contract.StepPurge} {
		done, err := system.ActOnAccount(t.Context(), contract.AccountAct{Number: number, Act: step,
			Key: contract.StepOf(step, 1), Until: d.now.AddDate(1, 0, 0)})
		require.NoError(t, err)
		assert.True(t, done.Pending, step)
	}
}

func TestObstaclesAreKeptInWords(t *testing.T) {
	d := newDesktop(t)
	o := newOperator()
	number := d.file(ticket.AccountCancellation)
	system := d.system(o)
	_, err := system.LookUpAccount(t.Context(), contract.AccountRef{Number: number})
	require.NoError(t, err)
	for _, want := range []int{1, 1, 0} {
		o.bills = want == 1
		found, err := system.CheckObstacles(t.Context(), contract.AccountRef{Number: number})
		require.NoError(t, err)
		assert.Equal(t, want, found.Count)
		snapshot, err := d.store.Account(t.Context(), number)
		require.NoError(t, err)
		assert.Len(t, snapshot.Obstacles, want)
	}
}

func TestErasingKeepsWhatThePolicyRetainsAndDeletesTheRest(t *testing.T) {
	d := newDesktop(t)
	o := newOperator()
	number := d.file(ticket.AccountCancellation)
	system := d.system(o)
	_, err := system.LookUpAccount(t.Context(), contract.AccountRef{Number: number})
	require.NoError(t, err)
	until := d.now.AddDate(1, 0, 0)
	act := contract.AccountAct{Number: number, Act: contract.StepErase, Key: "erase-1", Until: until}
	for range 2 {
		done, err := system.ActOnAccount(t.Context(), act)
		require.NoError(t, err)
		assert.Equal(t, contract.AccountActed{At: o.done().At}, done)
	}
	assert.Equal(t, 2, o.asked["erase "+string(number)+"/erase-1"], "both under one key")
	treated := map[string]accounts.Treatment{}
	for _, item := range o.plan {
		treated[item.Field] = item.Do
	}
	assert.Equal(t, map[string]accounts.Treatment{"account_name": accounts.Keep, "real_name": accounts.Keep,
		"phone": accounts.Keep, "name": accounts.Delete}, treated)
	snapshot, err := d.store.Account(t.Context(), number)
	require.NoError(t, err)
	assert.Len(t, snapshot.Kept, 3)
	assert.True(t, until.Equal(snapshot.Kept[0].Until))
}

func TestACorrectionIsDoneOnceAndCanBeUndone(t *testing.T) {
	d := newDesktop(t)
	o := newOperator()
	number := d.file(ticket.InfoCorrection)
	system := d.system(o)
	_, err := system.LookUpAccount(t.Context(), contract.AccountRef{Number: number})
	require.NoError(t, err)
	act := func(step contract.AccountStep, key contract.Step) contract.AccountActed {
		done, err := system.ActOnAccount(t.Context(), contract.AccountAct{Number: number, Act: step, Field: "phone", Key: key})
		require.NoError(t, err)
		return done
	}
	for range 2 {
		assert.False(t, act(contract.StepCorrect, "correct-1").Failed)
	}
	assert.Equal(t, markedWanted, o.fields["phone"])
	for range 2 {
		assert.False(t, act(contract.StepUndo, "undo-1").Failed)
	}
	assert.Equal(t, markedPhone, o.fields["phone"])

	o.fields["phone"] = "somebody else was here"
	refused := act(contract.StepCorrect, "correct-2")
	assert.Equal(t, contract.AccountActed{Failed: true, Code: accounts.CodeChangedMeanwhile, At: d.now}, refused)

	_, err = system.ActOnAccount(t.Context(), contract.AccountAct{Number: number, Act: contract.StepCorrect, Field: "email", Key: "correct-3"})
	d.final(err)
}

func TestASystemThatFailsIsAskedAgain(t *testing.T) {
	d := newDesktop(t)
	o := newOperator()
	number := d.file(ticket.AccountCancellation)
	system := d.system(o)
	_, err := system.LookUpAccount(t.Context(), contract.AccountRef{Number: number})
	require.NoError(t, err)
	stop := contract.AccountAct{Number: number, Act: contract.StepStopServices, Key: "stop-1"}
	o.failing = 1
	_, err = system.ActOnAccount(t.Context(), stop)
	d.retryable(err)
	var app *temporal.ApplicationError
	require.ErrorAs(t, err, &app)
	assert.Contains(t, app.Message(), "503")
	o.pending = true
	done, err := system.ActOnAccount(t.Context(), stop)
	require.NoError(t, err)
	assert.True(t, done.Pending, "somebody there has to do it")
	o.pending = false
	done, err = system.ActOnAccount(t.Context(), stop)
	require.NoError(t, err)
	assert.Equal(t, contract.AccountActed{At: o.done().At}, done)
}

func TestPurgingAnAccountThatIsGoneIsDone(t *testing.T) {
	d := newDesktop(t)
	o := newOperator()
	number := d.file(ticket.AccountCancellation)
	system := d.system(o)
	_, err := system.LookUpAccount(t.Context(), contract.AccountRef{Number: number})
	require.NoError(t, err)
	o.status = ""
	for _, c := range []struct {
		step   contract.AccountStep
		failed bool
	}{{contract.StepPurge, false}, {contract.StepErase, true}} {
		done, err := system.ActOnAccount(t.Context(), contract.AccountAct{Number: number, Act: c.step, Key: contract.StepOf(c.step, 1)})
		require.NoError(t, err)
		assert.Equal(t, c.failed, done.Failed, c.step)
	}
}

// Day 365: everything personal is locked away, and the account system still has
// to be told which account.
func TestThePurgeNamesTheAccountThatIsLockedAway(t *testing.T) {
	d := newDesktop(t)
	o := newOperator()
	number := d.file(ticket.AccountCancellation)
	system := d.system(o)
	_, err := system.LookUpAccount(t.Context(), contract.AccountRef{Number: number})
	require.NoError(t, err)
	until := d.now.AddDate(1, 0, 0)
	_, err = system.ActOnAccount(t.Context(), contract.AccountAct{Number: number, Act: contract.StepErase, Key: "erase-1", Until: until})
	require.NoError(t, err)
	require.NoError(t, d.store.LockAway(t.Context(), number, nil, until))

	d.now = until
	purge := contract.AccountAct{Number: number, Act: contract.StepPurge, Key: "purge-1"}
	for range 2 {
		done, err := system.ActOnAccount(t.Context(), purge)
		require.NoError(t, err)
		assert.Equal(t, contract.AccountActed{At: o.done().At}, done)
	}
	assert.Equal(t, accounts.Ref("a-1"), o.purged)
	assert.Equal(t, 2, o.asked["purge "+string(number)+"/purge-1"])

	_, err = system.ActOnAccount(t.Context(), contract.AccountAct{Number: number, Act: contract.StepErase, Key: "erase-2", Until: until})
	d.final(err) // nothing but the purge
	require.NoError(t, d.store.Purge(t.Context(), number, until))
	_, err = system.ActOnAccount(t.Context(), purge)
	d.final(err)
}
