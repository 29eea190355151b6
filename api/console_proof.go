package api

import (
	"strconv"

	"rightsdesk/desk"
	"rightsdesk/ticket"
)

// reviewProof is what a member of staff thinks of a document. Nothing is chosen
// beforehand.
func (k *console) reviewProof(p *posted) error {
	id, err := strconv.ParseInt(p.get("proof"), 10, 64)
	if err != nil {
		return ticket.Refuse("no_such_proof")
	}
	passed := p.get("passed") == "yes"
	if !passed && p.get("passed") != "no" {
		return ticket.RefuseField("passed", desk.CodeRequired)
	}
	_, err = k.Desk.ReviewProof(p.ctx, p.by, p.number, id, passed)
	return err
}
