package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// inQueue lets pass who may know of the ticket that the address names. One that
// is not there and one outside their queues are answered alike, here, before
// anything else is read of it.
func (k *console) inQueue(c *gin.Context) {
	number, ok := k.number(c)
	if !ok {
		return
	}
	t, err := k.Store.Ticket(c.Request.Context(), number)
	if err == nil && !memberOf(c).Sees(t) {
		err = store.ErrNotFound
	}
	if err != nil {
		k.failed(c, err)
		return
	}
	c.Next()
}

// whereAfter is the ticket's page, or the queue for who sees the ticket no more:
// an act may have moved it out of their queues.
func (k *console) whereAfter(c *gin.Context, number ticket.Number) string {
	if t, err := k.Store.Ticket(c.Request.Context(), number); err == nil && !memberOf(c).Sees(t) {
		return home(memberOf(c).Role)
	}
	return "/desk/tickets/" + string(number)
}

// queueChoice is a queue as the team's page offers it.
type queueChoice struct {
	Queue    ticket.Queue
	Kind     ticket.Kind
	Category ticket.Category
	Chosen   bool
}

func queueChoices(chosen ticket.Queues) []queueChoice {
	var out []queueChoice
	for _, q := range ticket.AllQueues() {
		kind, category := q.Parts()
		choice := queueChoice{Queue: q, Kind: kind, Category: category}
		for _, other := range chosen {
			choice.Chosen = choice.Chosen || other == q
		}
		out = append(out, choice)
	}
	return out
}

// changeQueues limits a member to queues; none chosen lifts the limit.
func (k *console) changeQueues(c *gin.Context) {
	member, form, ok := k.teamMember(c)
	if !ok {
		return
	}
	queues, known := ticket.ParseQueues(form.Values["queue"])
	if !known {
		k.fault(c, http.StatusBadRequest)
		return
	}
	member.Queues = queues
	k.saveMember(c, member, store.StaffEvent{Act: store.StaffQueuesChanged, Code: queues.String()})
}
