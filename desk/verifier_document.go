package desk

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// MaxProofFiles is how many pictures one document may have: both sides, and one
// more.
const MaxProofFiles = 3

// ProofFiles is a document that the person sends; the files were checked with
// CheckFile. The same Key twice is one document.
type ProofFiles struct {
	Kind  ticket.ProofKind
	Key   string
	Files []store.NewFile
}

// SendProof stores a document, to be looked at by staff, and tells the workflow.
// What it refuses is destroyed at once.
func (d *Desk) SendProof(ctx context.Context, number ticket.Number, p ProofFiles) (Outcome, error) {
	switch {
	case !slices.Contains(ticket.ProofKinds(), p.Kind):
		return Outcome{Refused: ticket.RefuseField("kind", CodeUnknownChoice)}, nil
	case len(p.Files) == 0:
		return Outcome{Refused: ticket.RefuseField(InputFiles, CodeFilesNeeded)}, nil
	case len(p.Files) > MaxProofFiles:
		return Outcome{Refused: ticket.RefuseField(InputFiles, CodeTooManyFiles, "max", strconv.Itoa(MaxProofFiles))}, nil
	}
	t, err := d.store.Ticket(ctx, number)
	if err == nil {
		err = d.allow(ctx, limitWords, string(number))
	}
	if err == nil && p.Kind == ticket.ProofIdentity {
		var s subject
		if s, err = d.subject(ctx, number); err == nil {
			err = d.mayProveBy(s, ticket.MethodIDDocument)
		}
	}
	if err != nil {
		return refusedOr(err)
	}
	id, delivery, err := d.store.AddProof(ctx, number, p.Kind, p.Key, p.Files, d.now(), contract.UpdateProofSent, func(id int64) []byte {
		body, _ := json.Marshal(contract.ProofSent{Proof: id, Kind: p.Kind}) // a number and a word: can't fail
		return body
	})
	if err != nil {
		return refusedOr(closedOr(err))
	}
	outcome, err := d.deliver(ctx, t, delivery)
	if err == nil && outcome.Refused != nil {
		err = d.store.DropProof(context.WithoutCancel(ctx), number, id)
	}
	return outcome, err
}

// ReviewProof is what a member of staff thinks of a document.
func (d *Desk) ReviewProof(ctx context.Context, by Staff, number ticket.Number, proof int64, passed bool) (contract.Done, error) {
	done, err := d.tell(ctx, number, contract.UpdateReviewProof, contract.ReviewProof{By: by, Proof: proof, Passed: passed})
	if t, missing := d.store.Ticket(ctx, number); missing == nil && slices.ContainsFunc(t.State.Proofs, func(p contract.Proof) bool {
		return p.ID == proof && p.Kind == ticket.ProofIdentity
	}) {
		d.judged(ticket.MethodIDDocument, passed, err)
	}
	return done, err
}
