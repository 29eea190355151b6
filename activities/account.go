package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"

	"rightsdesk/accounts"
	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/metrics"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// Accounts asks the operator's account system and has it act. What it says stays
// sealed with the ticket.
type Accounts struct {
	store   *store.Store
	planner *deadline.Planner
	system  accounts.System
	now     func() time.Time
	metrics *metrics.Metrics
}

// NewAccounts takes the database, the planner (for the policy a ticket is
// pinned to), the account system, the clock, and what counts (nil: nothing does).
func NewAccounts(s *store.Store, p *deadline.Planner, system accounts.System, now func() time.Time, m *metrics.Metrics) *Accounts {
	return &Accounts{store: s, planner: p, system: system, now: now, metrics: m}
}

// LookUpAccount asks whether there is the account the person named, and keeps
// its contacts and values. It asks until an account was found and never again:
// the values are those from before anything was changed, which an undo needs. A
// name that fits no account, or several, counts as not found.
func (a *Accounts) LookUpAccount(ctx context.Context, in contract.AccountRef) (contract.AccountFound, error) {
	known, err := accountOf(ctx, a.store, in.Number)
	if err != nil {
		return contract.AccountFound{}, stored("reading what is known of the account", err)
	}
	if known.Ref != "" {
		return contract.AccountFound{Found: true}, nil
	}
	content, err := a.store.Content(ctx, in.Number)
	if err != nil {
		return contract.AccountFound{}, stored("reading whose account it is", err)
	}
	snapshot := store.AccountSnapshot{LookedAt: a.now()}
	identifier := identifierOf(content.Person)
	if identifier != "" {
		account, err := a.system.Lookup(ctx, accounts.LookupRequest{Identifier: identifier})
		var refused *accounts.PermanentError
		switch {
		case errors.Is(err, accounts.ErrLookupManual):
			return contract.AccountFound{Manual: true}, nil
		case errors.Is(err, accounts.ErrNoAccount):
		case errors.As(err, &refused):
			snapshot.Status = refused.Code // for the agent's eyes
		case err != nil:
			return contract.AccountFound{}, unanswered(err)
		default:
			snapshot = snapshotOf(account, a.now())
		}
	}
	if err := a.store.SaveAccount(ctx, in.Number, snapshot); err != nil {
		return contract.AccountFound{}, stored("keeping what the account system said", err)
	}
	return contract.AccountFound{Found: snapshot.Ref != ""}, nil
}

// identifierOf is what the account is looked up by.
func identifierOf(p store.Person) string {
	for _, s := range []string{p.Account, p.Email, p.Phone} {
		if s != "" {
			return s
		}
	}
	return ""
}

func snapshotOf(account accounts.Account, at time.Time) store.AccountSnapshot {
	s := store.AccountSnapshot{Ref: string(account.Ref), Status: string(account.Status), Fields: account.Fields, LookedAt: at}
	for _, c := range account.Contacts {
		s.Contacts = append(s.Contacts, store.Contact{Type: string(c.Type), Value: c.Value, Since: c.Since})
	}
	return s
}

// CheckObstacles asks what prevents the cancellation and keeps it in words. It
// changes nothing at the account system; a later answer replaces an earlier one.
func (a *Accounts) CheckObstacles(ctx context.Context, in contract.AccountRef) (contract.ObstaclesFound, error) {
	snapshot, err := accountOf(ctx, a.store, in.Number)
	if err != nil {
		return contract.ObstaclesFound{}, stored("reading the account", err)
	}
	obstacles, err := a.system.Obstacles(ctx, accounts.Ref(snapshot.Ref))
	var refused *accounts.PermanentError
	switch {
	case errors.Is(err, accounts.ErrNoAccount):
		obstacles = nil // whoever acts on it next is told so
	case errors.As(err, &refused):
		return contract.ObstaclesFound{}, temporal.NewNonRetryableApplicationError(refused.Error(), errAccounts, nil)
	case err != nil:
		return contract.ObstaclesFound{}, unanswered(err)
	}
	snapshot.Obstacles = nil
	for _, o := range obstacles {
		snapshot.Obstacles = append(snapshot.Obstacles, store.ObstacleWords{Code: string(o.Code), ZH: o.ZH, EN: o.EN})
	}
	if err := a.store.SaveAccount(ctx, in.Number, snapshot); err != nil {
		return contract.ObstaclesFound{}, stored("keeping the obstacles", err)
	}
	return contract.ObstaclesFound{Count: len(obstacles)}, nil
}

