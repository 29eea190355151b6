package api

// acknowledge says that the escalation is known: the ladder goes quiet.
func (k *console) acknowledge(p *posted) error {
	_, err := k.Desk.Acknowledge(p.ctx, p.by, p.number)
	return err
}
