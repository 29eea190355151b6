package accounts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxAnswer is the longest answer read from the operator's system.
const maxAnswer = 1 << 20

// WebhookConfig says where the operator's system is. Secret must have at
// least MinSecret bytes. BaseURL is https, or http to a loopback address, or
// http anywhere when AllowPlainHTTP says so (a private container network).
type WebhookConfig struct {
	BaseURL        string
	Secret         []byte
	Timeout        time.Duration    // of one call, all in all; 0: 30 seconds
	AllowPlainHTTP bool             // personal data then travels unencrypted
	Now            func() time.Time // nil: time.Now
}

// Webhook is a System behind HTTP: signed JSON by POST, one endpoint an
// operation. It keeps no state and may be used by many goroutines. It tries
// each call once; retries are the caller's.
type Webhook struct {
	base   string
	secret []byte
	client *http.Client
	now    func() time.Time
}

var _ System = (*Webhook)(nil)

// NewWebhook checks the configuration; it does not call the system.
func NewWebhook(c WebhookConfig) (*Webhook, error) {
	if err := CheckAddress(c.BaseURL, c.AllowPlainHTTP); err != nil {
		return nil, fmt.Errorf("account system: %w", err)
	}
	if len(c.Secret) < MinSecret {
		return nil, fmt.Errorf("account system: the secret must have at least %d bytes", MinSecret)
	}
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Webhook{
		base:   strings.TrimRight(c.BaseURL, "/"),
		secret: bytes.Clone(c.Secret),
		now:    c.Now,
		client: NewClient(c.Timeout),
	}, nil
}

// Lookup implements System.
func (w *Webhook) Lookup(ctx context.Context, q LookupRequest) (Account, error) {
	return call[Account](ctx, w, request{Operation: opLookup, Identifier: q.Identifier, Ref: q.Ref})
}

// Obstacles implements System.
func (w *Webhook) Obstacles(ctx context.Context, ref Ref) ([]Obstacle, error) {
	a, err := call[obstaclesAnswer](ctx, w, request{Operation: opObstacles, Ref: ref})
	if err != nil {
		return nil, err
	}
	return *a.Obstacles, nil
}

// StopServices implements System.
func (w *Webhook) StopServices(ctx context.Context, act Act) (Done, error) {
	return call[Done](ctx, w, actRequest(opStopServices, act))
}

// Erase implements System.
func (w *Webhook) Erase(ctx context.Context, act Act, plan []ErasePlanItem) (Done, error) {
	r := actRequest(opErase, act)
	r.Plan = plan
	return call[Done](ctx, w, r)
}

// Correct implements System.
func (w *Webhook) Correct(ctx context.Context, act Act, changes []Change) (Done, error) {
	r := actRequest(opCorrect, act)
	r.Changes = changes
	return call[Done](ctx, w, r)
}

// Purge implements System.
func (w *Webhook) Purge(ctx context.Context, act Act) (Done, error) {
	return call[Done](ctx, w, actRequest(opPurge, act))
}

// call sends one request and reads its answer. No error it returns holds
// anything of the request or of the answer but a machine's code.
func call[A interface{ check() error }](ctx context.Context, w *Webhook, r request) (A, error) {
	var none A
	if err := r.check(); err != nil {
		return none, Permanent("bad_request", "", err.Error())
	}
	body, err := json.Marshal(r)
	if err != nil {
		return none, Permanent("bad_request", "", "")
	}
	temporary := func(status int, cause error) error {
		return &TemporaryError{Operation: string(r.Operation), Status: status, cause: cause}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.base+"/"+string(r.Operation), bytes.NewReader(body))
	if err != nil {
		return none, temporary(0, err)
	}
	timestamp, signature := Sign(w.secret, w.now(), body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "rightsdesk")
	req.Header.Set(HeaderTimestamp, timestamp)
	req.Header.Set(HeaderSignature, signature)
	if r.IdempotencyKey != "" {
		req.Header.Set(HeaderIdempotencyKey, r.IdempotencyKey)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return none, temporary(0, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return none, temporary(resp.StatusCode, errors.New("answer cut off"))
	}
	if len(answer) > maxAnswer {
		return none, temporary(resp.StatusCode, errors.New("answer too long"))
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusAccepted {
		return none, refusal(r.Operation, resp, answer)
	}
	var a A
	// The JSON error is dropped: it quotes the answer.
	if json.Unmarshal(answer, &a) != nil {
		return none, temporary(resp.StatusCode, errors.New("answer is not the JSON of the contract"))
	}
	if err := a.check(); err != nil {
		return none, temporary(resp.StatusCode, err)
	}
	return a, nil
}

// refusal sorts an answer that is not a success into the three classes.
func refusal(op operation, resp *http.Response, answer []byte) error {
	var e errorAnswer
	understood := json.Unmarshal(answer, &e) == nil
	switch {
	case resp.StatusCode == http.StatusNotFound && e.Code == codeNoAccount:
		return ErrNoAccount
	case understood && (resp.StatusCode == http.StatusConflict || resp.StatusCode == http.StatusUnprocessableEntity):
		return Permanent(e.Code, e.Field, e.Message)
	}
	return &TemporaryError{
		Operation:  string(op),
		Status:     resp.StatusCode,
		Code:       name(e.Code, ""),
		RetryAfter: retryAfter(resp.Header.Get("Retry-After")),
	}
}

// retryAfter reads the header's form in seconds, up to a day.
func retryAfter(header string) time.Duration {
	seconds, err := strconv.Atoi(header)
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(min(seconds, 1<<20))*time.Second, 24*time.Hour)
}
