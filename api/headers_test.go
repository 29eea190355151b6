package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

func TestEveryResponseCarriesTheHeaders(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	for _, path := range []string{"/", "/privacy", "/request/complaint", "/request/nothing", "/track", "/track/x", "/ticket",
		"/ticket/files/1", "/nowhere", "/healthz", "/readyz", "/desk", "/api/v1/nowhere", "/static/desk.css", "/static/none"} {
		h := b.get(path).Header
		csp := h.Get("Content-Security-Policy")
		for _, rule := range []string{"default-src 'none'", "style-src 'self'", "script-src 'self'", "form-action 'self'",
			"frame-ancestors 'none'", "base-uri 'none'"} {
			assert.Contains(t, csp, rule, path)
		}
		assert.NotContains(t, csp, "unsafe", path)
		assert.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
		assert.Equal(t, "no-referrer", h.Get("Referrer-Policy"), path)
		assert.Equal(t, "same-origin", h.Get("Cross-Origin-Opener-Policy"), path)
		assert.NotEmpty(t, h.Get("Permissions-Policy"), path)
		if !strings.HasPrefix(path, "/static/desk") {
			assert.Equal(t, "no-store", h.Get("Cache-Control"), path)
		}
	}
}

func TestForeignPagesChangeNothing(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	for _, header := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
		{"Origin": "https://evil.example"}, {"Origin": "null"}} {
		req, err := http.NewRequest("POST", w.url+"/track", strings.NewReader(url.Values{"number": {"x"}, "email": {"a@b.cn"}}.Encode()))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for k, v := range header {
			req.Header.Set(k, v)
		}
		resp, err := b.client.Do(req)
		require.NoError(t, err)
		_ = resp.Body.Close()
		assert.Equal(t, http.StatusForbidden, resp.StatusCode, header)
	}
}

func TestCookiesAreOurs(t *testing.T) {
	for _, secure := range []bool{false, true} {
		w := newWeb(t, func(c *Config) { c.Secure = secure })
		p := w.browser(zh).get("/?lang=en")
		cookie := p.Header.Get("Set-Cookie")
		assert.Contains(t, cookie, "HttpOnly")
		assert.Contains(t, cookie, "SameSite=Lax")
		assert.Contains(t, cookie, "Path=/")
		assert.Equal(t, secure, strings.HasPrefix(cookie, "__Host-lang=en"))
		assert.Equal(t, secure, strings.Contains(cookie, "Secure"))
		assert.Equal(t, secure, p.Header.Get("Strict-Transport-Security") != "")
	}
}

func TestFaultsHaveAPageInBothLanguages(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	assert.Contains(t, b.get("/nowhere").Body, "找不到页面")
	assert.Contains(t, w.browser(en).get("/nowhere").Body, "Page not found")
	assert.Equal(t, http.StatusMethodNotAllowed, b.do("DELETE", "/track", "", nil).Status)
	assert.Equal(t, http.StatusBadRequest, b.do("POST", "/track", "text/plain", strings.NewReader("x")).Status)
	assert.Equal(t, http.StatusRequestEntityTooLarge, b.post("/track", url.Values{"number": {strings.Repeat("x", 2<<20)}}).Status)
	p := b.get("/api/v1/nowhere")
	assert.Equal(t, "application/problem+json", p.Header.Get("Content-Type"))
	assert.Equal(t, http.StatusOK, b.do("HEAD", "/", "", nil).Status)
}

func TestTooManyPostsComeBackWithWhatWasTyped(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	v := b.start(ticket.Complaint)
	for range mostPosts {
		_, _, err := w.store.Allow(t.Context(), "web/form/127.0.0.1", mostPosts, 3600e9, w.now)
		require.NoError(t, err)
	}
	p := b.upload("/request/complaint", v)
	assert.Equal(t, http.StatusTooManyRequests, p.Status)
	assert.NotEmpty(t, p.Header.Get("Retry-After"))
	assert.Contains(t, p.Body, "2026年1月5日 11:00")
	assert.Equal(t, v.Get("text"), p.form("again").Get("text"))
}

func TestLanguageFollowsTheBrowser(t *testing.T) {
	w := newWeb(t)
	for accept, want := range map[string]string{"": "zh-CN", "zh-TW,zh": "zh-CN", "en-US": "en", "fr;q=0.9,en;q=0.5": "en",
		"fr": "en", ";;;": "zh-CN", strings.Repeat("en,", 1000): "zh-CN"} {
		assert.Contains(t, w.browser(accept).get("/").Body, `<html lang="`+want+`">`, accept)
	}
}

func TestStaticFilesAreCachedByTheirDigest(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	page := b.get("/").Body
	i := strings.Index(page, "/static/desk.css?v=")
	p := b.get(page[i : i+strings.IndexByte(page[i:], '"')])
	assert.Contains(t, p.Header.Get("Cache-Control"), "immutable")
	assert.Contains(t, p.Header.Get("Content-Type"), "text/css")
	assert.Equal(t, "no-cache", b.get("/static/desk.css").Header.Get("Cache-Control"))
	for _, bad := range []string{"/static/", "/static/..%2fwords.go", "/static/../words.go"} {
		assert.Equal(t, http.StatusNotFound, b.get(bad).Status, bad)
	}
	req, err := http.NewRequest("GET", w.url+"/static/desk.css", nil)
	require.NoError(t, err)
	req.Header.Set("If-None-Match", p.Header.Get("ETag"))
	resp, err := b.client.Do(req)
	require.NoError(t, err)
	_ = resp.Body.Close()
	assert.Equal(t, http.StatusNotModified, resp.StatusCode)
}

// A path of the sender's choice never becomes a link.
func TestFaultPagesLinkNowhereElse(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	for _, path := range []string{"//evil.example/x", "/nowhere", "/track/secret"} {
		assert.NotContains(t, b.get(path).Body, path+"?lang")
	}
}
