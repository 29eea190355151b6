package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// Documents that prove who the person is, or that they may act for somebody else
// (clauses 2.2.1 and 八). The pictures are in the database, sealed, and are
// destroyed in the same transaction that records what staff decided about them
// (GB/T 35273-2020 8.5).

// maxProofs bounds how many documents one ticket takes.
const maxProofs = 6

func (t *handling) mayTakeProof(in contract.ProofSent) *ticket.Error {
	if e := t.notOpen(); e != nil {
		return e
	}
	waits := func(p contract.Proof) bool { return p.Kind == in.Kind && !p.Done }
	switch {
	case t.s.Level < t.codeLevel() && !t.s.Account.ByHand:
		return ticket.Refuse("not_verified_yet")
	case in.Kind == ticket.ProofIdentity && t.requiredLevel() < ticket.LevelReal,
		in.Kind == ticket.ProofRelation && t.start.Relation == ticket.Self:
		return ticket.Refuse("proof_not_needed")
	case in.Kind == ticket.ProofIdentity && t.s.Level >= ticket.LevelReal,
		in.Kind == ticket.ProofRelation && t.s.RelationProved:
		return ticket.Refuse("already_verified")
	case slices.ContainsFunc(t.s.Proofs, waits):
		return ticket.Refuse("proof_waits")
	case len(t.s.Proofs) >= maxProofs:
		return ticket.Refuse("too_many_proofs")
	}
	return nil
}

func (t *handling) takeProof(_ workflow.Context, in contract.ProofSent, _ *contract.Done) error {
	t.s.Proofs = append(slices.Clone(t.s.Proofs), contract.Proof{ID: in.Proof, Kind: in.Kind})
	t.event(contract.BySubject, ticket.Nobody, contract.ActProofSent, contract.Code(in.Kind), in.Proof)
	t.tellAssignee(contract.ActProofSent)
	return nil
}

// mayReviewProof: whoever handles tickets may look, with or without the claim;
// where two have to, they are two.
func (t *handling) mayReviewProof(in contract.ReviewProof) *ticket.Error {
	if e := t.notOpen(); e != nil {
		return e
	}
	i := t.proofOf(in.Proof)
	switch {
	case i < 0:
		return ticket.Refuse("no_such_proof")
	case t.s.Proofs[i].Done:
		return ticket.Refuse("proof_decided")
	case !in.By.Role.May(ticket.MayHandle):
		return ticket.Refuse("role_may_not", "role", string(in.By.Role))
	case t.s.Proofs[i].First == in.By.ID:
		return ticket.Refuse("second_person_needed")
	}
	return t.barred(in.By.ID, in.By.Role)
}

func (t *handling) proofOf(id int64) int {
	return slices.IndexFunc(t.s.Proofs, func(p contract.Proof) bool { return p.ID == id })
}

// reviewProof takes one look at a document. One "no" is enough to refuse it.
func (t *handling) reviewProof(_ workflow.Context, in contract.ReviewProof, _ *contract.Done) error {
	t.handled(in.By.ID)
	t.s.Proofs = slices.Clone(t.s.Proofs)
	p := &t.s.Proofs[t.proofOf(in.Proof)]
	kind := contract.Code(p.Kind)
	switch {
	case !in.Passed:
		p.Done = true
		t.event(contract.ByStaff, in.By.ID, contract.ActProofRefused, kind, p.ID)
		t.post(contract.MailOrder{Letter: contract.LetterProofRefused, To: contract.ToProved})
		return nil
	case p.Kind == ticket.ProofIdentity && p.First == ticket.Nobody:
		p.First = in.By.ID
		t.event(contract.ByStaff, in.By.ID, contract.ActProofReviewed, kind, p.ID)
		t.tell(contract.StaffNotice{Act: contract.ActProofReviewed, Roles: []ticket.Role{ticket.Lead}})
		return nil
	}
	p.Done, p.Passed = true, true
	t.event(contract.ByStaff, in.By.ID, contract.ActProofAccepted, kind, p.ID)
	if p.Kind == ticket.ProofRelation {
		t.s.RelationProved = true
	} else {
		t.proved(ticket.LevelReal, contract.ByStaff, in.By.ID, p.ID)
	}
	t.tellAssignee(contract.ActProofAccepted)
	return nil
}

// notProvedEnough refuses to grant what is asked for while something has yet to
// be proved. A deadline that presses changes nothing about it.
func (t *handling) notProvedEnough() *ticket.Error {
	switch {
	case t.s.Level < t.start.Terms.Verification.Level:
		return ticket.Refuse("identity_not_strong_enough")
	case t.start.Relation != ticket.Self && !t.s.RelationProved:
		return ticket.Refuse("relation_not_proved")
	}
	return nil
}
