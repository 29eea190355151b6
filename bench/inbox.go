package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"
)

// inbox reads the mail catcher.
type inbox struct {
	base   string
	client *http.Client
	newest atomic.Int64 // id of the newest mail seen
}

func newInbox(base string) *inbox {
	return &inbox{base: base, client: &http.Client{Timeout: 2 * time.Minute,
		Transport: &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256}}}
}

// letter is a mail.
type letter struct {
	ID        int64
	Text      string
	MessageID string `json:"message_id"`
}

// is reports a letter of that name about the ticket: the id of a mail is made of
// the step that sent it and the ticket's number.
func (l letter) is(name, number string) bool {
	step, rest, _ := strings.Cut(strings.TrimPrefix(l.MessageID, "<"), ".")
	return strings.HasPrefix(step, name+"-") && strings.HasPrefix(rest, number)
}

var sixDigits = regexp.MustCompile(`(?m)^\s+(\d{6})$`)

// code is the one-time code in it.
func (l letter) code() (string, error) {
	found := sixDigits.FindStringSubmatch(l.Text)
	if found == nil {
		return "", fmt.Errorf("no code in the mail %s", l.MessageID)
	}
	return found[1], nil
}

// mark is where the box stands now: what is waited for comes after it.
func (b *inbox) mark() int64 { return b.newest.Load() }

// await waits for a letter about the ticket to the address.
func (b *inbox) await(ctx context.Context, to string, after int64, name, number string) (letter, error) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		list, err := b.list(ctx, url.Values{"to": {to}, "after": {fmt.Sprint(after)}, "wait": {"30"}})
		if err != nil {
			return letter{}, err
		}
		for _, l := range list {
			if l.is(name, number) {
				return l, nil
			}
			after = max(after, l.ID)
		}
	}
	return letter{}, fmt.Errorf("%s: no letter %q came", number, name)
}

// count is how many mails were ever caught.
func (b *inbox) count(ctx context.Context) (int64, error) {
	_, err := b.list(ctx, url.Values{"limit": {"1"}})
	return b.newest.Load(), err
}

func (b *inbox) list(ctx context.Context, query url.Values) ([]letter, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/messages?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	answer, err := b.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the mail catcher answers %s", answer.Status)
	}
	var list []letter
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		return nil, err
	}
	for _, l := range list {
		for seen := b.newest.Load(); l.ID > seen && !b.newest.CompareAndSwap(seen, l.ID); seen = b.newest.Load() {
		}
	}
	return list, nil
}
