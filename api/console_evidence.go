package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// evidence gives the signed file that proves how a ticket was handled. That it was
// taken goes on record.
func (k *console) evidence(c *gin.Context) {
	number, ok := k.number(c)
	if !ok {
		return
	}
	by := desk.Staff{ID: memberOf(c).ID, Role: memberOf(c).Role}
	text, err := k.Desk.ExportEvidence(c.Request.Context(), by, number)
	if isNotFound(err) {
		k.fault(c, http.StatusNotFound)
		return
	}
	if err != nil {
		k.failed(c, err)
		return
	}
	download(c, evidenceFile(number), text)
}

// evidenceFile names the file for whoever downloads it.
func evidenceFile(number ticket.Number) store.Attachment {
	return store.Attachment{Name: "evidence-" + string(number) + ".json", Type: "application/json"}
}
