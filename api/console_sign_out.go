package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

func (k *console) signOut(c *gin.Context) {
	if err := k.sessions.Destroy(c.Request.Context()); err != nil {
		k.failed(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/desk/sign-in")
}

// seconds is a wait as the header Retry-After has it.
func seconds(d time.Duration) string {
	return strconv.Itoa(max(1, int((d+time.Second-1)/time.Second)))
}
