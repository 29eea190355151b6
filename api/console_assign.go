package api

import "rightsdesk/ticket"

// assign gives the ticket to a member of staff, who is told by mail.
func (k *console) assign(p *posted) error {
	_, err := k.Desk.Assign(p.ctx, p.by, p.number, ticket.AgentID(p.get("to")))
	return err
}
