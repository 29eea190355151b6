package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// fileReader reads a file of a ticket: one that came with it, or a document.
type fileReader func(ctx context.Context, number ticket.Number, id int64) (store.Attachment, []byte, error)

// shownFile reads a file for a member of staff and puts that on record. One that
// is gone is not found.
func (k *console) shownFile(ctx context.Context, number ticket.Number, id int64, to ticket.AgentID, read fileReader) (store.Attachment, []byte, error) {
	file, content, err := read(ctx, number, id)
	if isGone(err) {
		err = store.ErrNotFound
	}
	if err == nil {
		err = k.recordShown(ctx, number, to)
	}
	return file, content, err
}

func (k *console) attachment(c *gin.Context) { k.staffFile(c, k.Store.AttachmentContent) }

func (k *console) proofFile(c *gin.Context) { k.staffFile(c, k.Store.ProofContent) }

// staffFile gives a file of the ticket to keep, never to look at in the page:
// nothing a stranger sent is run or rendered by the desk.
func (k *console) staffFile(c *gin.Context, read fileReader) {
	number, ok := k.number(c)
	if !ok {
		return
	}
	id, err := strconv.ParseInt(c.Param("file"), 10, 64)
	if err != nil {
		k.fault(c, http.StatusNotFound)
		return
	}
	file, content, err := k.shownFile(c.Request.Context(), number, id, memberOf(c).ID, read)
	if err != nil {
		k.failed(c, err)
		return
	}
	download(c, file, content)
}
