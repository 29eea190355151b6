package activities

import (
	"context"
	"errors"
	"strings"

	"go.temporal.io/sdk/temporal"

	"rightsdesk/accounts"
	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
	"rightsdesk/verify"
)

// Texts sends one-time codes to the telephone on file.
type Texts struct {
	Post
	gateway verify.Texts // nil: there is none
}

// NewTexts takes what it needs.
func NewTexts(p Post, gateway verify.Texts) *Texts { return &Texts{Post: p, gateway: gateway} }

// SendText sends one code, once it is accepted and recorded never again. Where
// there is no such telephone the code looks sent, as a mailed one does: whether
// there is such an account shows nowhere.
func (x *Texts) SendText(ctx context.Context, o contract.TextOrder) (contract.TextResult, error) {
	sent, err := x.Store.VerificationOf(ctx, o.Number, o.Step)
	switch {
	case err == nil && sent.Delivered:
		return contract.TextResult{Accepted: sent.SentAt}, nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return contract.TextResult{}, stored("looking for the code", err)
	case x.gateway == nil:
		return contract.TextResult{Refused: true}, nil
	}
	t, err := x.Store.Ticket(ctx, o.Number)
	if err != nil {
		return contract.TextResult{}, stored("reading the ticket", err)
	}
	phone, err := x.contactOnFile(ctx, t, accounts.Phone)
	if err != nil && !errors.Is(err, errNoAddress) {
		return contract.TextResult{}, written(err)
	}
	id, code, err := x.Store.IssueTextCode(ctx, o.Number, o.Step, phone, x.Now(), codeLife)
	if isGone(err) {
		return contract.TextResult{Refused: true}, nil
	}
	if err != nil {
		return contract.TextResult{}, stored("issuing a code", err)
	}
	if phone != "" {
		if err := x.codeWithinBudget(ctx, phone); errors.Is(err, errOverBudget) {
			phone = "" // looks sent
		} else if err != nil {
			return contract.TextResult{}, written(err)
		}
	}
	reference := ""
	if phone != "" {
		reference, err = x.send(ctx, o, t.Locale, phone, code)
		if errors.Is(err, verify.ErrRefused) {
			return contract.TextResult{Refused: true}, nil
		}
		if err != nil {
			return contract.TextResult{}, temporal.NewApplicationError("the text message gateway did not take it", errText)
		}
	}
	err = x.Store.VerificationDelivered(context.WithoutCancel(ctx), id, reference)
	return contract.TextResult{Accepted: x.Now()}, stored("recording that the code was sent", err)
}

func (x *Texts) send(ctx context.Context, o contract.TextOrder, in ticket.Locale, phone, code string) (string, error) {
	return x.gateway.SendText(ctx, verify.Text{To: international(phone), Body: x.Writer.TextCode(in, o.Number, code),
		Key: string(o.Number) + "/" + string(o.Step)})
}

// international writes a telephone number on file as E.164, the operator's
// country being assumed where none is named.
func international(phone string) string {
	if strings.HasPrefix(phone, "+") {
		return phone
	}
	return "+86" + phone
}
