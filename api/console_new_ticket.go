package api

import (
	"cmp"
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

// newTicketView is the form by which staff file a ticket for somebody who phoned
// or wrote (clause 5.2). Its inputs are those of the public form, and how and
// when the request came.
type newTicketView struct {
	requestView
	Chosen     bool // a kind was chosen
	AllKinds   []ticket.Kind
	Channels   []option
	Languages  []option
	ReceivedAt string // as a datetime-local input has it
	Zone       string
	MayFileOld bool
}

// minuteLayout is how browsers write a local time to the minute.
const minuteLayout = "2006-01-02T15:04"

func (k *console) newTicketForm(c *gin.Context) {
	kind, ok := ticket.ParseOne(c.Query("kind"), ticket.Kinds())
	if !ok {
		v := newTicketView{AllKinds: ticket.Kinds()}
		v.Frame = k.staffFrame(c, "console.new.title")
		k.page(c, http.StatusOK, "console/new_ticket", v)
		return
	}
	k.showNewTicket(c, http.StatusOK, newDraft(kind, nil), &sentForm{}, nil, nil)
}

// newTicket files the ticket, or adds a row or a file first. Whatever is wrong,
// the form comes back with everything that was in it.
func (k *console) newTicket(c *gin.Context) {
	form, err := beginForm(c)
	if err != nil {
		k.failed(c, err)
		return
	}
	kind, ok := ticket.ParseOne(form.Get(desk.InputKind), ticket.Kinds())
	if !ok {
		k.fault(c, http.StatusBadRequest)
		return
	}
	d := newDraft(kind, form.Values)
	k.switchLanguage(c, form)
	if form.Get(inputDo)+form.Get(inputLang) == "" && k.filedBefore(c, d) {
		return
	}
	uploads, problems, err := k.keep(c, d, form)
	if err != nil {
		k.failed(c, err)
		return
	}
	do, which, _ := strings.Cut(form.Get(inputDo), ":")
	switch {
	case form.Get(inputLang) != "" || do == "upload" || do == "remove":
	case do == "add_row":
		d.addRow("", "", "")
	case do == "remove_row":
		n, _ := strconv.Atoi(which)
		d.dropRow(n)
	default:
		k.fileTicket(c, d, form, uploads, problems)
		return
	}
	k.showNewTicket(c, statusOf(problems), d, form, uploads, problems)
}

// filedBefore leads to the ticket of a form that is sent a second time.
func (k *console) filedBefore(c *gin.Context, d *draft) bool {
	kept, err := k.Store.Form(c.Request.Context(), d.Token)
	if err != nil || kept.Number == "" {
		return false // a fault of the database shows at the next step
	}
	k.done(c, "console.done.filed", k.whereAfter(c, kept.Number), "number", string(kept.Number))
	return true
}

func (k *console) fileTicket(c *gin.Context, d *draft, form *sentForm, uploads []store.Upload, problems []templates.Problem) {
	ctx, member := c.Request.Context(), memberOf(c)
	r := d.request(ticket.Locale(form.Get("person_locale")))
	r.Channel = ticket.Channel(form.Get(desk.InputChannel))
	r.FiledBy = &desk.Staff{ID: member.ID, Role: member.Role}
	if at, err := time.ParseInLocation(minuteLayout, form.Get(desk.InputReceivedAt), k.deskZone(ctx)); err == nil {
		r.ReceivedAt = at
	}
	if len(problems) > 0 {
		problems = append(problems, k.problemsOf(c, d, "console.label.", "console.need.", k.Desk.Check(ctx, &r))...)
		k.showNewTicket(c, http.StatusUnprocessableEntity, d, form, uploads, problems)
		return
	}
	receipt, wrong, err := k.Desk.File(ctx, r)
	if err != nil {
		k.failed(c, err)
		return
	}
	if len(wrong) > 0 {
		k.showNewTicket(c, http.StatusUnprocessableEntity, d, form, uploads, k.problemsOf(c, d, "console.label.", "console.need.", wrong))
		return
	}
	k.done(c, "console.done.filed", k.whereAfter(c, receipt.Number), "number", string(receipt.Number))
}

func (k *console) showNewTicket(c *gin.Context, status int, d *draft, form *sentForm, uploads []store.Upload, problems []templates.Problem) {
	zone := k.deskZone(c.Request.Context())
	v := newTicketView{requestView: k.requestView(c, d, uploads, problems), Chosen: true,
		Channels:  options(desk.InputChannel, ticket.StaffChannels(), form.Get(desk.InputChannel)),
		Languages: options("person_locale", ticket.Locales(), cmp.Or(form.Get("person_locale"), string(ticket.Chinese))),
		Zone:      zone.String(), MayFileOld: memberOf(c).Role.May(ticket.MayFileOld)}
	v.Frame = k.staffFrame(c, "console.new.title")
	v.Path, v.SwitchForm, v.Problems = "/desk/tickets/new", "request", inOrder(staffOrder, problems)
	if v.ReceivedAt = form.Get(desk.InputReceivedAt); v.ReceivedAt == "" {
		v.ReceivedAt = k.Now().In(zone).Format(minuteLayout)
	}
	k.page(c, status, "console/new_ticket", v)
}
