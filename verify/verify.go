// Package verify is the outside services by which a person proves who they are:
// text messages, the real-name registry, and payments to a company's account
// (clause 2.2.1). Each is one small interface with one implementation over signed
// HTTP; the contract is docs/verification.md. Nothing of what is sent is kept
// here: the desk stores a verdict and a reference.
package verify

import "context"

// Text is a text message to a telephone.
type Text struct {
	To   string // E.164, e.g. +8613800138001
	Body string
	Key  string // the same key twice is one message
}

// Texts sends text messages. The reference is the gateway's own, without personal
// data.
type Texts interface {
	SendText(ctx context.Context, t Text) (reference string, err error)
}

// RealName is what the registry is asked about: do these three belong together?
type RealName struct {
	Name     string
	IDNumber string
	Phone    string // E.164
}

// Verdict is the registry's answer.
type Verdict struct {
	Match     bool
	Reference string
}

// RealNames asks the real-name registry (实名 API).
type RealNames interface {
	CheckRealName(ctx context.Context, r RealName) (Verdict, error)
}

// Payment is a small sum to be paid to a company's own bank account. Who can read
// the account's statement can tell the amount.
type Payment struct {
	Company     string
	CreditCode  string // 统一社会信用代码
	BankAccount string
	Fen         int    // hundredths of a yuan
	Key         string // the same key twice is one payment
}

// Payments orders payments (对公打款).
type Payments interface {
	Pay(ctx context.Context, p Payment) (reference string, err error)
}

// String keeps what is personal out of logs, however a value is printed.
func (Text) String() string     { return "text message" }
func (RealName) String() string { return "real name" }
func (Payment) String() string  { return "payment" }
