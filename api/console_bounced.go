package api

// bounced records that the answer came back undelivered: the ticket returns to
// the desk with the true state of its clock.
func (k *console) bounced(p *posted) error {
	_, err := k.Desk.Bounced(p.ctx, p.by, p.number, p.get("reason"))
	return err
}
