package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// posted is an act as its form brought it.
type posted struct {
	c      *gin.Context
	ctx    context.Context
	number ticket.Number
	by     desk.Staff // acts under the claim that the page showed
	form   *sentForm
}

func (p *posted) get(name string) string { return p.form.Get(name) }

// errShown says that the answer has been given already.
var errShown = errors.New("answered")

// act posts an act of staff to the ticket's workflow and shows the ticket again.
// What is refused, or can't be decided now, is said on top of the page in words,
// and the form stands there as it was filled in.
func (k *console) act(name actName, do func(*posted) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		form, err := readForm(c)
		if err != nil {
			k.failed(c, err)
			return
		}
		number, ok := k.number(c)
		if !ok {
			return
		}
		member := memberOf(c)
		lease, _ := strconv.Atoi(form.Get("lease"))
		p := &posted{c: c, ctx: c.Request.Context(), number: number, form: form,
			by: desk.Staff{ID: member.ID, Role: member.Role, Lease: lease}}
		err = do(p)
		if err == nil {
			k.done(c, "console.done."+string(name), k.whereAfter(c, number))
			return
		}
		if !errors.Is(err, errShown) {
			k.actRefused(c, name, p, err)
		}
	}
}

// actRefused shows the ticket with what is wrong and what was typed.
func (k *console) actRefused(c *gin.Context, name actName, p *posted, err error) {
	var refusal *ticket.Error
	status := http.StatusConflict
	var problem templates.Problem
	switch {
	case errors.As(err, &refusal):
		problem = k.refusalHere(c, refusal)
		if refusal.Field != "" {
			status = http.StatusUnprocessableEntity
			problem.Field = inputID(name, refusal.Field)
			if field, ok := strings.CutPrefix(refusal.Field, "field_"); ok {
				problem.Field = inputID(name, "field."+field+".accept")
			}
		}
	case desk.IsUnavailable(err) && !store.IsUnavailable(err):
		status = http.StatusServiceUnavailable
		c.Header("Retry-After", "30")
		problem.Text = k.say(c, "console.away")
	default:
		k.failed(c, err)
		return
	}
	k.showTicket(c, p.number, status, refill{act: name, form: p.form, problems: []templates.Problem{problem}})
}

// refusalHere is a refusal in words of the console: times are the desk's, and
// roles, stages and fields are named as elsewhere.
func (k *console) refusalHere(c *gin.Context, e *ticket.Error) templates.Problem {
	here := &ticket.Error{Code: e.Code, Field: e.Field, Facts: map[string]string{}}
	zone := k.deskZone(c.Request.Context())
	for name, fact := range e.Facts {
		if at, err := time.Parse(time.RFC3339, fact); err == nil {
			fact = at.In(zone).Format(time.RFC3339)
		}
		switch name {
		case "stage":
			fact = k.stageWords(c, ticket.Stage(fact))
		case "role", "field":
			fact = k.sentence(c, name+"."+fact, fact)
		}
		here.Facts[name] = fact
	}
	return k.refusal(c, here)
}

// inputID is the id of an input of an act's form: several forms stand on one page.
func inputID(name actName, field string) string {
	return string(name) + "-" + strings.NewReplacer("_", "-", ".", "-").Replace(field)
}

// number is the ticket of the address; anything else is not found.
func (k *console) number(c *gin.Context) (ticket.Number, bool) {
	n, ok := ticket.ParseNumber(c.Param("number"))
	if !ok || string(n) != c.Param("number") {
		k.fault(c, http.StatusNotFound)
		return "", false
	}
	return n, true
}
