package workflows

import (
	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
)

// Complaint is clause 十 (any question, opinion or suggestion is answered within
// 15 working days) and clause 三 (infringement notices): the person shows that the
// contact is theirs, an agent takes the ticket up, asks where something is
// missing, and answers. A security incident (7.4) is before the privacy officer
// from the start.
func Complaint(ctx workflow.Context, start contract.Start) error {
	return conduct(ctx, start, func(t *handling) error {
		if err := t.verifyIdentity(); err != nil {
			return err
		}
		return t.settle(t.nothingToPrepare, t.nothingToFulfil)
	})
}

// nothingToPrepare: an agent may decide as soon as the person is known.
func (t *handling) nothingToPrepare() error { return nil }

// nothingToFulfil: a complaint is carried out by its answer.
func (t *handling) nothingToFulfil(contract.Decision) error { return nil }
