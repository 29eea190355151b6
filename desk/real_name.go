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

// ProveRealName asks the registry whether name, identity number and telephone
// belong together. A yes counts only when they also agree with what the account
// has on file, or is to be corrected to: another person's true facts prove
// nothing. Of it all only the verdict and the registry's reference are kept.
func (d *Desk) ProveRealName(ctx context.Context, number ticket.Number, typed RealName, network string) (Proof, error) {
	proof, err := d.proveRealName(ctx, number, typed, network)
	if err != nil {
		proof.Result = store.CodeWrong
		proof.Outcome, err = refusedOr(err)
	}
	return proof, err
}

func (d *Desk) proveRealName(ctx context.Context, number ticket.Number, typed RealName, network string) (Proof, error) {
	asked := verify.RealName{Name: line(typed.Name)}
	if asked.Name == "" {
		return Proof{}, ticket.RefuseField(InputRealName, CodeRequired)
	}
	var ok bool
	if asked.IDNumber, ok = verify.IDNumber(typed.IDNumber); !ok {
		return Proof{}, ticket.RefuseField(InputIDNumber, CodeIDNumberInvalid)
	}
	if asked.Phone, ok = phone(typed.Phone); !ok || asked.Phone == "" {
		return Proof{}, ticket.RefuseField(InputPhone, CodePhoneInvalid)
	}
	s, err := d.mayProveRealName(ctx, number, ticket.MethodRealName)
	if err != nil {
		return Proof{}, err
	}
	if err := d.allowBoth(ctx, number, network, limitRealName, limitRealNameNet); err != nil {
		return Proof{}, err
	}
	verdict, err := d.verifiers.RealNames.CheckRealName(ctx, asked)
	switch {
	case errors.Is(err, verify.ErrRefused):
		return Proof{}, ticket.Refuse(CodeServiceRefused)
	case err != nil:
		d.log.Warn("the real-name registry did not answer", "ticket", number, "error", err)
		return Proof{}, ticket.Refuse(CodeServiceAway)
	}
	agrees := verdict.Match && s.fits("real_name", asked.Name) && s.fits("id_number", asked.IDNumber)
	v, err := d.store.AddVerdict(ctx, number, ticket.MethodRealName, ticket.LevelReal, verdict.Reference, agrees, d.now())
	if err != nil {
		return Proof{}, err
	}
	if !agrees {
		return Proof{Result: store.CodeWrong}, nil
	}
	return d.proved(ctx, s, v)
}
