package desk

import (
	"context"
	"errors"

	"rightsdesk/store"
	"rightsdesk/ticket"
	"rightsdesk/verify"
)

// RealName is what a person types to have their real name checked.
type RealName struct {
	Name, IDNumber, Phone string
}

// The inputs of the real-name check.
const (
	InputIDNumber = "id_number"
	InputRealName = "real_name"
)

// realNameVerifier asks the registry whether name, identity number and telephone
// belong together. A yes counts only when they also agree with what the account
// has on file, or is to be corrected to: another person's true facts prove
// nothing. Of it all only the verdict and the registry's reference are kept.
type realNameVerifier struct{ *Desk }

func (realNameVerifier) method() ticket.Method { return ticket.MethodRealName }
func (v realNameVerifier) ready() bool         { return v.verifiers.RealNames != nil }
func (realNameVerifier) tries() (limit, limit) { return limitRealName, limitRealNameNet }

func (realNameVerifier) read(typed *Typed) (err error) {
	r := &typed.RealName
	var ok bool
	if r.Name = line(r.Name); r.Name == "" {
		return ticket.RefuseField(InputRealName, CodeRequired)
	}
	if r.IDNumber, ok = verify.IDNumber(r.IDNumber); !ok {
		return ticket.RefuseField(InputIDNumber, CodeIDNumberInvalid)
	}
	if r.Phone, ok = phone(r.Phone); !ok || r.Phone == "" {
		return ticket.RefuseField(InputPhone, CodePhoneInvalid)
	}
	return nil
}

// telephoneFits: where the account has a telephone on file, the registry's word
// counts for who has that one. A mailbox that was taken over and true facts of the
// thief's own put no new name on the account.
func (s subject) telephoneFits(asked string) bool {
	on, ok := phone(s.account.Fields["phone"])
	return !ok || on == "" || on == asked
}

func (v realNameVerifier) prove(ctx context.Context, s subject, typed Typed) (store.Verification, store.CodeResult, error) {
	asked := verify.RealName(typed.RealName)
	said, err := v.verifiers.RealNames.CheckRealName(ctx, asked)
	switch {
	case errors.Is(err, verify.ErrRefused):
		return store.Verification{}, store.CodeWrong, ticket.Refuse(CodeServiceRefused)
	case err != nil:
		v.log.Warn("the real-name registry did not answer", "ticket", s.Number, "error", err)
		return store.Verification{}, store.CodeWrong, ticket.Refuse(CodeServiceAway)
	}
	agrees := said.Match && s.telephoneFits(asked.Phone) && s.fits("real_name", asked.Name) && s.fits("id_number", asked.IDNumber)
	verdict, err := v.store.AddVerdict(ctx, s.Number, v.method(), ticket.LevelReal, said.Reference, agrees, v.now())
	if err != nil || !agrees {
		return verdict, store.CodeWrong, err
	}
	return verdict, store.CodeOK, nil
}
