package api

import (
	"rightsdesk/desk"
	"rightsdesk/ticket"
)

// approve is the word of a second, different person on a decision. Sending it
// back needs a reason, which stays inside the desk.
func (k *console) approve(p *posted) error {
	yes := p.get("approve") == "yes"
	if !yes && p.get("approve") != "no" {
		return ticket.RefuseField("approve", desk.CodeRequired)
	}
	_, err := k.Desk.Approve(p.ctx, p.by, p.number, yes, p.get("reason"))
	return err
}
