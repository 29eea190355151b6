package e2e

import (
	"regexp"

	"github.com/stretchr/testify/require"

	"rightsdesk/accounts"
	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// Stories of how people prove who they are.

func cancellationTextMessage(o *office) {
	const phone = "13900139000"
	number := o.unproved(o.accountOf(ticket.AccountCancellation, o.holder(accounts.FieldPhone, phone)))
	o.until(number, func(t store.Ticket) bool { return t.State.Codes == 1 })
	o.later(number, day, resumed) // a second code is not sent at once
	o.taken(o.desk.SendText(o.t.Context(), number))
	o.proves(number, "+86"+phone)
	o.confirms(number)
	o.answers(agent, number, granted)
	o.record("account_cancellation-text_message", string(number))
}

// proved requires that the real name was.
func (o *office) proved(proof desk.Proof, err error) {
	o.t.Helper()
	o.taken(proof.Outcome, err)
	require.Equal(o.t, store.CodeOK, proof.Result)
	require.Equal(o.t, ticket.LevelReal, proof.Level)
}

func correctionRegistry(o *office) {
	number := o.account(ticket.InfoCorrection, "zhao.min@example.com", store.Change{Field: "real_name", Proposed: "赵敏"})
	o.proved(o.desk.ProveBy(o.t.Context(), number, ticket.MethodRealName, desk.Typed{
		RealName: desk.RealName{Name: "赵敏", IDNumber: "440524188001010014", Phone: "13800138007"}}, o.t.Name()))
	o.answers(agent, number, onFields(yes("real_name")))
	o.record("info_correction-registry", string(number))
}

func correctionPayment(o *office) {
	ctx, pay := o.t.Context(), desk.CompanyAccount{Company: "广州样例有限公司", CreditCode: "91350100M000100Y43", BankAccount: "6222000033334444"}
	number := o.account(ticket.InfoCorrection, o.holder(accounts.FieldCompany, pay.Company), store.Change{Field: "real_name", Proposed: "刘扬"})
	o.taken(o.desk.OrderPayment(ctx, number, pay, o.t.Name()))
	statement, err := o.Mails.Messages(ctx, "account-"+pay.BankAccount, 1)
	require.NoError(o.t, err)
	require.Len(o.t, statement, 1)
	amount := regexp.MustCompile(`\+(\d\.\d\d) CNY`).FindStringSubmatch(statement[0].Text)
	require.Len(o.t, amount, 2)
	o.proved(o.desk.ProveBy(ctx, number, ticket.MethodBankPayment, desk.Typed{Amount: amount[1]}, o.t.Name()))
	o.answers(agent, number, onFields(yes("real_name")))
	o.record("info_correction-payment", string(number))
}

func yes(f contract.FieldName) contract.FieldDecision {
	return contract.FieldDecision{Field: f, Accept: true}
}

func no(f contract.FieldName) contract.FieldDecision {
	return contract.FieldDecision{Field: f, Reason: ticket.ReasonUnfounded}
}

// onFields is a correction's decision: its outcome follows from the fields.
func onFields(fields ...contract.FieldDecision) desk.Decision {
	d := desk.Decision{Text: "We looked at each of them.", Fields: fields}
	accepted := 0
	for _, f := range fields {
		if f.Accept {
			accepted++
		}
	}
	switch accepted {
	case len(fields):
		d.Outcome = ticket.Accepted
	case 0:
		d.Outcome, d.Reason = ticket.Declined, ticket.ReasonUnfounded
	default:
		d.Outcome, d.Reason = ticket.Partly, ticket.ReasonUnfounded
	}
	return d
}
