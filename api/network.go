package api

import (
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"
)

// network is what of the sender's address limits are counted by: an IPv4
// address, or the /64 of an IPv6 one, which is what one household has.
func network(c *gin.Context) string {
	a, err := netip.ParseAddr(c.ClientIP())
	if err != nil {
		return "unknown"
	}
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// allowed counts an act against the sender's hourly limit. When it is reached,
// or can't be counted, the answer has been given and allowed is false. A
// database that is away refuses nobody here: what comes next will say so.
func (s *server) allowed(c *gin.Context, act string, max int) bool {
	ok, retryAt, err := s.Store.Allow(c.Request.Context(), "web/"+act+"/"+network(c), max, time.Hour, s.Now())
	if err != nil || ok {
		return true
	}
	if _, read := c.Get(typedKey); !read {
		_, _ = readForm(c) // so that what was typed comes back
	}
	s.tooMany(c, retryAt)
	return false
}
