package api

import (
	"errors"
	"mime"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
)

// ticketFile gives the person a file of their ticket, as a download.
func (s *server) ticketFile(c *gin.Context) {
	t, ok := s.provedSession(c)
	if !ok {
		return
	}
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		s.fault(c, http.StatusNotFound)
		return
	}
	ctx := c.Request.Context()
	file, content, err := s.Store.AttachmentContent(ctx, t.Number, id)
	allowed := false
	if err == nil {
		allowed, err = s.visible(ctx, t.Number, file.Message)
	}
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrLocked), errors.Is(err, store.ErrPurged):
		s.fault(c, http.StatusNotFound)
	case err != nil:
		s.failed(c, err)
	case !allowed:
		s.fault(c, http.StatusNotFound)
	default:
		download(c, file, content)
	}
}

// download sends a file that a browser saves and never shows: whatever is in it,
// it runs nowhere.
func download(c *gin.Context, file store.Attachment, content []byte) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("Content-Disposition", disposition(file))
	c.Data(http.StatusOK, file.Type, content)
}

// disposition has a file saved, under a name that tells its type. Names stored by
// earlier releases may say otherwise.
func disposition(file store.Attachment) string {
	name := desk.FileName(file.Name, file.Type)
	if d := mime.FormatMediaType("attachment", map[string]string{"filename": name}); d != "" {
		return d
	}
	return "attachment"
}
