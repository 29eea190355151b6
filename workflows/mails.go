package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// patience is for how long a mail is tried before the desk gives up on it. A dead
// mail server delays neither the clock nor the desk.
const patience = 10 * 24 * time.Hour

// post orders a letter to the person: it is recorded as pending with the change
// being made, and leaves when that is recorded. It returns the letter's step.
func (t *handling) post(order contract.MailOrder) contract.Step {
	t.s.Counter++
	order.Number = t.start.Number
	order.Step = contract.StepOf(order.Letter, t.s.Counter)
	t.mails = append(t.mails, order)
	return order.Step
}

// dispatch sends a letter beside whatever else goes on. One that cannot be
// delivered is put on record; the answer's own is waited for in deliverAnswer.
func (t *handling) dispatch(order contract.MailOrder) {
	t.sending++
	t.dispatched = append(t.dispatched, order.Step)
	workflow.Go(t.ctx, func(ctx workflow.Context) {
		defer func() { t.sending-- }()
		var result contract.MailResult
		err := remote(ctx, contract.ActivitySendMail, "mail: "+string(order.Letter), patience, order, &result)
		if err != nil {
			t.log.Warn("mail given up", "ticket", t.start.Number, "step", order.Step)
			result = contract.MailResult{Refused: true}
		}
		t.mailed[order.Step] = result
		if result.Refused && order.Letter != contract.LetterAnswer {
			_ = t.change(ctx, func(workflow.Context) error {
				t.event(contract.BySystem, ticket.Nobody, contract.ActMailFailed, contract.Code(order.Letter), 0)
				return nil
			})
		}
	})
}

// tell orders a mail to members of staff.
func (t *handling) tell(n contract.StaffNotice) {
	t.s.Counter++
	n.Number = t.start.Number
	word := contract.Code(n.Act)
	if n.Rung != "" {
		word = contract.Code(n.Rung)
	}
	n.Step = contract.StepOf(word, t.s.Counter)
	t.notice = append(t.notice, n)
}

func (t *handling) notify(n contract.StaffNotice) {
	t.sending++
	workflow.Go(t.ctx, func(ctx workflow.Context) {
		defer func() { t.sending-- }()
		what := string(n.Rung)
		if what == "" {
			what = string(n.Act)
		}
		if err := remote(ctx, contract.ActivityNotifyStaff, "tell staff: "+what, patience, n, nil); err != nil {
			t.log.Warn("staff notice given up", "ticket", t.start.Number, "step", n.Step)
		}
	})
}

// tellAssignee tells whoever has the ticket, or nobody.
func (t *handling) tellAssignee(act contract.Act) {
	if t.s.Assignee != ticket.Nobody {
		t.tell(contract.StaffNotice{Act: act, Agents: []ticket.AgentID{t.s.Assignee}})
	}
}

// alertPrivacyOfficer brings a security incident or an appeal before the privacy
// officer at once.
func (t *handling) alertPrivacyOfficer() {
	t.s.Clock.Escalation = max(t.s.Clock.Escalation, 1)
	t.event(contract.BySystem, ticket.Nobody, contract.ActEscalated, contract.Code(ticket.PrivacyOfficer), 0)
	t.tell(contract.StaffNotice{Act: contract.ActEscalated, Roles: []ticket.Role{ticket.PrivacyOfficer}})
}
