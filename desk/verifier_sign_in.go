package desk

import (
	"context"
	"crypto/subtle"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// signInVerifier is for somebody who has just signed in at the operator's
// provider: it proves control of the account if the provider names the ticket's
// account, by the same key that the account system gave. Another account, and
// none, are answered alike.
type signInVerifier struct{ *Desk }

func (signInVerifier) method() ticket.Method { return ticket.MethodSignIn }
func (v signInVerifier) ready() bool         { return v.verifiers.SignIn }
func (signInVerifier) tries() (limit, limit) { return limitCodeTicket, limitCodeNetwork }
func (signInVerifier) read(*Typed) error     { return nil }

func (v signInVerifier) prove(ctx context.Context, s subject, typed Typed) (store.Verification, store.CodeResult, error) {
	if s.account.Ref == "" || subtle.ConstantTimeCompare([]byte(s.account.Ref), []byte(typed.Account)) != 1 {
		return store.Verification{}, store.CodeWrong, nil
	}
	verdict, err := v.store.AddVerdict(ctx, s.Number, v.method(), ticket.LevelAccount, "", true, v.now())
	return verdict, store.CodeOK, err
}
