package people

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"rightsdesk/devserver/mailcatcher"
)

// Trouble is an answer other than the one hoped for.
type Trouble struct {
	Status int // 0: no answer came, and whether the call was carried out is not known
	Code   string
	Detail string
}

func (t *Trouble) Error() string {
	if t.Status == 0 {
		return "no answer: " + t.Detail
	}
	return fmt.Sprintf("%d %s: %s", t.Status, t.Code, t.Detail)
}

// Unsure reports an answer that leaves open whether the call was carried out, or
// that asks to come back later.
func Unsure(err error) bool {
	var t *Trouble
	return errors.As(err, &t) && (t.Status == 0 || t.Status >= 500 || t.Status == http.StatusTooManyRequests)
}

// call is one call of the JSON interface.
type call struct {
	method, path string
	token        string // of a link or a member of staff
	key          string // Idempotency-Key
	from         string // the network it comes from
	body         any
	into         any
}

// patience is for how long one call waits for its answer.
const patience = 20 * time.Second

func (o *Office) call(ctx context.Context, c call) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var body io.Reader
	if c.body != nil {
		text, err := json.Marshal(c.body)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, c.method, o.URL+"/api/v1"+c.path, body)
	if err != nil {
		return err
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Accept-Language": "en",
		"Idempotency-Key": c.key, "X-Forwarded-For": c.from} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := o.http.Do(req)
	if err != nil {
		return &Trouble{Detail: err.Error()}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return &Trouble{Detail: err.Error()}
	}
	if resp.StatusCode >= 300 {
		var problem struct {
			Code   string `json:"code"`
			Detail string `json:"detail"`
		}
		_ = json.Unmarshal(text, &problem)
		return &Trouble{Status: resp.StatusCode, Code: problem.Code, Detail: problem.Detail}
	}
	if c.into == nil {
		return nil
	}
	return json.Unmarshal(text, c.into)
}

// Letters are the mails to an address, newest first.
func (o *Office) Letters(ctx context.Context, to string) ([]mailcatcher.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.Mail+"/messages?to="+to, nil)
	if err != nil {
		return nil, err
	}
	resp, err := o.http.Do(req)
	if err != nil {
		return nil, &Trouble{Detail: err.Error()}
	}
	defer resp.Body.Close()
	var letters []mailcatcher.Message
	if err := json.NewDecoder(resp.Body).Decode(&letters); err != nil {
		return nil, &Trouble{Detail: err.Error()}
	}
	return letters, nil
}
