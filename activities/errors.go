// Package activities is what a workflow does in the world, one file per
// counterpart: records, mail, staff, the account system. Every activity may run
// twice and does its work once. Inputs and results carry no personal data, and
// neither does any error: what an activity returns stays in Temporal's history.
package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/store"
)

// The types of the errors activities return, as they show in histories.
const (
	errDatabase = string(contract.TroubleDatabase)
	errMail     = string(contract.TroubleMail)
	errAccounts = string(contract.TroubleAccounts)
	errText     = string(contract.TroubleText)
	errPlan     = string(contract.TroublePlan)
	errGone     = string(contract.TroubleGone)
	errWrong    = string(contract.TroubleWrong)
	errBudget   = contract.WaitsItsTurn
	errBehind   = string(contract.TroubleBehind) // the workflow is: tried until a doctor has seen to it
)

// stored turns an error of the store into one fit for a history: of its text
// only what is known to be harmless, and nothing below it, since Temporal writes
// down every cause. Trouble with the database is retried.
func stored(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case isGone(err):
		return temporal.NewNonRetryableApplicationError(doing+": the data is no longer there", errGone, nil)
	case errors.Is(err, store.ErrNotFound):
		return temporal.NewNonRetryableApplicationError(doing+": not found", errGone, nil)
	case errors.Is(err, store.ErrBehind):
		return temporal.NewApplicationError(doing+": the database knows more of this ticket than its workflow does; run rightsdesk doctor", errBehind)
	case store.IsUnavailable(err):
		return temporal.NewApplicationError(doing+": the database is away", errDatabase)
	}
	return temporal.NewApplicationError(doing+": the database refused it", errDatabase)
}

// isGone reports that the ticket's personal data has been destroyed or locked
// away: no activity may bring it back.
func isGone(err error) bool {
	return errors.Is(err, store.ErrPurged) || errors.Is(err, store.ErrLocked)
}

// wrong is for orders that make no sense, however often they are tried.
func wrong(what string) error {
	return temporal.NewNonRetryableApplicationError(what, errWrong, nil)
}

// retried makes an error one that is tried again whatever it is: for steps that
// must not be given up, since somebody can mend what stands in their way.
func retried(err error) error {
	var app *temporal.ApplicationError
	if errors.As(err, &app) && app.NonRetryable() {
		return temporal.NewApplicationError(app.Message(), app.Type())
	}
	return err
}

func ctxEnded(err error) bool { return errors.Is(err, context.Canceled) }
