package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"strconv"
	"strings"
	"time"

	"rightsdesk/store"
	"rightsdesk/ticket"
	"rightsdesk/verify"
)

// CompanyAccount is a company's bank account as a person types it.
type CompanyAccount struct {
	Company, CreditCode, BankAccount string
}

// The inputs of a small payment.
const (
	InputCompany     = "company"
	InputCreditCode  = "credit_code"
	InputBankAccount = "bank_account"
	InputAmount      = "amount"
)

const (
	mostFen     = 999 // 9.99 yuan
	paymentLife = 7 * 24 * time.Hour
)

// paymentVerifier is the small payment to a company's own account: who reads its
// statement can tell the sum (对公打款). OrderPayment begins it.
type paymentVerifier struct{ *Desk }

func (paymentVerifier) method() ticket.Method { return ticket.MethodBankPayment }
func (v paymentVerifier) ready() bool         { return v.verifiers.Payments != nil }
func (paymentVerifier) tries() (limit, limit) { return limitCodeTicket, limitCodeNetwork }

func (paymentVerifier) read(typed *Typed) error {
	fen, ok := fenOf(typed.Amount)
	if !ok {
		return ticket.RefuseField(InputAmount, CodeAmountInvalid)
	}
	typed.Amount = strconv.Itoa(fen)
	return nil
}

func (v paymentVerifier) prove(ctx context.Context, s subject, typed Typed) (store.Verification, store.CodeResult, error) {
	return v.store.TryAmount(ctx, s.Number, typed.Amount, v.now())
}

// OrderPayment has a small random sum paid to the company's own account. The
// account's number is passed on and not kept.
func (d *Desk) OrderPayment(ctx context.Context, number ticket.Number, typed CompanyAccount, network string) (Outcome, error) {
	if err := d.orderPayment(ctx, number, typed, network); err != nil {
		return refusedOr(err)
	}
	return Outcome{}, nil
}

func (d *Desk) orderPayment(ctx context.Context, number ticket.Number, typed CompanyAccount, network string) error {
	pay := verify.Payment{Company: line(typed.Company)}
	if pay.Company == "" {
		return ticket.RefuseField(InputCompany, CodeRequired)
	}
	var ok bool
	if pay.CreditCode, ok = verify.CreditCode(typed.CreditCode); !ok {
		return ticket.RefuseField(InputCreditCode, CodeCreditCodeInvalid)
	}
	if pay.BankAccount, ok = verify.BankAccount(typed.BankAccount); !ok {
		return ticket.RefuseField(InputBankAccount, CodeBankAccountInvalid)
	}
	s, err := d.subject(ctx, number)
	if err == nil {
		err = d.mayProveBy(s, ticket.MethodBankPayment)
	}
	if err != nil {
		return err
	}
	if on := s.account.Fields["company"]; on == "" || code(on) != code(pay.Company) {
		return ticket.RefuseField(InputCompany, CodeServiceRefused) // nobody's company, or somebody else's, proves nothing
	}
	if err := d.allowBoth(ctx, s.tried(), network, limitPayment, limitPaymentNet); err != nil {
		return err
	}
	pay.Fen = randomFen()
	id, err := d.store.IssueAmount(ctx, number, strconv.Itoa(pay.Fen), d.now(), paymentLife)
	if err != nil {
		return closedOr(err)
	}
	pay.Key = string(number) + "/payment-" + strconv.FormatInt(id, 10)
	reference, err := d.verifiers.Payments.Pay(ctx, pay)
	if err == nil {
		return d.store.VerificationDelivered(ctx, id, reference)
	}
	if err := d.store.DropVerification(context.WithoutCancel(ctx), id, d.now()); err != nil {
		d.log.Warn("dropping a payment that was not made", "ticket", number, "error", err)
	}
	if errors.Is(err, verify.ErrRefused) {
		return ticket.Refuse(CodeServiceRefused)
	}
	d.log.Warn("the payment service did not answer", "ticket", number, "error", err)
	return ticket.Refuse(CodeServiceAway)
}

func randomFen() int {
	n, err := rand.Int(rand.Reader, big.NewInt(mostFen))
	if err != nil { // crypto/rand does not fail
		panic(err)
	}
	return int(n.Int64()) + 1
}

// fenOf reads an amount in yuan as people type it: 3.17, ¥3.17, ３.17 元.
func fenOf(typed string) (int, bool) {
	s := strings.TrimSpace(strings.Trim(code(typed), "¥￥元 "))
	yuan, rest, _ := strings.Cut(s, ".")
	if len(rest) > 2 || yuan == "" || len(yuan) > 6 || strings.Trim(yuan+rest, "0123456789") != "" {
		return 0, false
	}
	fen, err := strconv.Atoi(yuan + (rest + "00")[:2])
	return fen, err == nil
}
