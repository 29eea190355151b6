package api

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
)

// attachment gives a file of the ticket to keep, never to look at in the page:
// nothing a stranger sent is run or rendered by the desk.
func (k *console) attachment(c *gin.Context) {
	ctx := c.Request.Context()
	number, ok := k.number(c)
	if !ok {
		return
	}
	id, err := strconv.ParseInt(c.Param("file"), 10, 64)
	if err != nil {
		k.fault(c, http.StatusNotFound)
		return
	}
	file, content, err := k.Store.AttachmentContent(ctx, number, id)
	if isGone(err) {
		k.fault(c, http.StatusNotFound)
		return
	}
	if err == nil {
		err = k.recordShown(ctx, number, memberOf(c).ID)
	}
	if err != nil {
		k.failed(c, err)
		return
	}
	download(c, file, content)
}
