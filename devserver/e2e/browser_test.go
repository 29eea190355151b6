package e2e

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// browser is one person at a Chromium of their own.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	amiss  []string // what the browser itself found wrong: blocked content, failing scripts
	abroad []string // addresses other than this machine's that a page asked for
}

// openBrowser starts Chromium with a new profile. A machine without it fails the
// test: nothing skips itself.
func openBrowser(t *testing.T, language string, width int) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", language), chromedp.Flag("accept-lang", language),
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(width, 1000),
	)
	if path := os.Getenv("CHROMIUM"); path != "" {
		options = append(options, chromedp.ExecPath(path))
	}
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	b := &browser{t: t}
	ctx, stop := chromedp.NewContext(alloc, chromedp.WithListener(b.hear))
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	b.ctx = ctx
	t.Cleanup(func() {
		cancel()
		stop()
		stopAlloc()
		b.mu.Lock()
		defer b.mu.Unlock()
		assert.Empty(t, b.amiss, "the browser complained")
		assert.Empty(t, b.abroad, "a page loaded something from elsewhere")
	})
	b.do("starting Chromium", chromedp.EmulateViewport(int64(width), 1000))
	return b
}

// hear notes what must not happen on any page of any test.
func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork { // refusals are answers of the network
			b.amiss = append(b.amiss, string(e.Entry.Source)+": "+e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		b.amiss = append(b.amiss, e.ExceptionDetails.Text)
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err == nil && strings.HasPrefix(u.Scheme, "http") && u.Hostname() != "127.0.0.1" {
			b.abroad = append(b.abroad, e.Request.URL)
		}
	}
}

func (b *browser) do(doing string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", doing, err)
	}
}

// ask evaluates an expression on the page.
func ask[T any](b *browser, doing, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", doing, err)
	}
	return v
}

func (b *browser) open(url string) {
	b.t.Helper()
	b.do("opening "+url, chromedp.Navigate(url))
}

// fill replaces what stands in an input.
func (b *browser) fill(selector, text string) {
	b.t.Helper()
	b.must(selector)
	ask[string](b, "filling "+selector, fmt.Sprintf(`document.querySelector(%q).value=%q`, selector, text))
}

// tick chooses a radio button, a check box, or opens a disclosure.
func (b *browser) tick(selector string) {
	b.t.Helper()
	b.must(selector)
	ask[bool](b, "choosing "+selector, fmt.Sprintf(`document.querySelector(%q).click(),true`, selector))
}

// send presses a submit button and waits for the page that follows.
func (b *browser) send(selector string) {
	b.t.Helper()
	b.must(selector)
	ask[bool](b, "pressing "+selector, fmt.Sprintf(`window.stale=true,document.querySelector(%q).click(),true`, selector))
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		fresh, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`window.stale===undefined&&document.readyState==="complete"`))
		if err == nil && fresh {
			return
		}
		time.Sleep(30 * time.Millisecond)
	}
	b.t.Fatalf("nothing followed the press of %s; the page says:\n%s", selector, b.text())
}

func (b *browser) has(selector string) bool {
	b.t.Helper()
	return ask[bool](b, "looking for "+selector, fmt.Sprintf(`document.querySelector(%q)!==null`, selector))
}

func (b *browser) must(selector string) {
	b.t.Helper()
	if !b.has(selector) {
		b.t.Fatalf("there is no %s on the page, which says:\n%s", selector, b.text())
	}
}

// text is what the page, or its first element of the selector, says.
func (b *browser) text(selector ...string) string {
	of := "body"
	if len(selector) > 0 {
		of = selector[0]
	}
	return strings.TrimSpace(ask[string](b, "reading "+of, fmt.Sprintf(`(document.querySelector(%q)||document.body).innerText`, of)))
}

// reloadUntil opens the page again and again until it has the selector.
func (b *browser) reloadUntil(url, selector string) {
	b.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		b.open(url)
		if b.has(selector) {
			return
		}
	}
	b.t.Fatalf("%s did not appear on %s, which says:\n%s", selector, url, b.text())
}

// shot keeps a picture where RIGHTSDESK_TEST_SHOTS names a folder.
func (b *browser) shot(name string) {
	folder := os.Getenv("RIGHTSDESK_TEST_SHOTS")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