// ActOnAccount has the account system do one step. The idempotency key is made
// of the ticket and the step's key, so the system does it once however often it
// is asked, and answers every time as it did first. A refusal for good is a
// result, not an error; so is work that waits for a person.
func (a *Accounts) ActOnAccount(ctx context.Context, in contract.AccountAct) (contract.AccountActed, error) {
	about(ctx, in.Number, "act", string(in.Act))
	snapshot, err := accountOf(ctx, a.store, in.Number)
	if errors.Is(err, store.ErrLocked) && in.Act == contract.StepPurge {
		snapshot.Ref, err = a.lockedRef(ctx, in.Number)
	}
	if err != nil {
		return contract.AccountActed{}, stored("reading the account", err)
	}
	act := accounts.Act{Ref: accounts.Ref(snapshot.Ref), Ticket: string(in.Number),
		IdempotencyKey: string(in.Number) + "/" + string(in.Key)}
	done, err := a.carryOut(ctx, in, act, snapshot)
	a.acted(in.Act, done, err)
	var refused *accounts.PermanentError
	switch {
	case err == nil:
	case errors.Is(err, accounts.ErrNoAccount) && in.Act == contract.StepPurge:
		done = accounts.Done{At: a.now()} // nothing is left to purge
	case errors.Is(err, accounts.ErrNoAccount):
		return contract.AccountActed{Failed: true, Code: "no_account", At: a.now()}, nil
	case errors.As(err, &refused):
		return contract.AccountActed{Failed: true, Code: contract.Code(refused.Code), At: a.now()}, nil
	default:
		return contract.AccountActed{}, unanswered(err)
	}
	if err := a.rememberContact(ctx, in); err != nil {
		return contract.AccountActed{}, err
	}
	if in.Act == contract.StepErase {
		if err := a.keep(ctx, in.Number, snapshot, done); err != nil {
			return contract.AccountActed{}, err
		}
	}
	return contract.AccountActed{Pending: done.Pending, At: done.At}, nil
}

// rememberContact puts down that a correction has put a contact on file: it proves
// nothing until it has rested.
func (a *Accounts) rememberContact(ctx context.Context, in contract.AccountAct) error {
	if in.Act != contract.StepCorrect || in.Field != accounts.FieldEmail && in.Field != accounts.FieldPhone {
		return nil
	}
	content, err := a.store.Content(ctx, in.Number)
	if err != nil {
		return stored("reading the correction", err)
	}
	for _, c := range content.Changes {
		if c.Field == in.Field {
			return stored("remembering a changed contact", a.store.ContactChanged(ctx, c.Proposed, a.now()))
		}
	}
	return nil
}

// keep puts down what the law keeps, for the answer and for the lock.
func (a *Accounts) keep(ctx context.Context, number ticket.Number, s store.AccountSnapshot, done accounts.Done) error {
	s.Kept = nil
	for _, k := range done.Kept {
		s.Kept = append(s.Kept, store.KeptField{Field: k.Field, Until: k.Until, Basis: k.Basis})
	}
	if !done.Pending && s.Ref != "" {
		s.Status = string(accounts.Erased)
	}
	return stored("keeping what remains of the account", a.store.SaveAccount(ctx, number, s))
}

// unanswered is an account system that is away or answers nonsense: retried, as
// late as it asked for.
func unanswered(err error) error {
	if ctxEnded(err) {
		return context.Canceled
	}
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app
	}
	var t *accounts.TemporaryError
	if !errors.As(err, &t) {
		return temporal.NewApplicationError("the account system did not answer", errAccounts)
	}
	bare := accounts.TemporaryError{Operation: t.Operation, Status: t.Status, Code: t.Code}
	return temporal.NewApplicationErrorWithOptions(bare.Error(), errAccounts,
		temporal.ApplicationErrorOptions{NextRetryDelay: t.RetryAfter})
}
