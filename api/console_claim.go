package api

// claim takes the ticket under a lease: what is done under a lost one is
// refused, so that no two people answer one person.
func (k *console) claim(p *posted) error {
	_, err := k.Desk.Claim(p.ctx, p.by, p.number)
	return err
}
