package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// web calls the desk as programs do. The desk limits what one network may do in an
// hour, so each ticket comes from a network of its own, as it would from a proxy:
// the bench is the proxy whose X-Forwarded-For the desk has been told to believe.
type web struct {
	base   string // without a slash at its end
	client *http.Client
	from   atomic.Uint32
}

func newWeb(base string) *web {
	return &web{base: base, client: &http.Client{Timeout: time.Minute,
		Transport: &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256}}}
}

// network is an address nobody has come from yet: of 10.0.0.0/8.
func (w *web) network() string {
	n := w.from.Add(1)
	return fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255)
}

// ask is one call of the JSON interface.
type ask struct {
	method, path string
	token        string
	network      string
	key          bool // sends an Idempotency-Key
	body         any
}

// do calls and reads the answer into out. Any status that is not a success is an
// error which names the problem's code.
func (w *web) do(ctx context.Context, a ask, out any) error {
	var body io.Reader
	if a.body != nil {
		text, err := json.Marshal(a.body)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, a.method, w.base+"/api/v1"+a.path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Accept-Language", "en")
	if a.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if a.token != "" {
		r.Header.Set("Authorization", "Bearer "+a.token)
	}
	if a.network != "" {
		r.Header.Set("X-Forwarded-For", a.network)
	}
	if a.key {
		r.Header.Set("Idempotency-Key", rand.Text())
	}
	answer, err := w.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode >= 300 {
		var problem struct{ Code string }
		_ = json.Unmarshal(text, &problem)
		return fmt.Errorf("%s %s: %d %s", a.method, a.path, answer.StatusCode, problem.Code)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}
