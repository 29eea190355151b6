package api

// ask asks the person for something more; the ticket then waits for them.
func (k *console) ask(p *posted) error {
	_, err := k.Desk.Ask(p.ctx, p.by, p.number, p.get("text"))
	return err
}
