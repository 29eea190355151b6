package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

// What a stranger says of where they come from is believed of nobody who was not
// named as a proxy.
func TestASpoofedAddressChangesNeitherLimitsNorScheme(t *testing.T) {
	for name, proxies := range map[string][]string{"none": nil, "another machine": {"192.0.2.7"}, "this one": {"127.0.0.1"}} {
		t.Run(name, func(t *testing.T) {
			w := newWeb(t, func(c *Config) { c.TrustedProxies = proxies })
			b := w.browser(en)
			form := b.start(ticket.Complaint).Encode()
			_, _, err := w.store.Spend(t.Context(), "web/form/127.0.0.1", mostPosts, 1, time.Hour, w.now)
			require.NoError(t, err)
			for _, header := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded"} {
				req, err := http.NewRequest("POST", w.url+"/request/complaint", strings.NewReader(form))
				require.NoError(t, err)
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				req.Header.Set("Sec-Fetch-Site", "same-origin")
				value := "203.0.113.9"
				if header == "Forwarded" {
					value = "for=203.0.113.9;proto=https"
				}
				req.Header.Set(header, value)
				req.Header.Set("X-Forwarded-Proto", "https")
				req.Header.Set("X-Forwarded-Host", "evil.example")
				resp, err := b.client.Do(req)
				require.NoError(t, err)
				_ = resp.Body.Close()
				want := http.StatusTooManyRequests
				if proxies != nil && proxies[0] == "127.0.0.1" && header != "Forwarded" {
					want = http.StatusOK
				}
				assert.Equal(t, want, resp.StatusCode, header)
				assert.Empty(t, resp.Header.Get("Strict-Transport-Security"), header)
			}
			req, err := http.NewRequest("GET", w.url+"/?lang=en", nil)
			require.NoError(t, err)
			req.Header.Set("X-Forwarded-Proto", "https")
			req.Header.Set("X-Forwarded-Host", "evil.example")
			p, err := b.client.Do(req)
			require.NoError(t, err)
			_ = p.Body.Close()
			assert.NotContains(t, p.Header.Get("Set-Cookie"), "Secure")
		})
	}
}
