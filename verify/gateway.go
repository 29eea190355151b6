package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"rightsdesk/accounts"
)

// maxAnswer is the longest answer read from a service.
const maxAnswer = 64 << 10

// ErrRefused: the service refuses this request, and will refuse it again. Any
// other error is temporary.
var ErrRefused = errors.New("the service refuses the request")

// Config says where a service is. Requests are signed as those to the account
// system are. URL is https, or http to a loopback address, or http anywhere when
// AllowPlainHTTP says so.
type Config struct {
	URL            string
	Secret         []byte
	Timeout        time.Duration // of one call; 0: 10 seconds
	AllowPlainHTTP bool
	Now            func() time.Time // nil: time.Now
}

// Gateway is a service behind HTTP. It implements Texts, RealNames and Payments;
// which of them its address serves is the operator's affair. It tries each call
// once.
type Gateway struct {
	address string
	secret  []byte
	client  *http.Client
	now     func() time.Time
}

var (
	_ Texts     = (*Gateway)(nil)
	_ RealNames = (*Gateway)(nil)
	_ Payments  = (*Gateway)(nil)
)

// New checks the configuration; it does not call the service.
func New(c Config) (*Gateway, error) {
	if err := accounts.CheckAddress(c.URL, c.AllowPlainHTTP); err != nil {
		return nil, err
	}
	if len(c.Secret) < accounts.MinSecret {
		return nil, fmt.Errorf("the secret must have at least %d bytes", accounts.MinSecret)
	}
	if c.Timeout <= 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Gateway{address: strings.TrimRight(c.URL, "/"), secret: bytes.Clone(c.Secret), now: c.Now, client: accounts.NewClient(c.Timeout)}, nil
}

// SendText implements Texts.
func (g *Gateway) SendText(ctx context.Context, t Text) (string, error) {
	var answer referred
	err := g.call(ctx, "text", textRequest{To: t.To, Text: t.Body}, t.Key, &answer)
	return answer.Reference, err
}

// CheckRealName implements RealNames.
func (g *Gateway) CheckRealName(ctx context.Context, r RealName) (Verdict, error) {
	var answer verdictAnswer
	err := g.call(ctx, "real-name", realNameRequest{Name: r.Name, IDNumber: r.IDNumber, Phone: r.Phone}, "", &answer)
	if err == nil && answer.Match == nil {
		err = errors.New("real-name: the answer names no verdict")
	}
	if err != nil {
		return Verdict{}, err
	}
	return Verdict{Match: *answer.Match, Reference: answer.Reference}, nil
}

// Pay implements Payments.
func (g *Gateway) Pay(ctx context.Context, p Payment) (string, error) {
	var answer referred
	err := g.call(ctx, "payment", paymentRequest{Company: p.Company, CreditCode: p.CreditCode, BankAccount: p.BankAccount,
		Fen: p.Fen, Currency: "CNY"}, p.Key, &answer)
	return answer.Reference, err
}

// What goes over the wire.
type (
	textRequest struct {
		To   string `json:"to"`
		Text string `json:"text"`
	}
	realNameRequest struct {
		Name     string `json:"name"`
		IDNumber string `json:"id_number"`
		Phone    string `json:"phone"`
	}
	paymentRequest struct {
		Company     string `json:"company"`
		CreditCode  string `json:"credit_code"`
		BankAccount string `json:"bank_account"`
		Fen         int    `json:"amount_fen"`
		Currency    string `json:"currency"`
	}
	referred struct {
		Reference string `json:"reference"`
	}
	verdictAnswer struct {
		Match     *bool  `json:"match"`
		Reference string `json:"reference"`
	}
)

func (r *referred) check() error      { return checkReference(r.Reference) }
func (v *verdictAnswer) check() error { return checkReference(v.Reference) }

// checkReference bounds what is stored and shown to staff.
func checkReference(s string) error {
	if len(s) > 128 || strings.ContainsFunc(s, func(r rune) bool { return r < '!' || r > '~' }) {
		return errors.New("the answer's reference must be at most 128 printable ASCII characters")
	}
	return nil
}

// call sends one request. No error it returns holds anything of the request or of
// the answer.
func (g *Gateway) call(ctx context.Context, operation string, request any, key string, answer interface{ check() error }) error {
	body, err := json.Marshal(request)
	if err != nil {
		return errors.New(operation + ": the request can't be written")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.address+"/"+operation, bytes.NewReader(body))
	if err != nil {
		return errors.New(operation + ": the request can't be made")
	}
	timestamp, signature := accounts.Sign(g.secret, g.now(), body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "rightsdesk")
	req.Header.Set(accounts.HeaderTimestamp, timestamp)
	req.Header.Set(accounts.HeaderSignature, signature)
	if key != "" {
		req.Header.Set(accounts.HeaderIdempotencyKey, key)
	}
	resp, err := g.client.Do(req)
	if err != nil {
		return fmt.Errorf("%s: the service did not answer", operation)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil || len(text) > maxAnswer:
		return fmt.Errorf("%s: the answer was cut off or is too long", operation)
	case resp.StatusCode == http.StatusConflict || resp.StatusCode == http.StatusUnprocessableEntity:
		return fmt.Errorf("%s: %w", operation, ErrRefused)
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("%s: the service answered %d", operation, resp.StatusCode)
	case json.Unmarshal(text, answer) != nil: // the JSON error quotes the answer
		return fmt.Errorf("%s: the answer is not the JSON of the contract", operation)
	}
	if err := answer.check(); err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return nil
}
