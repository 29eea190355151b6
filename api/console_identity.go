package api

import (
	"rightsdesk/desk"
	"rightsdesk/ticket"
)

// checkIdentity is the verdict of the agent who checked whose the account is, or the
// real name (clause 2.2.1). There is no third answer, and none is chosen beforehand.
func (k *console) checkIdentity(p *posted) error {
	passed := p.get("passed") == "yes"
	if !passed && p.get("passed") != "no" {
		return ticket.RefuseField("passed", desk.CodeRequired)
	}
	_, err := k.Desk.CheckIdentity(p.ctx, p.by, p.number, passed)
	return err
}
