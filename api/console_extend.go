package api

// extend asks for the policy's extension. The text is the notice to the person,
// who must have it before the old deadline, or nothing is extended.
func (k *console) extend(p *posted) error {
	_, err := k.Desk.Extend(p.ctx, p.by, p.number, p.get("text"))
	return err
}
