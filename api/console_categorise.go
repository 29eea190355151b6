package api

import "rightsdesk/ticket"

// categorise says what a complaint is about.
func (k *console) categorise(p *posted) error {
	_, err := k.Desk.Categorise(p.ctx, p.by, p.number, ticket.Category(p.get("category")))
	return err
}
