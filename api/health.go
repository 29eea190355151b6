package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// healthz says that the process answers.
func (s *server) healthz(c *gin.Context) { c.String(http.StatusOK, "ok\n") }

// readyz says whether the desk can take tickets: its database answers and has
// the tables this program needs. Temporal being away does not stop that.
func (s *server) readyz(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), 3*time.Second)
	defer cancel()
	err := s.Store.Ping(ctx)
	if err == nil {
		err = s.Store.CheckSchema(ctx)
	}
	if err != nil {
		s.Log.Warn("not ready", "why", err)
		c.String(http.StatusServiceUnavailable, "not ready: %v\n", err)
		return
	}
	c.String(http.StatusOK, "ready\n")
}
