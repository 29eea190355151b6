package api

import "rightsdesk/contract"

// taskDone ticks off a step that a person does at the account system.
func (k *console) taskDone(p *posted) error {
	_, err := k.Desk.TaskDone(p.ctx, p.by, p.number, contract.AccountStep(p.get("step")))
	return err
}
