package api

import (
	"net"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

const (
	pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
	// The console saves drafts as they are typed, to this host alone.
	consolePolicy = pagePolicy + "; connect-src 'self'"
	filePolicy    = "sandbox; default-src 'none'; frame-ancestors 'none'"
)

// secured sets the headers every response carries.
func (s *server) secured(c *gin.Context) {
	h := c.Writer.Header()
	policy := pagePolicy
	if path := c.Request.URL.Path; path == "/desk" || strings.HasPrefix(path, "/desk/") {
		policy = consolePolicy
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", s.referrerPolicy(c.Request))
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if s.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	c.Next()
}

// referrerPolicy is no-referrer, except over plain http to another machine (a
// trial in an office network): there browsers send no Sec-Fetch-Site, and under
// no-referrer not even the Origin by which a post of our own page is told from
// a foreign one.
func (s *server) referrerPolicy(r *http.Request) string {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if ip := net.ParseIP(strings.Trim(host, "[]")); s.Secure || host == "localhost" || ip != nil && ip.IsLoopback() {
		return "no-referrer"
	}
	return "same-origin"
}

// sameOrigin refuses changes that a page of another site asks a browser for. A
// program with a bearer token is no browser.
func (s *server) sameOrigin(c *gin.Context) {
	if strings.HasPrefix(c.Request.URL.Path, "/api/") && strings.HasPrefix(c.GetHeader("Authorization"), "Bearer ") {
		c.Next()
		return
	}
	if s.origins.Check(c.Request) != nil {
		s.fault(c, http.StatusForbidden)
		return
	}
	c.Next()
}

// setCookie sets a cookie for this host alone, which no script can read. It
// lasts until the browser closes, or for maxAge seconds.
func (s *server) setCookie(c *gin.Context, name, value string, maxAge int) {
	http.SetCookie(c.Writer, &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}

// cookie is the value of a cookie of ours, or nothing.
func (s *server) cookie(c *gin.Context, name string) string {
	k, err := c.Request.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return k.Value
}

func (s *server) cookieName(name string) string {
	if s.Secure {
		return "__Host-" + name
	}
	return name
}
