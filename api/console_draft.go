package api

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
)

// draftOf is under which kind an act's words are kept while they are written:
// the kind of the message they become, so that sending them drops the draft.
func draftOf(name actName) (kind, input string, ok bool) {
	switch name {
	case actDecide:
		return string(store.MessageAnswer), "text", true
	case actAsk:
		return string(store.MessageQuestion), "text", true
	case actExtend:
		return string(store.MessageExtension), "text", true
	case actNote:
		return desk.DraftNote, "text", true
	case actEscalate, actBounced, actApprove:
		return string(store.MessageReason), "reason", true
	}
	return "", "", false
}

// lastSaid is the last id among the words of a kind.
func (p *personal) lastSaid(kind string) (id int64) {
	if kind == desk.DraftNote {
		for _, n := range p.Notes {
			id = max(id, n.ID)
		}
		return id
	}
	for _, m := range p.Messages {
		id = max(id, m.ID)
	}
	return id
}

// saveDraft keeps what is being typed. The script of the page posts it every few
// seconds; without it there is a button, which comes back to the page.
func (k *console) saveDraft(c *gin.Context) {
	ctx := c.Request.Context()
	form, err := readForm(c)
	if err != nil {
		k.failed(c, err)
		return
	}
	number, ok := k.number(c)
	if !ok {
		return
	}
	name := actName(form.Get("act"))
	kind, input, ok := draftOf(name)
	if !ok || !slices.Contains(actNames(), name) {
		k.fault(c, http.StatusBadRequest)
		return
	}
	me := memberOf(c).ID
	// The script says what its page showed as sent; who presses the button means
	// what stands there now.
	if said, typed := strconv.ParseInt(form.Get("said"), 10, 64); typed == nil {
		err = k.Store.SaveTypedDraft(ctx, number, me, kind, form.Get(input), said)
	} else {
		err = k.Store.SaveDraft(ctx, number, me, kind, form.Get(input))
	}
	if errors.Is(err, store.ErrDraftSent) {
		c.Status(http.StatusConflict)
		return
	}
	if err != nil {
		k.failed(c, err)
		return
	}
	if err := k.Store.Touch(ctx, number, me, k.Now()); err != nil {
		k.failed(c, err)
		return
	}
	if strings.Contains(c.GetHeader("Accept"), "text/html") {
		k.done(c, "console.done.draft", "/desk/tickets/"+string(number)+"#act-"+string(name))
		return
	}
	c.Status(http.StatusNoContent)
}
