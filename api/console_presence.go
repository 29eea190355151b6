package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// presence says that the agent is still at the ticket: the page's script posts it
// while somebody types or scrolls, and the lease of a claim goes by it.
func (k *console) presence(c *gin.Context) {
	number, ok := k.number(c)
	if !ok {
		return
	}
	if err := k.Store.Touch(c.Request.Context(), number, memberOf(c).ID, k.Now()); err != nil {
		k.failed(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}
