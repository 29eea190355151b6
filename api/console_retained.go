package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// retainedView asks for the reason, and then shows what the law has kept of a
// cancelled account (clause 5.4.1).
type retainedView struct {
	templates.Frame
	Number   ticket.Number
	Stage    ticket.Stage
	Until    time.Time
	Reason   string
	Shown    bool
	Person   store.Person
	Subject  string
	Text     string
	Fields   []store.RetainedField
	Messages []messageView
}

func (k *console) retainedForm(c *gin.Context) {
	number, ok := k.number(c)
	if !ok {
		return
	}
	v, err := k.retainedView(c, number)
	if err != nil {
		k.failed(c, err)
		return
	}
	k.page(c, http.StatusOK, "console/retained", v)
}

func (k *console) retainedView(c *gin.Context, number ticket.Number) (retainedView, error) {
	ctx := c.Request.Context()
	t, err := k.Store.Ticket(ctx, number)
	if err != nil {
		return retainedView{}, err
	}
	zone, err := k.zone(ctx, t.Policy)
	if err != nil {
		return retainedView{}, err
	}
	v := retainedView{Frame: k.staffFrame(c, "console.retained.title", "number", string(number)), Number: number,
		Stage: t.Stage, Until: in(t.KeptUntil, zone)}
	return v, nil
}

// openRetained opens what is locked away. The reason goes on record before
// anything is shown.
func (k *console) openRetained(c *gin.Context) {
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
	v, err := k.retainedView(c, number)
	if err != nil {
		k.failed(c, err)
		return
	}
	v.Reason = form.Get("reason")
	by := desk.Staff{ID: memberOf(c).ID, Role: memberOf(c).Role}
	kept, err := k.Desk.OpenRetained(ctx, by, number, v.Reason)
	var refusal *ticket.Error
	if errors.As(err, &refusal) {
		problem := k.refusalHere(c, refusal)
		v.Problems = []templates.Problem{problem}
		k.page(c, http.StatusUnprocessableEntity, "console/retained", v)
		return
	}
	if err != nil {
		k.failed(c, err)
		return
	}
	zone := v.Until.Location()
	v.Shown, v.Fields, v.Person = true, kept.Fields, kept.Content.Person
	v.Subject, v.Text = kept.Content.Subject, kept.Content.Text
	for i := range v.Fields {
		v.Fields[i].Field = k.sentence(c, "field."+v.Fields[i].Field, v.Fields[i].Field)
		v.Fields[i].Until = in(v.Fields[i].Until, zone)
	}
	for _, m := range kept.Messages {
		v.Messages = append(v.Messages, messageView{Message: m, At: m.At.In(zone), Mine: !m.Kind.FromSubject()})
	}
	k.page(c, http.StatusOK, "console/retained", v)
}
