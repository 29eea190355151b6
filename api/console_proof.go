package api

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// proofFile gives a file of a document to whoever is to look at it, as a download
// and on record. Once it has been decided on there is none any more.
func (k *console) proofFile(c *gin.Context) {
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
	file, content, err := k.Store.ProofContent(ctx, number, id)
	if isGone(err) || isNotFound(err) {
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
	download(c, store.Attachment{ID: file.ID, Number: number, Name: file.Name, Type: file.Type, Size: file.Size}, content)
}

// reviewProof is what a member of staff thinks of a document. Nothing is chosen
// beforehand.
func (k *console) reviewProof(p *posted) error {
	id, err := strconv.ParseInt(p.get("proof"), 10, 64)
	if err != nil {
		return ticket.Refuse("no_such_proof")
	}
	passed := p.get("passed") == "yes"
	if !passed && p.get("passed") != "no" {
		return ticket.RefuseField("passed", desk.CodeRequired)
	}
	_, err = k.Desk.ReviewProof(p.ctx, p.by, p.number, id, passed)
	return err
}
