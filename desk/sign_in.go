package desk

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// ProveSignIn is for somebody who has just signed in at the operator's provider:
// it proves control of the account if the provider names the ticket's account, by
// the same key that the account system gave. Another account, and none, are
// answered alike.
func (d *Desk) ProveSignIn(ctx context.Context, number ticket.Number, account, network string) (Proof, error) {
	proof, err := d.proveSignIn(ctx, number, account, network)
	if err != nil {
		proof.Result = store.CodeWrong
		proof.Outcome, err = refusedOr(err)
	}
	return proof, err
}

func (d *Desk) proveSignIn(ctx context.Context, number ticket.Number, account, network string) (Proof, error) {
	t, err := d.store.Ticket(ctx, number)
	if err != nil {
		return Proof{}, err
	}
	policy, err := d.planner.Policy(ctx, t.Policy)
	if err != nil {
		return Proof{}, err
	}
	switch {
	case !t.Stage.Open():
		return Proof{}, ticket.Refuse(CodeTicketClosed)
	case policy.Kinds[t.Kind].Verification.Level < ticket.LevelAccount,
		!slices.Contains(d.Offered(policy, ticket.LevelAccount), ticket.MethodSignIn):
		return Proof{}, ticket.Refuse(CodeMethodNotOffered)
	}
	if err := d.allowBoth(ctx, number, network, limitCodeTicket, limitCodeNetwork); err != nil {
		return Proof{}, err
	}
	known, err := d.store.Account(ctx, number)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Proof{}, closedOr(err)
	}
	if known.Ref == "" || subtle.ConstantTimeCompare([]byte(known.Ref), []byte(account)) != 1 {
		return Proof{Result: store.CodeWrong}, nil
	}
	if t.Level >= ticket.LevelAccount { // in another browser
		return Proof{Result: store.CodeOK, Level: ticket.LevelAccount, Outcome: Outcome{Stage: t.Stage}}, nil
	}
	v, err := d.store.AddVerdict(ctx, number, ticket.MethodSignIn, ticket.LevelAccount, "", true, d.now())
	if err != nil {
		return Proof{}, err
	}
	return d.proved(ctx, subject{Ticket: t}, v)
}
