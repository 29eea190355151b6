package attacks

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/accounts"
	"rightsdesk/seal"
)

// upload sends a file for the request that will have this key.
func (a *attack) upload(c *http.Client, key, name, media string, content []byte) answer {
	a.Helper()
	req, err := http.NewRequest("POST", a.Form+"api/v1/uploads", bytes.NewReader(content))
	require.NoError(a, err)
	req.Header.Set("Content-Type", media)
	req.Header.Set("Upload-For", key)
	req.Header.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(name))
	return a.do(c, req)
}

func smallPNG() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// claiming is a PNG whose head claims another size.
func claiming(width, height uint32) []byte {
	b := smallPNG()
	binary.BigEndian.PutUint32(b[16:], width)
	binary.BigEndian.PutUint32(b[20:], height)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

func TestFilesThatAreNotWhatTheySayAreRefused(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	for name, content := range map[string][]byte{
		"picture.svg":  []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`),
		"picture.png":  []byte("<!doctype html><script>alert(1)</script>"),
		"archive.png":  []byte("PK\x03\x04" + strings.Repeat("\x00", 60)),
		"before.png":   append([]byte("<html><script>alert(1)</script>"), smallPNG()...),
		"program.pdf":  []byte("MZ\x90\x00" + strings.Repeat(" ", 100) + "%PDF-1.7\n"),
		"bomb.png":     claiming(60000, 60000),
		"strip.png":    claiming(1<<31-1, 1),
		"cut.png":      smallPNG()[:40],
		"oversize.pdf": append([]byte("%PDF-1.7\n"), make([]byte, 10<<20)...),
	} {
		ans := a.upload(c, seal.NewToken(), name, "image/png", content)
		assert.Contains(t, []int{http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge}, ans.status, "%s: %s", name, ans.body)
	}
}

// What is taken is a picture and nothing else, under a name that is no path, and
// comes back as a download.
func TestAFileComesBackHarmless(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	key := seal.NewToken()
	polyglot := append(smallPNG(), []byte("PK\x03\x04<script>alert('ZX31')</script>")...)
	ans := a.upload(c, key, "../../etc/cron.d/x\r\nSet-Cookie: y=1.html", "image/png", polyglot)
	require.Equal(t, http.StatusCreated, ans.status, ans.body)
	var f filed
	a.into(a.api(c, "POST", "/tickets", "", complaint("own31@filers.example", "Please tell me what you keep about me."), "Idempotency-Key", key), http.StatusCreated, &f)
	link := a.proved(c, f, "own31@filers.example")
	files, err := a.records.Attachments(t.Context(), f.Number)
	require.NoError(t, err)
	require.Len(t, files, 1)
	assert.NotRegexp(t, `[/\\\r\n]|\.html$`, files[0].Name)
	got := a.api(c, "GET", "/ticket/files/"+itoa(files[0].ID), link, nil)
	require.Equal(t, http.StatusOK, got.status)
	assert.NotContains(t, got.body, "ZX31")
	assert.True(t, strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment"), got.header)
	assert.Contains(t, got.header.Get("Content-Security-Policy"), "sandbox")
	assert.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
	assert.Empty(t, got.header.Get("Set-Cookie"))
}

// No address that a stranger writes is ever called, and none that an answer of
// the account system points to.
func TestTheDeskCallsNoAddressItIsGiven(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	var called atomic.Int32
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		called.Add(1)
		w.Write([]byte(`{}`))
	}))
	defer inside.Close()
	request := complaint("own32@filers.example", "See "+inside.URL+"/text for what happened.")
	request["subject"], request["person"].(person)["name"] = inside.URL+"/subject", inside.URL+"/name"
	f := a.file(c, request)
	a.proved(c, f, "own32@filers.example")
	a.file(c, cancellation("own32@filers.example", inside.URL+"/account"))
	for _, field := range []string{"webhook", "callback", "url", "callback_url"} {
		request := complaint("own32@filers.example", "Please tell me what you keep about me.")
		request[field] = inside.URL
		assert.Equal(t, http.StatusUnprocessableEntity, a.api(c, "POST", "/tickets", "", request).status, field)
	}

	redirecting := httptest.NewServer(http.RedirectHandler(inside.URL, http.StatusTemporaryRedirect))
	defer redirecting.Close()
	system, err := accounts.NewWebhook(accounts.WebhookConfig{BaseURL: redirecting.URL, Secret: []byte(seal.NewToken())})
	require.NoError(t, err)
	_, err = system.Lookup(t.Context(), accounts.LookupRequest{Identifier: "x"})
	assert.Error(t, err)
	for _, address := range []string{"file:///etc/passwd", "gopher://127.0.0.1/", "http://mallory.example/", "http://user:word@127.0.0.1/", "//127.0.0.1"} {
		_, err := accounts.NewWebhook(accounts.WebhookConfig{BaseURL: address, Secret: []byte(seal.NewToken())})
		assert.Error(t, err, address)
	}
	time.Sleep(2 * time.Second) // for what would still come
	assert.Zero(t, called.Load())
}

func TestTheAccountSystemHearsNobodyButTheDesk(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	a.account("heard33")
	secret := a.People.Secret()
	body, err := json.Marshal(map[string]any{"version": 1, "operation": "lookup", "identifier": "heard33"})
	require.NoError(t, err)
	ask := func(timestamp, signature string, body []byte) answer {
		req, err := http.NewRequest("POST", a.People.URL()+"/lookup", bytes.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set(accounts.HeaderTimestamp, timestamp)
		req.Header.Set(accounts.HeaderSignature, signature)
		return a.do(c, req)
	}
	now, right := accounts.Sign(secret, time.Now(), body)
	old, stale := accounts.Sign(secret, time.Now().Add(-10*time.Minute), body)
	_, others := accounts.Sign([]byte(strings.Repeat("x", 64)), time.Now(), body)
	for what, ans := range map[string]answer{
		"none": ask("", "", body), "stale": ask(old, stale, body), "of another secret": ask(now, others, body),
		"moved to now": ask(now, stale, body), "another body": ask(now, right, append(body, ' ')), "another scheme": ask(now, "v0="+strings.TrimPrefix(right, "v1="), body),
	} {
		assert.Equal(t, http.StatusUnauthorized, ans.status, "%s: %s", what, ans.body)
		assert.NotContains(t, ans.body, "heard33")
	}
	assert.NotEqual(t, http.StatusUnauthorized, ask(now, right, body).status, "the desk's own is heard")
}
