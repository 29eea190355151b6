package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// textPatience is for how long a text message is tried: a code that comes after
// an hour helps nobody, and another can be asked for.
const textPatience = 15 * time.Minute

// sendText sends a one-time code to the telephone on file, when the person asks
// for it that way. It counts with the codes sent by mail. Who has proved
// themselves may ask again, to open the page in another browser.
func (t *handling) maySendText(contract.Plain) *ticket.Error {
	if e := t.notOpen(); e != nil {
		return e
	}
	switch {
	case t.codeLevel() < ticket.LevelAccount, t.s.Account.ByHand:
		return ticket.Refuse("no_code_here")
	case t.s.Codes == 0:
		return ticket.Refuse("code_wait", "until", fact(t.now().Add(codeWait)))
	}
	return t.codesLeft()
}

func (t *handling) sendText(workflow.Context, contract.Plain, *contract.Done) error {
	t.s.Codes++
	t.s.CodeAt = t.now()
	t.s.Counter++
	t.event(contract.BySystem, ticket.Nobody, contract.ActCodeSent, contract.Code(ticket.MethodSMSCode), 0)
	t.texts = append(t.texts, contract.TextOrder{Number: t.start.Number, Step: contract.StepOf(ticket.MethodSMSCode, t.s.Counter)})
	return nil
}

// dispatchText sends a text message beside whatever else goes on. What becomes of
// it is in the database; nothing waits for it but the person.
func (t *handling) dispatchText(order contract.TextOrder) {
	t.sending++
	workflow.Go(t.ctx, func(ctx workflow.Context) {
		defer func() { t.sending-- }()
		var result contract.TextResult
		if err := remote(ctx, contract.ActivitySendText, "text message: code", textPatience, order, &result); err != nil || result.Refused {
			_ = t.change(ctx, func(workflow.Context) error {
				t.event(contract.BySystem, ticket.Nobody, contract.ActMailFailed, contract.Code(ticket.MethodSMSCode), 0)
				return nil
			})
		}
	})
}
