package api

// release gives the claim back; drafts stay.
func (k *console) release(p *posted) error {
	_, err := k.Desk.Release(p.ctx, p.by, p.number)
	return err
}
