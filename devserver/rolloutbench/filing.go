package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"
)

// filings are how long the answers took to people who filed requests.
type filings struct {
	answers []time.Duration // to each form that was sent
	filed   int
	failed  int
}

func (f filings) String() string {
	return fmt.Sprintf("%d | %d | %s | %s", f.filed, f.failed, f.at(0.5), f.at(0.99))
}

func (f filings) at(p float64) string {
	if len(f.answers) == 0 {
		return "-"
	}
	sorted := slices.Sorted(slices.Values(f.answers))
	return fmt.Sprintf("%.0f ms", float64(sorted[min(int(float64(len(sorted))*p), len(sorted)-1)].Microseconds())/1000)
}

// pause is what a person needs between two requests: one network may file 200 an
// hour.
const pause = 400 * time.Millisecond

// filing files requests, one after the other, until it is over.
func filing(ctx context.Context, desk string, over <-chan time.Time) (f filings) {
	for f.filed+f.failed < 95 {
		select {
		case <-over:
			return f
		case <-ctx.Done():
			return f
		case <-time.After(pause):
		}
		if err := f.file(ctx, desk); err != nil {
			f.failed++
		} else {
			f.filed++
		}
	}
	<-over
	return f
}

var (
	token  = regexp.MustCompile(`name="form" value="([^"]+)"`)
	number = regexp.MustCompile(`DSR-\d{8}-[0-9A-Z]{8}`)
)

// file fills the form, checks the answers and sends it.
func (f *filings) file(ctx context.Context, desk string) error {
	page, err := ask(ctx, http.MethodGet, desk+"request/complaint", nil)
	if err != nil {
		return err
	}
	found := token.FindStringSubmatch(page)
	if found == nil {
		return fmt.Errorf("no form in the page")
	}
	answers := url.Values{"form": {found[1]}, "category": {"privacy"}, "text": {"What do you keep about me, and for how long?"},
		"name": {"Eve Example"}, "email": {"eve@example.org"}, "relation": {"self"}}
	for _, path := range []string{"request/complaint", "request/complaint/send"} {
		begun := time.Now()
		page, err = ask(ctx, http.MethodPost, desk+path, answers)
		if err != nil {
			return err
		}
		f.answers = append(f.answers, time.Since(begun))
	}
	if number.FindString(page) == "" {
		return fmt.Errorf("no receipt")
	}
	return nil
}

func ask(ctx context.Context, method, address string, form url.Values) (string, error) {
	var resp *http.Response
	var err error
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if method == http.MethodGet {
		var r *http.Request
		if r, err = http.NewRequestWithContext(ctx, method, address, nil); err == nil {
			resp, err = http.DefaultClient.Do(r)
		}
	} else {
		resp, err = http.PostForm(address, form)
	}
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("answered %d", resp.StatusCode)
	}
	return string(text), err
}
