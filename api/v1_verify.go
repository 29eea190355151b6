package api

import (
	"context"
	"net/http"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// v1RealName is what the registry is asked about. Nothing of it is kept.
type v1RealName struct {
	Name     string `json:"name" doc:"Real name"`
	IDNumber string `json:"id_number" doc:"Identity number, 18 characters"`
	Phone    string `json:"phone" doc:"Mobile number registered under the name"`
}

// v1Company is a company's account, to which a small sum is paid.
type v1Company struct {
	Company     string `json:"company"`
	CreditCode  string `json:"credit_code" doc:"Unified social credit code, 18 characters"`
	BankAccount string `json:"bank_account" doc:"Passed on to the bank and not kept"`
}

// v1Amount is the sum that arrived.
type v1Amount struct {
	Amount string `json:"amount" doc:"In yuan, e.g. 3.17"`
}

// v1ProofSent names the document whose files wait under the key.
type v1ProofSent struct {
	Kind    ticket.ProofKind `json:"kind" enum:"id_document,relation"`
	Uploads []int64          `json:"uploads,omitempty" maxItems:"3" doc:"Ids of the files uploaded for it. All that wait under the key come along; one named here that is gone is an error"`
}

type (
	v1RealNameInput  struct{ Body v1RealName }
	v1CompanyInput   struct{ Body v1Company }
	v1AmountInput    struct{ Body v1Amount }
	v1ProofSentInput struct{ Body v1ProofSent }
)

func (a *v1) verifyRoutes() {
	act := func(id, path, summary, about string) v1Op {
		return v1Op{id: id, method: http.MethodPost, path: path, tag: v1TagPerson, who: v1Proved, conflicts: true, summary: summary, about: about}
	}
	text := act("send-text", "/ticket/code/text", "Have a code sent to the telephone on file", "It counts with the mailed ones, and is entered as they are.")
	text.who, text.bodyless = v1Holder, true
	addV1(a, text, func(ctx context.Context, _ *struct{}) (*v1OutcomeOutput, error) {
		return outcome(a.Desk.SendText(ctx, callOf(ctx).ticket.Number))
	})

	name := act("prove-real-name", "/ticket/real-name", "Prove one's real name by the registry",
		"Where a field to be corrected asks for it. Three tries a day; only the verdict is kept.")
	name.example = v1RealName{"Wang Xiaoming", "11010519491231002X", "13812345678"}
	addV1(a, name, func(ctx context.Context, in *v1RealNameInput) (*v1OutcomeOutput, error) {
		call := callOf(ctx)
		return proofOutcome(a.Desk.ProveBy(ctx, call.ticket.Number, ticket.MethodRealName,
			desk.Typed{RealName: desk.RealName{Name: in.Body.Name, IDNumber: in.Body.IDNumber, Phone: in.Body.Phone}}, network(call.gin)))("id_number")
	})

	pay := act("order-payment", "/ticket/payment", "Have a small sum paid to the company's account", "Two a day for one ticket.")
	pay.example = v1Company{"Example Ltd", "91350100M000100Y43", "6222000011112222"}
	addV1(a, pay, func(ctx context.Context, in *v1CompanyInput) (*v1OutcomeOutput, error) {
		call := callOf(ctx)
		return outcome(a.Desk.OrderPayment(ctx, call.ticket.Number,
			desk.CompanyAccount{Company: in.Body.Company, CreditCode: in.Body.CreditCode, BankAccount: in.Body.BankAccount}, network(call.gin)))
	})

	amount := act("prove-payment", "/ticket/payment/amount", "Enter the sum that arrived", "Three tries for a payment.")
	amount.example = v1Amount{"3.17"}
	addV1(a, amount, func(ctx context.Context, in *v1AmountInput) (*v1OutcomeOutput, error) {
		call := callOf(ctx)
		return proofOutcome(a.Desk.ProveBy(ctx, call.ticket.Number, ticket.MethodBankPayment, desk.Typed{Amount: in.Body.Amount}, network(call.gin)))("amount")
	})

	proof := act("send-proof", "/ticket/proofs", "Send a document: of one's identity, or that one may act for somebody else",
		"Its files are uploaded before, for the same Idempotency-Key. Staff look at them; they are destroyed then.")
	proof.key, proof.status, proof.example = v1Required, http.StatusCreated, v1ProofSent{Kind: ticket.ProofRelation, Uploads: []int64{7}}
	addV1(a, proof, a.sendProof)
}

// proofOutcome is what became of a verifier's try, as an answer: what was wrong
// is told at the input that had to agree.
func proofOutcome(p desk.Proof, err error) func(field string) (*v1OutcomeOutput, error) {
	return func(field string) (*v1OutcomeOutput, error) {
		if err == nil && p.Refused == nil && p.Result != store.CodeOK {
			return nil, wrong(field, codeResults[p.Result])
		}
		return outcome(p.Outcome, err)
	}
}

func (a *v1) sendProof(ctx context.Context, in *v1ProofSentInput) (*v1OutcomeOutput, error) {
	call := callOf(ctx)
	token := a.formToken(call)
	if err := a.checkNamed(ctx, in.Body.Uploads, token); err != nil {
		return nil, err
	}
	files, err := a.Store.StagedFiles(ctx, token)
	if err != nil {
		return nil, err
	}
	done, err := outcome(a.Desk.SendProof(ctx, call.ticket.Number, desk.ProofFiles{Kind: in.Body.Kind, Key: call.key, Files: files}))
	if dropped := a.Store.DropStaged(context.WithoutCancel(ctx), token); err == nil { // taken or refused: no copy stays
		err = dropped
	}
	return done, err
}
