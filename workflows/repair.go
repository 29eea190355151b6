package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// mayRepair: whatever state the ticket is in, its row must say so.
func (t *handling) mayRepair(contract.Repair) *ticket.Error { return nil }

// repair records the ticket anew, so that its row says what the workflow knows,
// and mends what a restore of the database has taken from it. Where the row was
// behind, the record itself puts on the trail which entries are lost.
func (t *handling) repair(ctx workflow.Context, in contract.Repair, _ *contract.Done) error {
	if in.Rev != t.s.Rev {
		return errUnchanged // something has been recorded since, and mended it: the doctor looks again
	}
	t.shown.unsure = true
	if in.Drift != contract.DriftDatabaseBehind {
		t.event(contract.BySystem, ticket.Nobody, contract.ActRepaired, contract.Code(in.Drift), 0)
	}
	t.askForLostProofs(in.ProofsLost)
	if in.AccountLost && t.s.Account.Looked {
		t.s.Account.Looked = false
		workflow.Go(t.ctx, func(ctx workflow.Context) { _ = t.lookUpAccount(ctx) }) // ended meanwhile: not needed any more
	}
	if in.WordsLost && !t.s.WordsLost && t.ended == nil {
		return t.loseWords(ctx)
	}
	return nil
}

// loseWords: what the person wrote, and how to reach them, is lost. That they asked
// is not. The ticket stays with its deadline, is nobody's again, and the privacy
// officer hears of it at once.
func (t *handling) loseWords(ctx workflow.Context) error {
	t.s.WordsLost = true
	t.tell(contract.StaffNotice{Act: contract.ActRepaired, Roles: []ticket.Role{ticket.PrivacyOfficer}})
	if t.s.Assignee == ticket.Nobody {
		return nil
	}
	t.s.Assignee = ticket.Nobody
	t.s.Lease.Holder, t.s.Lease.Until = ticket.Nobody, time.Time{}
	return t.rearmUnassigned(ctx)
}

// askForLostProofs asks the person again for documents that nobody can look at any
// more.
func (t *handling) askForLostProofs(lost []int64) {
	t.s.Proofs = slices.Clone(t.s.Proofs)
	for i := range t.s.Proofs {
		p := &t.s.Proofs[i]
		if p.Done || !slices.Contains(lost, p.ID) {
			continue
		}
		p.Done = true
		t.event(contract.BySystem, ticket.Nobody, contract.ActProofRefused, contract.Code(p.Kind), p.ID)
		if t.ended == nil {
			t.post(contract.MailOrder{Letter: contract.LetterProofRefused, To: contract.ToProved})
		}
	}
}
