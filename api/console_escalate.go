package api

// escalate calls for those above, with a reason that stays inside the desk.
func (k *console) escalate(p *posted) error {
	_, err := k.Desk.Escalate(p.ctx, p.by, p.number, p.get("reason"))
	return err
}
