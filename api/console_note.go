package api

// note leaves a remark for colleagues. It is a type of its own that no mail
// activity accepts.
func (k *console) note(p *posted) error {
	_, err := k.Desk.Note(p.ctx, p.by, p.number, p.get("text"))
	return err
}
